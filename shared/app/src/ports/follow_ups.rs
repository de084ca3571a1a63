//! What we have to come back to: checkout sessions until they are settled, refunds until they are done, provider events
//! that came before their orders, labels until they are bought or void.

use async_trait::async_trait;
use jiff::Timestamp;
use oms_domain::ids::{LabelId, OrderId, PaymentId, RefundId};
use serde::{Deserialize, Serialize};

use super::{OpenedSession, ParcelKey, StoreError, Webhook};

/// What is known of an attempt's checkout session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckoutSession {
    #[serde(rename = "order")]
    pub order_id: OrderId,
    #[serde(rename = "payment")]
    pub payment_id: PaymentId,
    pub provider: String,
    /// When the attempt was recorded.
    pub requested_at: Timestamp,
    /// Where the customer goes afterwards. Kept, because whoever asks the provider again must ask for the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_url: Option<String>,
    /// What the provider answered; nothing until it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<OpenedSession>,
    /// When to ask the provider about it; nothing once it is settled.
    #[serde(skip)]
    pub look_at: Option<Timestamp>,
}

/// Something to come back to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FollowUp {
    /// A session that was asked for and is not settled.
    Checkout(OrderId, PaymentId),
    /// A refund that its provider works on.
    Refund(OrderId, RefundId),
    /// A genuine event about an order or a payment that we do not know, by its key.
    Unmatched(UnmatchedKey),
    /// A label that its carrier was asked for, or is to take back.
    Label(OrderId, LabelId),
    /// A parcel of which nothing was heard for a while.
    Parcel(ParcelKey),
}

/// Whose turn it is to come back. Each looks at its own things only, so that slow carriers keep no payment waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agenda {
    Payments,
    Carriers,
    Parcels,
}

impl FollowUp {
    /// On which agenda it stands.
    pub const fn agenda(&self) -> Agenda {
        match self {
            FollowUp::Checkout(..) | FollowUp::Refund(..) | FollowUp::Unmatched(_) => Agenda::Payments,
            FollowUp::Label(..) => Agenda::Carriers,
            FollowUp::Parcel(_) => Agenda::Parcels,
        }
    }
}

/// Names an unmatched event: the same event has the same key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnmatchedKey(pub String);

/// A provider's event that waits for its order. Neutral words only: nothing of the provider's text, no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmatched {
    /// Who told.
    pub provider: String,
    #[serde(rename = "news")]
    pub event: Webhook,
    /// When it came.
    pub since: Timestamp,
}

/// What we have to come back to: checkout sessions, pending refunds, unmatched provider events.
///
/// A session's record is made in the transaction that records its attempt ([`super::Companion::Checkout`]).
#[async_trait]
pub trait FollowUps: Send + Sync {
    /// The record of an attempt's session.
    async fn session(&self, order_id: OrderId, payment_id: PaymentId) -> Result<Option<CheckoutSession>, StoreError>;

    /// Writes a session's record over what was there.
    async fn keep(&self, record: &CheckoutSession) -> Result<(), StoreError>;

    /// Keeps an event until `until` at most and looks at it first at `look_at`; what is kept under its key already stays.
    async fn keep_unmatched(
        &self,
        unmatched: &Unmatched,
        look_at: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError>;

    /// What is kept under a key.
    async fn unmatched(&self, key: &UnmatchedKey) -> Result<Option<Unmatched>, StoreError>;

    /// Up to `limit` of them, the longest waiting first, from an index that may lag: a hint what to look at.
    async fn due_follow_ups(&self, agenda: Agenda, now: Timestamp, limit: usize) -> Result<Vec<FollowUp>, StoreError>;

    /// Sets when to look at it next; nothing for never. A session or an event that is gone needs nothing.
    async fn reschedule(&self, task: &FollowUp, at: Option<Timestamp>) -> Result<(), StoreError>;
}
