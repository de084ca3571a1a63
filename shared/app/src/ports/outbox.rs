//! How far the events of orders were published.

use std::collections::HashMap;

use async_trait::async_trait;
use jiff::Timestamp;
use oms_domain::chain::Sealed;
use oms_domain::ids::OrderId;

use super::StoreError;

/// Most markers that are read in one round trip.
pub const MAX_MARKERS: usize = 100;

/// How far the events of one order were published. It never names more than was, and may name less: then some are published
/// again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marker {
    pub order_id: OrderId,
    /// Every event up to this version was published.
    pub published: u64,
    /// When to publish what is behind it, if the stream does not bring it again.
    pub look_at: Option<Timestamp>,
}

/// The outbox beside the stream: the stream tells that there is something to publish, this tells what.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Up to which version the events of these orders were published, as far as they have a marker. Current, and one round
    /// trip for up to [`MAX_MARKERS`].
    async fn published(&self, orders: &[OrderId]) -> Result<HashMap<OrderId, u64>, StoreError>;

    /// Writes markers over what was there; one for each order.
    async fn mark(&self, markers: &[Marker]) -> Result<(), StoreError>;

    /// All stored events of an order, oldest first. Current.
    async fn stored(&self, order_id: OrderId) -> Result<Vec<Sealed>, StoreError>;

    /// Up to `limit` orders whose marker says to look at them by now, the longest waiting first, from an index that may lag.
    async fn unpublished(&self, now: Timestamp, limit: usize) -> Result<Vec<OrderId>, StoreError>;
}
