//! What leaves the system: public events to the topic, messages to customers.

use async_trait::async_trait;
use jiff::Timestamp;
use oms_domain::ids::OrderId;
use oms_domain::messaging::{Channel, MessageKind};
use oms_domain::public_event::CloudEvent;

use super::StoreError;

/// A public event could not be published; it may be published again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("publishing failed: {0}")]
pub struct PublishError(pub String);

/// The topic. Ordered per order; an event that is published again within five minutes is dropped by its id.
#[async_trait]
pub trait EventBus: Send + Sync {
    /// Publishes up to 10 events of different orders in one call; answers in their order.
    async fn publish(&self, events: &[CloudEvent]) -> Vec<Result<(), PublishError>>;
}

/// Names one message: one order, one event, one channel (invariant 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Notice {
    pub order_id: OrderId,
    /// Which event of it.
    pub version: u64,
    /// By which channel.
    pub channel: Channel,
}

impl Notice {
    /// The message's id for whoever sends it: `<order id>/<version>/<channel>`.
    pub fn id(&self) -> String {
        format!("{}/{}/{}", self.order_id, self.version, self.channel.name())
    }
}

/// What is known of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Nobody has begun it: it is ours to send.
    Fresh,
    /// Somebody began and did not finish; whether the message left is unknown.
    Unfinished,
    /// It was sent.
    Done,
}

/// Remembers which messages were sent.
#[async_trait]
pub trait Notices: Send + Sync {
    /// Begins a notice and tells what was known of it before.
    async fn begin(&self, notice: &Notice, now: Timestamp) -> Result<Claim, StoreError>;

    /// Marks it sent.
    async fn finish(&self, notice: &Notice, now: Timestamp) -> Result<(), StoreError>;
}

/// A message to a customer, ready to send.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// Who and what it is about; its id is the sender's idempotency key where there is one.
    pub notice: Notice,
    /// What it tells.
    pub kind: MessageKind,
    /// E-mail address or E.164 number.
    pub to: String,
    /// Subject; e-mail only.
    pub subject: Option<String>,
    /// Text.
    pub body: String,
}

impl std::fmt::Debug for Message {
    /// Recipient and text are personal data and stay out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message").field("id", &self.notice.id()).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Why a message was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Worth trying again.
    #[error("sending failed for now: {0}")]
    Transient(String),
    /// The recipient or the text is refused for good.
    #[error("the message is refused: {0}")]
    Permanent(String),
}

/// Sends messages to customers (I4).
#[async_trait]
pub trait Messenger: Send + Sync {
    /// Sends one message by its channel.
    async fn send(&self, message: &Message) -> Result<(), SendError>;
}
