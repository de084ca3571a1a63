//! What all processes know together about a provider that does not answer.

use async_trait::async_trait;
use jiff::Timestamp;

use super::StoreError;

/// Whether a provider is asked at present. One that was never heard of has a closed circuit at version 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Circuit {
    /// Outages in a row.
    pub failures: u32,
    /// Until then nobody asks; whoever comes first afterwards probes. Nothing while it is closed.
    pub open_until: Option<Timestamp>,
    /// Counts the writes, so that of several who write on what they saw one wins.
    pub version: u64,
}

/// The store of circuits, one small item per provider.
#[async_trait]
pub trait Circuits: Send + Sync {
    /// The provider's circuit; may lag by a moment.
    async fn circuit(&self, provider: &str) -> Result<Circuit, StoreError>;

    /// Writes `failures` and `open_until` if the circuit is still at `next.version - 1`; whether it was.
    async fn switch(&self, provider: &str, next: &Circuit) -> Result<bool, StoreError>;
}
