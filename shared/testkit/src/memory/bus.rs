//! A topic that remembers what was published.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use oms_app::ports::{EventBus, PublishError};
use oms_domain::public_event::CloudEvent;

#[derive(Debug, Default)]
struct Topic {
    calls: Vec<Vec<CloudEvent>>,
    published: Vec<CloudEvent>,
    failing: usize,
}

/// The topic in memory; an event that is published again is dropped by its id, as FIFO topics do. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct MemoryBus(Arc<Mutex<Topic>>);

impl MemoryBus {
    /// An empty topic.
    pub fn new() -> Self {
        MemoryBus::default()
    }

    /// The next `events` events are not published.
    pub fn fail_next(&self, events: usize) {
        self.0.lock().unwrap().failing += events;
    }

    /// What consumers get, in order.
    pub fn published(&self) -> Vec<CloudEvent> {
        self.0.lock().unwrap().published.clone()
    }

    /// The names of what consumers get, e.g. `order.submitted`.
    pub fn names(&self) -> Vec<&'static str> {
        self.0.lock().unwrap().published.iter().map(|event| event.data.fact.name()).collect()
    }

    /// Every call with all of its events, also those that failed.
    pub fn calls(&self) -> Vec<Vec<CloudEvent>> {
        self.0.lock().unwrap().calls.clone()
    }
}

#[async_trait]
impl EventBus for MemoryBus {
    async fn publish(&self, events: &[CloudEvent]) -> Vec<Result<(), PublishError>> {
        let mut topic = self.0.lock().unwrap();
        topic.calls.push(events.to_vec());
        let mut results = Vec::with_capacity(events.len());
        for event in events {
            if topic.failing > 0 {
                topic.failing -= 1;
                results.push(Err(PublishError("a fault that the test asked for".into())));
                continue;
            }
            if !topic.published.iter().any(|earlier| earlier.id == event.id) {
                topic.published.push(event.clone());
            }
            results.push(Ok(()));
        }
        results
    }
}
