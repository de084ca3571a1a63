//! The store of products and rates.

use async_trait::async_trait;
use jiff::Timestamp;
use oms_domain::catalog::Product;
use oms_domain::ids::ProductId;
use oms_domain::pricing::TaxTable;
use oms_domain::pricing::promotion::PromotionTable;
use oms_domain::pricing::shipping::ShippingTable;
use oms_domain::returns::policy::ReturnsTable;

use super::StoreError;

/// What prices depend on beside the products.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rates {
    /// Tax by destination and class.
    pub taxes: TaxTable,
    /// Ways to bring an order.
    pub shipping: ShippingTable,
    /// What is taken off.
    pub promotions: PromotionTable,
}

/// A table over time. Whoever reads it knows now what will count later, so all processes change over at the same moment,
/// however long they have remembered it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schedule<T> {
    first: T,
    /// Versions that count from a moment on, in the order of these.
    later: Vec<(Timestamp, T)>,
}

impl<T> Schedule<T> {
    /// One table, as long as nothing else is announced.
    pub fn of(first: T) -> Self {
        Schedule { first, later: Vec::new() }
    }

    /// Another one from this moment on, later than all before.
    #[must_use]
    pub fn then(mut self, from: Timestamp, table: T) -> Self {
        self.later.push((from, table));
        self
    }

    /// The table that counts at a moment.
    pub fn at(&self, moment: Timestamp) -> &T {
        let begun = self.later.iter().rfind(|(from, _)| *from <= moment);
        begun.map_or(&self.first, |(_, table)| table)
    }
}

/// The terms of returns at one of their versions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NumberedReturns {
    /// 0 before anybody has set them up.
    pub version: u64,
    pub table: ReturnsTable,
}

/// The rates over time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RateSchedule {
    /// Tax by destination and class.
    pub taxes: Schedule<TaxTable>,
    /// Ways to bring an order.
    pub shipping: Schedule<ShippingTable>,
    /// What is taken off.
    pub promotions: Schedule<PromotionTable>,
    /// On which terms goods come back: no price depends on them, and an order keeps those of its placement.
    pub returns: Schedule<NumberedReturns>,
}

impl RateSchedule {
    /// The rates that count at a moment.
    pub fn at(&self, moment: Timestamp) -> Rates {
        Rates {
            taxes: self.taxes.at(moment).clone(),
            shipping: self.shipping.at(moment).clone(),
            promotions: self.promotions.at(moment).clone(),
        }
    }
}

impl From<Rates> for RateSchedule {
    /// As long as nothing else is announced.
    fn from(rates: Rates) -> Self {
        RateSchedule {
            taxes: Schedule::of(rates.taxes),
            shipping: Schedule::of(rates.shipping),
            promotions: Schedule::of(rates.promotions),
            returns: Schedule::default(),
        }
    }
}

/// A page of the catalog, sorted by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductPage {
    /// Active products with their current stock.
    pub products: Vec<Product>,
    /// Where the next page begins, if there is more.
    pub next: Option<String>,
}

/// The store of products and rates. Orders move stock through [`super::Orders::commit`], never through this port.
#[async_trait]
pub trait Catalog: Send + Sync {
    /// Those of the products (up to 100) that exist, in any order, together with the rates: one round trip.
    async fn quote(&self, ids: &[ProductId]) -> Result<(Vec<Product>, RateSchedule), StoreError>;

    /// One product as it is now.
    async fn product(&self, id: ProductId) -> Result<Option<Product>, StoreError>;

    /// Up to `limit` (1–100) active products behind the place that the page before told. A place that is not one
    /// of ours starts somewhere else in the list, nothing worse.
    async fn page(&self, after: Option<&str>, limit: usize) -> Result<ProductPage, StoreError>;

    /// Writes a product unless there is one of this id. True if it was written.
    async fn add(&self, product: &Product) -> Result<bool, StoreError>;

    /// Sets the rates up; they count at once.
    async fn set_rates(&self, rates: &Rates) -> Result<(), StoreError>;
}
