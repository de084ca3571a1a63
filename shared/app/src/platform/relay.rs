//! Publishes what was committed: stream → topic. The stream is the outbox.
//!
//! 1. Read each stored event. The stream promises an order for each item only, and every event is an item: those of one
//!    transaction may come in any order, in several batches, between repeats.
//! 2. Publish each order's events in the order of their versions ([`Publisher`]).
//! 3. Answer with the records that were not published and marked; the stream delivers again from the first of them.
//! 4. Tell the figures of what comes before that, and is therefore over ([`business_metrics`]).
//!
//! Guarantee: at least once, and version n of an order only after n-1. Consumers meet repeats by the event's id.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use oms_domain::ids::OrderId;
use oms_domain::ordering::Record;

use super::publisher::{Publisher, Wanted};
use crate::insights::business_metrics;
use crate::ports::Metrics;

/// A stored event as the stream delivers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamRecord {
    /// Its place in the stream.
    pub sequence_number: String,
    /// Of which order.
    pub order_id: Option<OrderId>,
    /// Which event of it.
    pub version: Option<u64>,
    /// The stored text.
    pub body: String,
}

impl StreamRecord {
    /// The event, if it is the one that its key names.
    fn read(&self) -> Option<Record> {
        let record = serde_json::from_str::<Record>(&self.body).ok()?;
        (Some(record.version) == self.version).then_some(record)
    }
}

pub struct Relay {
    publisher: Publisher,
    metrics: Option<Arc<dyn Metrics>>,
}

impl Relay {
    pub fn new(publisher: Publisher) -> Self {
        Relay { publisher, metrics: None }
    }

    /// Tells business figures of what was published (P4).
    #[must_use]
    pub fn with_metrics(self, metrics: Arc<dyn Metrics>) -> Self {
        Relay { metrics: Some(metrics), ..self }
    }

    /// Publishes the records and answers with the sequence numbers of those that must be delivered again.
    pub async fn run(&self, records: &[StreamRecord]) -> Vec<String> {
        let done = self.publisher.publish(by_order(records)).await;
        let over = |record: &StreamRecord| {
            let reached = record.order_id.and_then(|id| done.get(&id));
            reached.zip(record.version).is_some_and(|(reached, version)| version <= reached.marked)
        };
        let first = records.iter().position(|record| !over(record)).unwrap_or(records.len());
        self.tell(&records[..first]);
        let failed = records.iter().filter(|record| !over(record));
        failed.map(|record| record.sequence_number.clone()).collect()
    }

    /// Figures of records that the stream will not deliver again.
    fn tell(&self, over: &[StreamRecord]) {
        let Some(metrics) = &self.metrics else { return };
        for stream in over {
            let line = stream
                .order_id
                .zip(stream.read())
                .and_then(|(order_id, record)| business_metrics::of(order_id, &record));
            if let Some(line) = line {
                metrics.emit(&line);
            }
        }
    }
}

/// What the records want published, in the order in which their orders came first. One that cannot be read is wanted too: it
/// keeps what follows it.
fn by_order(records: &[StreamRecord]) -> Vec<Wanted> {
    let mut wanted: Vec<Wanted> = Vec::new();
    let mut places: HashMap<OrderId, usize> = HashMap::new();
    for stream in records {
        let Some((order_id, version)) = stream.order_id.zip(stream.version) else {
            tracing::error!(sequence_number = %stream.sequence_number, "record of the stream is no event");
            continue;
        };
        let place = *places.entry(order_id).or_insert_with(|| {
            wanted.push(Wanted { order_id, in_hand: BTreeMap::new(), until: Some(0) });
            wanted.len() - 1
        });
        let wanted = &mut wanted[place];
        wanted.until = wanted.until.max(Some(version));
        if let Some(record) = stream.read() {
            wanted.in_hand.insert(version, record);
        } else {
            tracing::error!(sequence_number = %stream.sequence_number, "stored event cannot be read");
        }
    }
    wanted
}
