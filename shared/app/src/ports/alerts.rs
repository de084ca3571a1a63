//! What administrators are told.

use async_trait::async_trait;
use oms_domain::fulfilment::ShipmentId;
use oms_domain::ids::{OrderId, ProductId, SellerId};

use super::PublishError;

/// Little of a product is left (F7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LowStock {
    /// Names the crossing: `<product id>/<how many-th>`.
    pub id: String,
    pub product_id: ProductId,
    /// The seller's code for it.
    pub sku: String,
    pub name: String,
    pub seller_id: SellerId,
    /// Units left.
    pub available: u32,
    /// At how many units to tell.
    pub threshold: u32,
}

/// An order could not be prepared by itself, and is on hold for a person (`ORD-3001`, L5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FulfilmentFailed {
    /// Names the event that was to be followed: `<order id>/<version>`.
    pub id: String,
    pub order_id: OrderId,
    /// Which shipment; nothing where the order could not even be begun.
    pub shipment: Option<ShipmentId>,
    pub why: FulfilmentFailure,
    /// How often it was tried.
    pub tries: u32,
}

/// Why an order could not be prepared by itself. Nobody's name or address is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FulfilmentFailure {
    /// What is needed could not be reached for hours.
    Unavailable,
    /// The carrier refuses the label.
    Refused,
    /// The location has no address, the shop has no such carrier, or it cannot print an address.
    Impossible,
}

/// What administrators are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alert {
    LowStock(LowStock),
    FulfilmentFailed(FulfilmentFailed),
}

/// The topic that administrators subscribe to.
#[async_trait]
pub trait Alerts: Send + Sync {
    /// Tells it.
    async fn tell(&self, alert: &Alert) -> Result<(), PublishError>;
}
