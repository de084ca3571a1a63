//! The store of products and rates.

use async_trait::async_trait;
use oms_domain::catalog::Product;
use oms_domain::ids::ProductId;
use oms_domain::pricing::TaxTable;
use oms_domain::pricing::promotion::PromotionTable;
use oms_domain::pricing::shipping::ShippingTable;

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
    async fn quote(&self, ids: &[ProductId]) -> Result<(Vec<Product>, Rates), StoreError>;

    /// One product as it is now.
    async fn product(&self, id: ProductId) -> Result<Option<Product>, StoreError>;

    /// Up to `limit` (1–100) active products behind the place that the page before told. A place that is not one
    /// of ours starts somewhere else in the list, nothing worse.
    async fn page(&self, after: Option<&str>, limit: usize) -> Result<ProductPage, StoreError>;

    /// Writes a product unless there is one of this id. True if it was written.
    async fn add(&self, product: &Product) -> Result<bool, StoreError>;

    /// Replaces the rates.
    async fn set_rates(&self, rates: &Rates) -> Result<(), StoreError>;
}
