//! Publishes what was committed: stream → topic. The stream is the outbox.
//!
//! 1. Read each stored event and translate it into its public form.
//! 2. Publish in rounds: a round holds at most one event of each order, so an event that fails never lets a later one
//!    of the same order overtake it. Nor does one that cannot be read: what follows it waits until it is set aside.
//! 3. Answer with the records that were not published; the stream delivers again from the first of them.
//! 4. Tell the figures of what comes before that, and is therefore over ([`figures`]).
//!
//! Guarantee: at least once, in order per order. Consumers meet repeats by the event's id.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use oms_domain::ids::OrderId;
use oms_domain::ordering::Record;
use oms_domain::public_event::CloudEvent;

use crate::insights::business_metrics;
use crate::ports::{EventBus, Metrics};

/// Most events that the topic takes in one call.
pub const MAX_BATCH: usize = 10;

/// A stored event as the stream delivers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamRecord {
    /// Its place in the stream.
    pub sequence_number: String,
    /// Of which order.
    pub order_id: Option<OrderId>,
    /// The stored text.
    pub body: String,
}

pub struct Relay {
    bus: Arc<dyn EventBus>,
    metrics: Option<Arc<dyn Metrics>>,
}

impl Relay {
    pub fn new(bus: Arc<dyn EventBus>) -> Self {
        Relay { bus, metrics: None }
    }

    /// Tells business figures of what was published (P4).
    #[must_use]
    pub fn with_metrics(self, metrics: Arc<dyn Metrics>) -> Self {
        Relay { metrics: Some(metrics), ..self }
    }

    /// Publishes the records and answers with the sequence numbers of those that must be delivered again.
    pub async fn run(&self, records: &[StreamRecord]) -> Vec<String> {
        let mut failed: HashSet<usize> = HashSet::new();
        let mut stuck: HashSet<OrderId> = HashSet::new();
        for round in rounds(records, &mut failed) {
            for batch in round.chunks(MAX_BATCH) {
                let due: Vec<&(usize, CloudEvent)> =
                    batch.iter().filter(|(_, event)| !stuck.contains(&event.subject)).collect();
                failed.extend(batch.iter().filter(|(_, event)| stuck.contains(&event.subject)).map(|(place, _)| place));
                if due.is_empty() {
                    continue;
                }
                let events: Vec<CloudEvent> = due.iter().map(|(_, event)| event.clone()).collect();
                let answers = self.bus.publish(&events).await;
                for (index, (place, event)) in due.into_iter().enumerate() {
                    let (event_id, correlation_id) = (&event.id, &event.correlationid);
                    if let Some(Ok(())) = answers.get(index) {
                        tracing::info!(event_id, correlation_id, kind = event.kind, "event was published");
                        continue;
                    }
                    tracing::warn!(event_id, correlation_id, answer = ?answers.get(index), "event was not published");
                    failed.insert(*place);
                    stuck.insert(event.subject);
                }
            }
        }
        let mut failed: Vec<usize> = failed.into_iter().collect();
        failed.sort_unstable();
        self.tell(&records[..failed.first().copied().unwrap_or(records.len())]);
        failed.into_iter().map(|place| records[place].sequence_number.clone()).collect()
    }
}

impl Relay {
    /// Figures of records that the stream will not deliver again.
    fn tell(&self, over: &[StreamRecord]) {
        let Some(metrics) = &self.metrics else { return };
        for stream in over {
            let record = serde_json::from_str::<Record>(&stream.body).ok();
            let line =
                stream.order_id.zip(record).and_then(|(order_id, record)| business_metrics::of(order_id, &record));
            if let Some(line) = line {
                metrics.emit(&line);
            }
        }
    }
}

/// The k-th round holds the k-th event of every order.
fn rounds(records: &[StreamRecord], failed: &mut HashSet<usize>) -> Vec<Vec<(usize, CloudEvent)>> {
    let mut rounds: Vec<Vec<(usize, CloudEvent)>> = Vec::new();
    let mut seen: HashMap<OrderId, usize> = HashMap::new();
    let mut held: HashSet<OrderId> = HashSet::new();
    for (place, stream) in records.iter().enumerate() {
        if stream.order_id.is_some_and(|id| held.contains(&id)) {
            failed.insert(place);
            continue;
        }
        let record = serde_json::from_str::<Record>(&stream.body).ok();
        let Some((order_id, record)) = stream.order_id.zip(record) else {
            tracing::error!(sequence_number = %stream.sequence_number, "stored event cannot be read");
            failed.insert(place);
            held.extend(stream.order_id);
            continue;
        };
        let round = seen.entry(order_id).or_insert(0);
        if rounds.len() == *round {
            rounds.push(Vec::new());
        }
        rounds[*round].push((place, CloudEvent::of(order_id, &record)));
        *round += 1;
    }
    rounds
}
