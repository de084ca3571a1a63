//! The keys that signed links are sealed with.

use std::sync::Arc;

use async_trait::async_trait;
use oms_domain::signed_link::KeyRing;

/// The keys cannot be had for now. Nothing of them is in the reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the keys of signed links cannot be had: {0}")]
pub struct NoLinkKeys(pub String);

/// Where the keys of signed links are.
#[async_trait]
pub trait LinkKeys: Send + Sync {
    /// All keys, the one that signs first; they may be some minutes old.
    async fn ring(&self) -> Result<Arc<KeyRing>, NoLinkKeys>;
}

/// Keys that a place has once and for all.
#[async_trait]
impl LinkKeys for KeyRing {
    async fn ring(&self) -> Result<Arc<KeyRing>, NoLinkKeys> {
        Ok(Arc::new(self.clone()))
    }
}
