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

impl LowStock {
    /// One line that says it, of at most 100 characters: what the topic allows for a subject.
    pub fn subject(&self) -> String {
        let sku: String = self.sku.chars().filter(char::is_ascii_graphic).take(40).collect();
        format!("Low stock: {sku}, {} left", self.available)
    }

    /// The whole message.
    pub fn text(&self) -> String {
        format!(
            "{} ({}), sold by {}, is running low. Units available: {}. Alert threshold: {}.\nProduct: {}\n",
            self.name, self.sku, self.seller_id, self.available, self.threshold, self.product_id
        )
    }
}

/// The topic that administrators subscribe to.
#[async_trait]
pub trait Alerts: Send + Sync {
    /// Tells that little is left.
    async fn low_stock(&self, alert: &LowStock) -> Result<(), PublishError>;
}
