//! The links by which customers follow their parcels without signing in (J10, I6).

use std::sync::Arc;

use jiff::Timestamp;
use oms_domain::ids::OrderId;
use oms_domain::signed_link::{Link, Purpose};

use crate::ports::{LinkKeys, NoLinkKeys};

/// Makes tracking links.
pub struct TrackingLinks {
    keys: Arc<dyn LinkKeys>,
    /// What stands before a token, without a slash at the end.
    base: String,
}

impl TrackingLinks {
    /// Links that begin with `base`.
    pub fn new(keys: Arc<dyn LinkKeys>, base: &str) -> Self {
        TrackingLinks { keys, base: base.trim_end_matches('/').to_owned() }
    }

    /// The link for what happened to an order then. A message that is sent again has the same.
    pub async fn of(&self, order_id: OrderId, then: Timestamp) -> Result<String, NoLinkKeys> {
        let token = Link::new(Purpose::Track, order_id, then).token(self.keys.ring().await?.as_ref());
        Ok(format!("{}/{token}", self.base))
    }
}
