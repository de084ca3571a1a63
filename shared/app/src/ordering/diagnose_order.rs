//! Says what an order waits for, since when, until when, and what a person can do (G9).
//!
//! The order tells most of it, and its events since when. Whether those have left for messages, refunds and whoever else hears of
//! them, the outbox marker beside the order tells. All three are read at once.

use std::sync::Arc;

use futures::future::try_join3;
use jiff::{SignedDuration, Timestamp};
use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_domain::ids::OrderId;
use oms_domain::ordering::{Record, Status, Wait};

use crate::error::Error;
use crate::execute::load;
use crate::ports::{Clock, Orders, Outbox};

/// For how long events may be on their way without anything being wrong.
const USUAL_SECONDS: i64 = 60;

/// What an order waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    pub status: Status,
    pub version: u64,
    /// What keeps it from everything else first; nothing if it is at rest.
    pub waits: Vec<Wait>,
    pub at: Timestamp,
}

pub struct DiagnoseOrder {
    orders: Arc<dyn Orders>,
    outbox: Arc<dyn Outbox>,
    clock: Arc<dyn Clock>,
}

impl DiagnoseOrder {
    pub fn new(orders: Arc<dyn Orders>, outbox: Arc<dyn Outbox>, clock: Arc<dyn Clock>) -> Self {
        DiagnoseOrder { orders, outbox, clock }
    }

    pub async fn run(&self, caller: &Caller, order_id: OrderId) -> Result<Diagnosis, Error> {
        let order = load(self.orders.as_ref(), Operation::DiagnoseOrder, caller, order_id);
        let ids = [order_id];
        let published = async { Ok::<_, Error>(self.outbox.published(&ids).await?) };
        let events = async { Ok::<_, Error>(self.orders.events(order_id).await?) };
        let (stored, published, events) = try_join3(order, published, events).await?;
        let history: Vec<Record> = events.iter().filter_map(|event| serde_json::from_str(&event.body).ok()).collect();
        let (order, now) = (stored.order, self.clock.now());
        let mut waits = order.waits(&history);
        let told = published.get(&order_id).copied().unwrap_or_default();
        let late = order.updated_at.checked_add(SignedDuration::from_secs(USUAL_SECONDS)).is_ok_and(|late| late < now);
        if told < order.version && late {
            waits.push(Wait {
                code: "events",
                text: format!(
                    "What happened from version {} on has not been told to messages, refunds and others.",
                    told + 1
                ),
                since: order.updated_at,
                until: None,
                can_do: vec!["Look at the alarms of the relay and at its dead letters."],
            });
        }
        Ok(Diagnosis { status: order.status, version: order.version, waits, at: now })
    }
}
