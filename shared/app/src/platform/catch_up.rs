//! Finds the orders whose events were not all published and has them published, whatever became of the stream: what a dead
//! letter of the relay stands for, and what a stream forgot while nobody read it.
//!
//! Each order's marker is compared with its stored events. An order that is behind is looked at again at once: the next sweep
//! publishes it from its marker. An operator runs this; it reads every order's line in the lists, and the events of those
//! that changed since then.

use std::sync::Arc;

use jiff::Timestamp;
use oms_domain::chain::Sealed;
use oms_domain::ids::OrderId;
use oms_domain::ordering::Record;

use crate::error::Error;
use crate::ports::{Clock, ListQuery, MAX_MARKERS, Marker, Orders, Outbox, Scope};

/// Most pages of orders that are looked through; a page is as large as one read of markers.
const MAX_PAGES: usize = 1_000_000;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CaughtUp {
    /// Orders that changed since then.
    pub looked: usize,
    /// Those of them that are published by the next sweep.
    pub behind: usize,
}

pub struct CatchUp {
    orders: Arc<dyn Orders>,
    outbox: Arc<dyn Outbox>,
    clock: Arc<dyn Clock>,
}

impl CatchUp {
    pub fn new(orders: Arc<dyn Orders>, outbox: Arc<dyn Outbox>, clock: Arc<dyn Clock>) -> Self {
        CatchUp { orders, outbox, clock }
    }

    /// Looks at all orders that changed at `since` or after it. What happened before to an order that has no marker counts as
    /// published.
    pub async fn run(&self, since: Timestamp) -> Result<CaughtUp, Error> {
        let mut found = CaughtUp::default();
        let mut query = ListQuery {
            scope: Scope::Everyone,
            statuses: Vec::new(),
            from: None,
            until: None,
            newest_first: true,
            limit: MAX_MARKERS,
            after: None,
        };
        for _ in 0..MAX_PAGES {
            let page = self.orders.list(&query).await?;
            let changed = page.entries.iter().filter(|summary| summary.updated_at >= since);
            self.look(&changed.map(|summary| summary.id).collect::<Vec<_>>(), since, &mut found).await?;
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
        Ok(found)
    }

    async fn look(&self, ids: &[OrderId], since: Timestamp, found: &mut CaughtUp) -> Result<(), Error> {
        let markers = if ids.is_empty() { return Ok(()) } else { self.outbox.published(ids).await? };
        let now = self.clock.now();
        let mut behind = Vec::new();
        for id in ids {
            let stored = self.outbox.stored(*id).await?;
            let published = markers.get(id).copied().unwrap_or_else(|| before(&stored, since));
            if stored.last().is_some_and(|newest| newest.version > published) {
                behind.push(Marker { order_id: *id, published, look_at: Some(now) });
            }
        }
        found.looked += ids.len();
        found.behind += behind.len();
        if !behind.is_empty() {
            self.outbox.mark(&behind).await?;
        }
        Ok(())
    }
}

/// The last version of before.
fn before(stored: &[Sealed], since: Timestamp) -> u64 {
    let earlier = |sealed: &&Sealed| serde_json::from_str::<Record>(&sealed.body).is_ok_and(|record| record.at < since);
    stored.iter().rev().find(earlier).map_or(0, |sealed| sealed.version)
}
