//! What invokes functions other than the gateway: streams, queues and schedules.
//!
//! Each mapping of the template has a driver of its own. Whatever a driver has taken on is remembered in the state
//! before it begins and forgotten after it is done, so everything happens at least once, also through a kill. The event
//! that a function gets has the shape that Lambda would give it.
//!
//! Deliberately absent: batching windows (a batch leaves as soon as there is something), parallel batches of one
//! stream, and retries of a scheduled run (the next one is near).

mod queue;
mod schedule;
mod stream;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::dynamodb::{DynamoDb, DynamoDbError};
use crate::function::Invoker;
use crate::messaging::{Messaging, MessagingError};
use crate::state::{StateDb, StateError};
use crate::template::{EventSource, Template};

use queue::QueueDriver;
use schedule::ScheduleDriver;
use stream::StreamDriver;

/// How long a driver rests after an error of the local cloud itself.
const ERROR_PAUSE: Duration = Duration::from_secs(1);
/// How often [`Settlement::settle`] looks again.
const SETTLE_CHECK: Duration = Duration::from_millis(5);

const MIGRATIONS: &[&str] = &["
    CREATE TABLE stream_checkpoints (mapping TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE schedules (id TEXT PRIMARY KEY, last_ms INTEGER NOT NULL) WITHOUT ROWID;
"];

/// An error of the local cloud, not of a function.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
    #[error(transparent)]
    DynamoDb(#[from] DynamoDbError),
    #[error(transparent)]
    Messaging(#[from] MessagingError),
    #[error(transparent)]
    State(#[from] StateError),
    #[error("reading the stream was interrupted")]
    Interrupted,
}

impl SourceError {
    /// Whether the state was closed, after which there is nothing left to do.
    fn is_closed(&self) -> bool {
        matches!(self, Self::State(StateError::Closed) | Self::Messaging(MessagingError::State(StateError::Closed)))
    }
}

/// Told to finish what is under way and to begin nothing more.
type Stopping = watch::Receiver<bool>;

/// What drivers need.
pub(crate) struct Surroundings<'a> {
    pub(crate) clock: &'a Clock,
    pub(crate) db: &'a StateDb,
    pub(crate) messaging: &'a Messaging,
    pub(crate) dynamodb: &'a DynamoDb,
}

/// All running drivers.
pub(crate) struct Sources {
    settlement: Settlement,
    stopping: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Sources {
    /// Starts a driver for each mapping. Every package of the template must be among `invokers`.
    pub(crate) fn start(
        template: &Template,
        invokers: &BTreeMap<String, Invoker>,
        around: &Surroundings<'_>,
    ) -> Result<Self, SourceError> {
        around.db.migrate("sources", MIGRATIONS)?;
        let mut drivers = Drivers::default();
        for function in &template.functions {
            let Some(invoker) = invokers.get(&function.package) else { continue };
            for event in &function.events {
                match event {
                    EventSource::Stream(source) => {
                        drivers.streams.push(Arc::new(StreamDriver::new(
                            source,
                            &function.logical_id,
                            invoker,
                            around,
                        )?));
                    }
                    EventSource::Queue(source) => {
                        drivers.queues.push(Arc::new(QueueDriver::new(source, invoker, around)));
                    }
                    EventSource::Schedule(source) => {
                        drivers.schedules.push(Arc::new(ScheduleDriver::new(source, invoker, around)?));
                    }
                    EventSource::Http(_) => {}
                }
            }
        }
        let stopping = watch::Sender::new(false);
        let mut tasks = JoinSet::new();
        for driver in &drivers.streams {
            tasks.spawn(Arc::clone(driver).run(stopping.subscribe()));
        }
        for driver in &drivers.queues {
            tasks.spawn(Arc::clone(driver).run(stopping.subscribe()));
        }
        for driver in &drivers.schedules {
            tasks.spawn(Arc::clone(driver).run(stopping.subscribe()));
        }
        Ok(Self { settlement: Settlement(Arc::new(drivers)), stopping, tasks })
    }

    /// A handle that can wait until all is done.
    pub(crate) fn settlement(&self) -> Settlement {
        self.settlement.clone()
    }

    /// Lets running invocations finish for up to `patience`, then stops them.
    pub(crate) async fn stop(&mut self, patience: Duration) {
        self.stopping.send_replace(true);
        let finished = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(patience, finished).await.is_err() {
            self.abort().await;
        }
    }

    /// Stops everything where it is.
    pub(crate) async fn abort(&mut self) {
        self.tasks.shutdown().await;
    }
}

#[derive(Default)]
struct Drivers {
    streams: Vec<Arc<StreamDriver>>,
    queues: Vec<Arc<QueueDriver>>,
    schedules: Vec<Arc<ScheduleDriver>>,
}

/// Waits until nothing is left to do.
#[derive(Clone)]
pub struct Settlement(Arc<Drivers>);

impl std::fmt::Debug for Settlement {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Settlement")
    }
}

impl Settlement {
    /// Waits until no schedule is due, every stream is read to its end, and no queue with a function has a message
    /// that could be received or is being handled. Messages that wait out a timeout or lie in a dead-letter queue do
    /// not count. `false` when that took longer than `patience` of real time.
    pub async fn settle(&self, patience: Duration) -> bool {
        let settled = async {
            while !self.is_settled() {
                tokio::time::sleep(SETTLE_CHECK).await;
            }
        };
        tokio::time::timeout(patience, settled).await.is_ok()
    }

    /// In this order because work moves in it: schedules write, streams publish, queues write again. What is seen idle
    /// twice with everything idle in between has nothing on the way.
    fn is_settled(&self) -> bool {
        let drivers = &self.0;
        let streams = || drivers.streams.iter().all(|driver| driver.is_settled());
        drivers.schedules.iter().all(|driver| driver.is_settled())
            && streams()
            && drivers.queues.iter().all(|driver| driver.is_settled())
            && streams()
    }
}

/// Which items of a batch an answer reports as failed, or `Err` when it has to count as a failure of all.
fn reported_failures(answer: &Value) -> Result<Vec<&str>, ()> {
    match answer.get("batchItemFailures") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(failures)) => failures
            .iter()
            .map(|failure| failure.get("itemIdentifier").and_then(Value::as_str).filter(|id| !id.is_empty()).ok_or(()))
            .collect(),
        Some(_) => Err(()),
    }
}
