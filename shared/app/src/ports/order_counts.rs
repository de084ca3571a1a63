//! How many orders there are.

use async_trait::async_trait;
use jiff::Timestamp;
use oms_domain::ordering::Status;

use super::StoreError;

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OrderCount {
    /// So many orders.
    pub orders: u64,
    /// Whether that is all of them; counting ends at a bound.
    pub complete: bool,
}

/// Counts by an index, which may lag; never by a scan.
#[async_trait]
pub trait OrderCounts: Send + Sync {
    /// Orders in a state, of those that were created before a time if one is given.
    async fn count(&self, status: Status, created_before: Option<Timestamp>) -> Result<OrderCount, StoreError>;
}
