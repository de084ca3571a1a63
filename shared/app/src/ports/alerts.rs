//! What administrators are told.

use async_trait::async_trait;
use oms_domain::ids::{ProductId, SellerId};

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

/// The topic that administrators subscribe to.
#[async_trait]
pub trait Alerts: Send + Sync {
    /// Tells that little is left.
    async fn low_stock(&self, alert: &LowStock) -> Result<(), PublishError>;
}
