//! Catalog entries and stock as clients see them.

use jiff::Timestamp;
use oms_app::ports::ProductEntry;
use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_domain::catalog::Product;
use oms_domain::catalog::movement::Movement;
use oms_domain::catalog::stock::Stock;
use oms_domain::money::Money;
use oms_runtime::http::bounded::MoneyText;
use oms_runtime::http::view::ActorView;
use oms_runtime::http::words;
use serde::Serialize;
use utoipa::ToSchema;

/// A product with its availability.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01976b7a-0000-7000-8000-000000000001", "sku": "MUG-1", "name": "Blue mug", "category": "kitchen",
    "seller_id": "north-pottery", "price": "19.90", "currency": "EUR", "tax_class": "standard", "weight_grams": 350,
    "active": true, "regions": [], "available": 48
})))]
pub struct ProductView {
    /// The id.
    #[schema(format = Uuid)]
    pub id: String,
    /// The seller's SKU.
    pub sku: String,
    /// Product name.
    pub name: String,
    /// Category of interchangeable products.
    pub category: String,
    /// The seller's id.
    pub seller_id: String,
    /// Unit price before tax.
    pub price: MoneyText,
    /// Currency code, ISO 4217.
    pub currency: String,
    /// Tax class.
    pub tax_class: String,
    /// Weight of a unit with packaging, in grams.
    pub weight_grams: u32,
    /// Whether the product is on sale; false once discontinued.
    pub active: bool,
    /// Countries in which the product is sold; empty means everywhere.
    pub regions: Vec<String>,
    /// Units available to order.
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
            price: Money::new(product.price, product.currency).into(),
            currency: product.currency.code().to_owned(),
            tax_class: product.tax_class.clone(),
            weight_grams: product.weight_grams,
            active: product.active,
            regions: product.regions.clone(),
            available: product.stock.available,
        }
    }
}

/// A product with all its details.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01976b7a-0000-7000-8000-000000000001", "sku": "MUG-1", "name": "Blue mug", "category": "kitchen",
    "seller_id": "north-pottery", "price": "19.90", "currency": "EUR", "tax_class": "standard", "weight_grams": 350,
    "active": true, "regions": [], "available": 48,
    "description": "Holds 300 ml.", "images": ["https://img.example/mug-1.jpg"], "version": 1
})))]
pub struct EntryView {
    /// Fields also shown in lists.
    #[serde(flatten)]
    pub product: ProductView,
    /// Description in plain text.
    pub description: String,
    /// Image URLs; the first is the main image.
    pub images: Vec<String>,
    /// Low-stock alert threshold, in units; only shown to those who manage the product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low_stock_threshold: Option<u32>,
    /// Most units in one order, where the product has a limit of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_per_order: Option<u32>,
    /// Whether the stock counters are spread; only shown to those who manage the product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hot: Option<bool>,
    /// Number of edits, also sent as `ETag`.
    pub version: u64,
}

impl EntryView {
    /// The entry as this caller sees it.
    pub fn of(entry: &ProductEntry, caller: &Caller) -> Self {
        let manages = Operation::UpdateProduct.permits(caller, &entry.product.seller_id).is_ok();
        EntryView {
            product: ProductView::of(&entry.product),
            description: entry.detail.description.clone(),
            images: entry.detail.images.clone(),
            low_stock_threshold: entry.product.low_stock_threshold.filter(|_| manages),
            max_per_order: entry.product.max_per_order,
            hot: Some(entry.product.hot).filter(|_| manages),
            version: entry.product.version,
        }
    }
}

/// Counters of a product, in units:
/// `received = available + reserved + on_hold + damaged + shipped − returned + written_off`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CountersView {
    /// Units that can be ordered.
    pub available: u32,
    /// Units reserved for orders that have not shipped.
    pub reserved: u32,
    /// Units set aside, e.g. for a quality check.
    pub on_hold: u32,
    /// Units that cannot be sold.
    pub damaged: u32,
    /// Total units handed to carriers.
    pub shipped: u32,
    /// Total units returned by customers.
    pub returned: u32,
    /// Total units written off.
    pub written_off: u32,
    /// Total units received.
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
#[schema(examples(json!({
    "id": "01976b7a-0000-7000-8000-000000000004", "movement": "receive", "quantity": 20, "reason": "delivery 4711",
    "actor": {"id": "grace", "role": "admin"}, "at": "2026-01-05T10:00:00Z", "correlation_id": "req-1",
    "after": {"available": 48, "reserved": 2, "on_hold": 0, "damaged": 0, "shipped": 0, "returned": 0, "written_off": 0, "received": 50}
})))]
pub struct MovementView {
    /// Its id.
    #[schema(format = Uuid)]
    pub id: String,
    #[schema(value_type = words::MovementKind)]
    pub movement: String,
    /// Number of units.
    pub quantity: u32,
    /// Reason.
    pub reason: String,
    /// Who acted.
    pub actor: ActorView,
    /// When it happened.
    pub at: Timestamp,
    /// Correlation id of the request.
    pub correlation_id: String,
    /// Counters right after the movement.
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

/// Texts as the catalog takes them.
pub(crate) fn texts<T: Into<String>>(given: Vec<T>) -> Vec<String> {
    given.into_iter().map(Into::into).collect()
}
