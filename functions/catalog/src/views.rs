//! Catalog entries and stock as clients see them.

use jiff::Timestamp;
use oms_app::catalog::editing::may_manage;
use oms_app::ports::Entry;
use oms_domain::actor::Caller;
use oms_domain::catalog::Product;
use oms_domain::catalog::movement::Movement;
use oms_domain::catalog::stock::Stock;
use oms_domain::money::Money;
use oms_runtime::http::view::ActorView;
use serde::Serialize;
use utoipa::ToSchema;

/// A product of the catalog with its availability.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProductView {
    /// Its id.
    pub id: String,
    /// The seller's code for it.
    pub sku: String,
    /// What it is called.
    pub name: String,
    /// Groups products that can stand in for each other.
    pub category: String,
    /// Whose it is.
    pub seller_id: String,
    /// Price of a unit, before tax.
    pub price: String,
    /// ISO 4217.
    pub currency: String,
    /// Which row of the tax table applies.
    pub tax_class: String,
    /// What a unit weighs with its packaging.
    pub weight_grams: u32,
    /// False once discontinued.
    pub active: bool,
    /// Countries it is sold to; empty means everywhere.
    pub regions: Vec<String>,
    /// Units that can be ordered now.
    pub available: u32,
}

impl ProductView {
    /// The product as clients see it.
    pub fn of(product: &Product) -> Self {
        ProductView {
            id: product.id.to_string(),
            sku: product.sku.clone(),
            name: product.name.clone(),
            category: product.category.clone(),
            seller_id: product.seller_id.to_string(),
            price: Money::new(product.price, product.currency).decimal(),
            currency: product.currency.code().to_owned(),
            tax_class: product.tax_class.clone(),
            weight_grams: product.weight_grams,
            active: product.active,
            regions: product.regions.clone(),
            available: product.stock.available,
        }
    }
}

/// A product with all that is known of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EntryView {
    /// What lists show as well.
    #[serde(flatten)]
    pub product: ProductView,
    /// Plain text.
    pub description: String,
    /// Addresses of images, the first one leading.
    pub images: Vec<String>,
    /// At how many available units administrators are told; shown to those who manage the product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low_stock_threshold: Option<u32>,
    /// Whether its counters are kept in several places; shown to those who manage the product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hot: Option<bool>,
    /// Counts the edits of the entry; also its `ETag`.
    pub version: u64,
}

impl EntryView {
    /// The entry as this caller sees it.
    pub fn of(entry: &Entry, caller: &Caller) -> Self {
        let manages = may_manage(caller, &entry.product.seller_id).is_ok();
        EntryView {
            product: ProductView::of(&entry.product),
            description: entry.detail.description.clone(),
            images: entry.detail.images.clone(),
            low_stock_threshold: entry.product.low_stock_threshold.filter(|_| manages),
            hot: Some(entry.product.hot).filter(|_| manages),
            version: entry.product.version,
        }
    }
}

/// Counters of a product, in units:
/// `received = available + reserved + on_hold + damaged + shipped − returned + written_off`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CountersView {
    /// Can be ordered.
    pub available: u32,
    /// Belongs to orders that have not shipped.
    pub reserved: u32,
    /// Waits for a quality check.
    pub on_hold: u32,
    /// Cannot be sold.
    pub damaged: u32,
    /// Handed to carriers, ever.
    pub shipped: u32,
    /// Come back from customers, ever.
    pub returned: u32,
    /// Taken off the books, ever.
    pub written_off: u32,
    /// Taken in, ever.
    pub received: u32,
}

impl CountersView {
    /// The counters as clients see them.
    pub fn of(stock: &Stock) -> Self {
        let Stock { available, reserved, on_hold, damaged, shipped, returned, received, written_off } = *stock;
        CountersView { available, reserved, on_hold, damaged, shipped, returned, written_off, received }
    }
}

/// A recorded movement of stock.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MovementView {
    /// Its id.
    pub id: String,
    /// receive, hold, `release_hold`, damage or `write_off`.
    pub movement: String,
    /// How many units.
    pub quantity: u32,
    /// Why.
    pub reason: String,
    /// Who did it.
    pub actor: ActorView,
    /// When.
    pub at: Timestamp,
    /// On which request.
    pub correlation_id: String,
    /// The counters right after it.
    pub after: CountersView,
}

impl MovementView {
    /// The movement as clients see it.
    pub fn of(movement: &Movement) -> Self {
        MovementView {
            id: movement.id.to_string(),
            movement: movement.kind.name().to_owned(),
            quantity: movement.quantity,
            reason: movement.reason.clone(),
            actor: ActorView { id: movement.actor.id.clone(), role: movement.actor.role },
            at: movement.at,
            correlation_id: movement.correlation_id.clone(),
            after: CountersView::of(&movement.after),
        }
    }
}
