//! Topics and queues, durable in `SQLite`, with the semantics of SNS and SQS.
//!
//! A publish is one transaction: either every subscribed queue whose filter policy matches has the message when it
//! returns, or none has. A message is delivered at least once, and in order within its group: while one message of a
//! group is being handled or waits out its visibility timeout, later ones of that group wait too. After
//! `maxReceiveCount` receives a message moves to the dead-letter queue. Repeats of a deduplication id within five
//! minutes are dropped. Times are those of the local cloud's clock.
//!
//! Deliberately absent: long polling (drivers are woken instead), message size limits, delivery to anything but queues,
//! encryption and permissions.

mod queue;
mod topic;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Transaction;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::clock::Clock;
use crate::state::{StateDb, StateError};
use crate::template::{EventSource, Order, Queue, Template, queue_arn, topic_arn};

#[cfg(test)]
pub(crate) use queue::hot_statements;
pub use queue::{QueueDepth, Received};

/// SQS and SNS forget a deduplication id after this long.
const DEDUPLICATION_MINUTES: i64 = 5;
/// SQS hands out at most this many messages at once.
pub const MAX_RECEIVE: usize = 10;

/// Forgets the repeats that are allowed again.
const FORGET_REPEATS: &str = "DELETE FROM deduplication WHERE until_ms <= ?1";

const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE queue_messages (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        queue TEXT NOT NULL,
        message_id TEXT NOT NULL,
        body TEXT NOT NULL,
        attributes TEXT NOT NULL,
        group_id TEXT,
        dedup_id TEXT,
        sent_ms INTEGER NOT NULL,
        visible_ms INTEGER NOT NULL,
        receive_count INTEGER NOT NULL DEFAULT 0,
        first_received_ms INTEGER,
        receipt TEXT,
        held INTEGER NOT NULL DEFAULT 0,
        source_queue TEXT
    );
    CREATE INDEX queue_messages_by_group ON queue_messages (queue, group_id, sequence);
    CREATE INDEX queue_messages_by_receipt ON queue_messages (receipt);
    CREATE TABLE deduplication (
        scope TEXT NOT NULL,
        id TEXT NOT NULL,
        message_id TEXT NOT NULL,
        until_ms INTEGER NOT NULL,
        PRIMARY KEY (scope, id)
    ) WITHOUT ROWID;
",
    // What a send or a receive asks for costs the same however much there is.
    "
    CREATE INDEX deduplication_by_until ON deduplication (until_ms);
    CREATE INDEX queue_messages_in_order ON queue_messages (queue, sequence);
    CREATE INDEX queue_messages_by_visibility ON queue_messages (queue, held, visible_ms);
    CREATE INDEX queue_messages_by_age ON queue_messages (queue, sent_ms);
    CREATE INDEX queue_messages_held ON queue_messages (sequence) WHERE held = 1;
",
];

/// Why a message was not taken or handed out.
#[derive(Debug, thiserror::Error)]
pub enum MessagingError {
    /// No such queue in the template.
    #[error("there is no queue {0}")]
    NoQueue(String),
    /// No such topic in the template.
    #[error("there is no topic {0}")]
    NoTopic(String),
    /// SNS or SQS would refuse the request.
    #[error("{0}")]
    Invalid(String),
    #[error(transparent)]
    State(#[from] StateError),
}

impl From<rusqlite::Error> for MessagingError {
    fn from(error: rusqlite::Error) -> Self {
        Self::State(error.into())
    }
}

/// A message attribute, as SNS and SQS carry it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// `String`, `Number`, `String.Array` or `Binary` (then the value is base64).
    pub data_type: String,
    /// The value as text.
    pub value: String,
}

impl Attribute {
    /// A `String` attribute.
    pub fn text(value: &str) -> Self {
        Self { data_type: "String".to_owned(), value: value.to_owned() }
    }
}

/// What is published to a topic or sent to a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The payload.
    pub body: String,
    /// `MessageGroupId`; FIFO needs one.
    pub group: Option<String>,
    /// `MessageDeduplicationId`; FIFO needs one unless it goes by content.
    pub dedup: Option<String>,
    /// Message attributes by name.
    pub attributes: BTreeMap<String, Attribute>,
}

/// A cheap handle to all topics and queues.
#[derive(Clone, Debug)]
pub struct Messaging(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    db: StateDb,
    clock: Clock,
    template: Arc<Template>,
    /// For each queue whoever waits for something in it.
    changed: BTreeMap<String, watch::Sender<()>>,
}

impl Messaging {
    /// Opens the queues. Messages that a killed process was holding become visible at once, since nobody else can have
    /// them, and that receive does not count: whoever stops and starts often must not fill the dead-letter queues.
    pub fn open(db: &StateDb, clock: &Clock, template: &Arc<Template>) -> Result<Self, StateError> {
        db.migrate("messaging", MIGRATIONS)?;
        db.read(|connection| {
            connection.execute(
                "UPDATE queue_messages SET held = 0, receipt = NULL, visible_ms = ?1,
                     receive_count = max(receive_count - 1, 0) WHERE held = 1",
                [clock.now_ms()],
            )
        })?;
        Ok(Self(Arc::new(Inner {
            db: db.clone(),
            clock: clock.clone(),
            template: Arc::clone(template),
            changed: template.queues.iter().map(|queue| (queue.name.clone(), watch::Sender::new(()))).collect(),
        })))
    }

    /// Told whenever the queue may have something to receive that it had not before; of a queue that is not there never.
    pub fn changes(&self, queue: &str) -> watch::Receiver<()> {
        self.0.changed.get(queue).map_or_else(|| watch::channel(()).1, watch::Sender::subscribe)
    }

    /// Wakes whoever waits for something in this queue.
    fn wake(&self, queue: &str) {
        if let Some(changed) = self.0.changed.get(queue) {
            changed.send_replace(());
        }
    }

    /// Publishes to a topic, by ARN, and answers with the message id. A repeat within five minutes gets the first
    /// message's id and is delivered no more.
    pub fn publish(&self, arn: &str, message: &Message) -> Result<String, MessagingError> {
        let no_topic = || MessagingError::NoTopic(arn.to_owned());
        let topic = self.0.template.topics.iter().find(|topic| topic_arn(&topic.name) == arn).ok_or_else(no_topic)?;
        let (id, reached) =
            self.0.db.write(|transaction| topic::publish(&self.context(transaction), topic, message))?;
        for queue in &reached {
            self.wake(queue);
        }
        Ok(id)
    }

    /// Sends to a queue, by name, ARN or URL, and answers with the message id.
    pub fn send(&self, queue: &str, message: &Message) -> Result<String, MessagingError> {
        let queue = self.queue(queue)?;
        let id = self.0.db.write(|transaction| queue::send(&self.context(transaction), queue, message))?;
        self.wake(&queue.name);
        Ok(id)
    }

    /// Receives up to `max` (at most [`MAX_RECEIVE`]) messages and hides them for the queue's visibility timeout. A
    /// FIFO queue gives messages of one group at a time, so that one stuck order holds up no other.
    pub fn receive(&self, queue: &str, max: usize) -> Result<Vec<Received>, MessagingError> {
        self.take(queue, max, false)
    }

    /// Receives for a driver within this process: the messages stay hidden, whatever the clock says, until they are
    /// deleted or released.
    pub(crate) fn hold(&self, queue: &str, max: usize) -> Result<Vec<Received>, MessagingError> {
        self.take(queue, max, true)
    }

    fn take(&self, queue: &str, max: usize, held: bool) -> Result<Vec<Received>, MessagingError> {
        let queue = self.queue(queue)?;
        let max = max.min(MAX_RECEIVE);
        // Most looks find nothing, and a look that only reads waits for nobody's disk.
        if self.0.db.read(|connection| queue::has_none(connection, queue, self.0.clock.now_ms()))? {
            return Ok(Vec::new());
        }
        self.0.db.write(|transaction| queue::receive(&self.context(transaction), queue, max, held))
    }

    /// Deletes a received message. A receipt that has been replaced by a later receive does nothing.
    pub fn delete(&self, queue: &str, receipt: &str) -> Result<(), MessagingError> {
        let queue = self.queue(queue)?;
        self.0.db.write(|transaction| queue::delete(transaction, &queue.name, receipt))?;
        self.wake(&queue.name);
        Ok(())
    }

    /// Hides a received message for `timeout` from now, or shows it at once with zero.
    pub fn change_visibility(&self, queue: &str, receipt: &str, timeout: Duration) -> Result<(), MessagingError> {
        let queue = self.queue(queue)?;
        self.0
            .db
            .write(|transaction| queue::change_visibility(&self.context(transaction), &queue.name, receipt, timeout))?;
        self.wake(&queue.name);
        Ok(())
    }

    /// Ends an invocation over held messages in one transaction: `done` are deleted, `failed` wait out their
    /// visibility timeout.
    pub(crate) fn settle(&self, queue: &str, done: &[&str], failed: &[&str]) -> Result<(), MessagingError> {
        let queue = self.queue(queue)?;
        self.0.db.write(|transaction| {
            for receipt in done {
                queue::delete(transaction, &queue.name, receipt)?;
            }
            for receipt in failed {
                queue::release(transaction, &queue.name, receipt)?;
            }
            Ok::<_, MessagingError>(())
        })?;
        self.wake(&queue.name);
        Ok(())
    }

    /// Depth of every queue in the template's order of names.
    pub fn depths(&self) -> Result<Vec<QueueDepth>, MessagingError> {
        let queues = &self.0.template.queues;
        self.0.db.write(|transaction| {
            let context = self.context(transaction);
            queues.iter().map(|queue| queue::depth(&context, queue, self.takes_failures(&queue.name))).collect()
        })
    }

    /// Whether anything could be received now or is held.
    pub(crate) fn is_busy(&self, queue: &str) -> Result<bool, MessagingError> {
        let queue = self.queue(queue)?;
        Ok(self.0.db.read(|connection| queue::is_busy(connection, queue, self.0.clock.now_ms()))?)
    }

    /// When the next hidden message of a queue shows.
    pub(crate) fn next_visible(&self, queue: &str) -> Result<Option<Timestamp>, MessagingError> {
        let queue = self.queue(queue)?;
        Ok(self.0.db.read(|connection| queue::next_visible(connection, &queue.name, self.0.clock.now_ms()))?)
    }

    /// Moves everything in a dead-letter queue back to where it came from; answers with how many messages moved.
    pub fn redrive(&self, dead_letter: &str) -> Result<usize, MessagingError> {
        let queue = self.queue(dead_letter)?;
        if !self.is_dead_letter(&queue.name) {
            return Err(MessagingError::Invalid(format!("{} is not a dead-letter queue of a queue", queue.name)));
        }
        let moved = self.0.db.write(|transaction| queue::redrive(&self.context(transaction), &queue.name))?;
        self.0.changed.keys().for_each(|queue| self.wake(queue));
        Ok(moved)
    }

    /// Whether a queue holds what could not be handled: a queue's dead letters or a stream's.
    fn takes_failures(&self, name: &str) -> bool {
        let of_stream = |event: &EventSource| matches!(event, EventSource::Stream(stream) if stream.on_failure.as_deref() == Some(name));
        self.is_dead_letter(name)
            || self.0.template.functions.iter().flat_map(|function| &function.events).any(of_stream)
    }

    fn is_dead_letter(&self, name: &str) -> bool {
        self.0
            .template
            .queues
            .iter()
            .any(|queue| queue.redrive.as_ref().is_some_and(|redrive| redrive.dead_letter == name))
    }

    fn queue(&self, reference: &str) -> Result<&Queue, MessagingError> {
        let name = reference.rsplit([':', '/']).next().unwrap_or_default();
        self.0.template.queue(name).ok_or_else(|| MessagingError::NoQueue(reference.to_owned()))
    }

    fn context<'a>(&'a self, transaction: &'a Transaction<'a>) -> Context<'a> {
        Context { transaction, template: &self.0.template, now_ms: self.0.clock.now_ms() }
    }
}

/// One transaction at one moment.
struct Context<'a> {
    transaction: &'a Transaction<'a>,
    template: &'a Template,
    now_ms: i64,
}

impl Context<'_> {
    /// Remembers a deduplication id. `Some` is the id of the message that was first; the new one is to be dropped.
    fn repeat_of(
        &self,
        scope: &str,
        order: Order,
        message: &Message,
        message_id: &str,
    ) -> Result<Option<String>, MessagingError> {
        let Order::Fifo { by_content, per_group } = order else {
            return Ok(None);
        };
        let Some(group) = &message.group else {
            return Err(MessagingError::Invalid(format!("{scope}: MessageGroupId is missing")));
        };
        let id = match &message.dedup {
            Some(id) => id.clone(),
            None if by_content => sha256_hex(&message.body),
            None => return Err(MessagingError::Invalid(format!("{scope}: MessageDeduplicationId is missing"))),
        };
        let scope = if per_group { format!("{scope}/{group}") } else { scope.to_owned() };
        self.transaction.execute(FORGET_REPEATS, [self.now_ms])?;
        let until_ms = self.now_ms.saturating_add(DEDUPLICATION_MINUTES * 60_000);
        let first: String = self.transaction.query_row(
            "INSERT INTO deduplication VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (scope, id) DO UPDATE SET until_ms = until_ms RETURNING message_id",
            (scope, id, message_id, until_ms),
            |row| row.get(0),
        )?;
        Ok((first != message_id).then_some(first))
    }
}

fn sha256_hex(text: &str) -> String {
    use sha2::Digest;
    use std::fmt::Write;
    sha2::Sha256::digest(text).iter().fold(String::new(), |mut hex, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn new_id() -> String {
    crate::random::uuid().to_string()
}

/// ARN of a received message's queue, as events carry it.
pub(crate) fn source_arn(queue: &str) -> String {
    queue_arn(queue)
}
