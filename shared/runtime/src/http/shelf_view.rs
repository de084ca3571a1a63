//! Catalogue entries and stock as clients see them.

use jiff::Timestamp;
use oms_app::catalogue::may_manage;
use oms_app::ports::Entry;
use oms_domain::actor::Caller;
use oms_domain::movement::Movement;
use oms_domain::stock::Stock;
use serde::Serialize;
use utoipa::ToSchema;

use super::view::{ActorView, ProductView};

/// A product with all its details.
#[derive(Debug, Clone, Serialize, ToSchema)]
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
    /// Whether the stock counters are spread; only shown to those who manage the product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hot: Option<bool>,
    /// Number of edits, also sent as `ETag`.
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
pub struct MovementView {
    /// The id.
    pub id: String,
    /// receive, hold, `release_hold`, damage or `write_off`.
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
