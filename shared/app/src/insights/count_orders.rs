//! Every quarter of an hour: how many orders somebody waits for, and how many have waited too long (P4, G9).
//!
//! 1. Count the orders of each active state in the `by_status` index. What that reads grows with the orders that are
//!    active, not with those that are stored.
//! 2. Count those that were created too long ago for the state that they are in: they are stuck, and a person should see
//!    why. Normally there are none, and looking costs next to nothing.
//! 3. Tell both, if there are any: a metric that nobody writes counts as zero, and costs nothing.

use std::sync::Arc;

use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use oms_domain::ordering::Status;

use crate::error::Error;
use crate::ports::{Clock, Line, Metrics, OrderCount, OrderCounts, Unit};

/// States in which somebody waits for something: the shop for money, the customer for goods or money.
const ACTIVE: [Status; 6] = [
    Status::Pending,
    Status::Confirmed,
    Status::Processing,
    Status::Shipped,
    Status::ReturnRequested,
    Status::Returned,
];

/// States in which an order should not be so many hours after it was created. A hold ends after half an hour, so the first
/// says that the sweep does not do its work, or that nobody reviews what a fraud check holds.
const OVERDUE: [(Status, i64); 3] = [(Status::Pending, 24), (Status::Confirmed, 48), (Status::Processing, 72)];

/// What a run found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    /// Orders in an active state.
    pub active: u64,
    /// Orders that are in a state for too long.
    pub stuck: u64,
}

pub struct CountOrders {
    order_counts: Arc<dyn OrderCounts>,
    clock: Arc<dyn Clock>,
    metrics: Arc<dyn Metrics>,
}

impl CountOrders {
    pub fn new(order_counts: Arc<dyn OrderCounts>, clock: Arc<dyn Clock>, metrics: Arc<dyn Metrics>) -> Self {
        CountOrders { order_counts, clock, metrics }
    }

    pub async fn run(&self, correlation_id: &str) -> Result<Counted, Error> {
        let now = self.clock.now();
        let active = try_join_all(ACTIVE.map(|status| self.order_counts.count(status, None))).await?;
        let overdue = OVERDUE.map(|(status, hours)| self.order_counts.count(status, Some(before(now, hours))));
        let stuck = try_join_all(overdue).await?;
        let counted = Counted { active: sum(&active), stuck: sum(&stuck) };
        if active.iter().chain(&stuck).any(|tally| !tally.complete) {
            tracing::warn!(active = counted.active, stuck = counted.stuck, "there are more orders than were counted");
        }
        if counted == Counted::default() {
            return Ok(counted);
        }
        let mut line = Line::new("orders counted").fact("correlation_id", correlation_id);
        for (status, tally) in ACTIVE.iter().zip(&active) {
            line = line.fact(status.name(), &tally.orders);
        }
        line = line.figure("active_orders", Unit::Count, counted.active);
        if counted.stuck > 0 {
            line = line.figure("stuck_orders", Unit::Count, counted.stuck);
        }
        self.metrics.emit(&line);
        Ok(counted)
    }
}

fn before(now: Timestamp, hours: i64) -> Timestamp {
    now.saturating_sub(SignedDuration::from_hours(hours)).unwrap_or(now)
}

fn sum(tallies: &[OrderCount]) -> u64 {
    tallies.iter().map(|tally| tally.orders).sum()
}
