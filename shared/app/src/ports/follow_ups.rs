//! What we have to come back to: checkout pages until they are settled, refunds until they are done, news that came
//! before its order.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use oms_domain::ids::{OrderId, PaymentId, RefundId};
use oms_domain::ordering::Order;
use serde::{Deserialize, Serialize};

use super::{CommandKey, OpenedSession, SessionRef, StoreError, Webhook};

/// How long a page may hear nothing before its provider is asked, in minutes.
pub const POLL_AFTER_MINUTES: i64 = 10;

/// What is known of an attempt's page.
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

impl CheckoutSession {
    /// The record of an order's last attempt, before the provider is asked; nothing if there is no attempt.
    pub fn wanted(order: &Order, return_url: Option<String>) -> Option<CheckoutSession> {
        CheckoutSession::of(order, order.ledger.payments.last()?.id, return_url)
    }

    /// The same for any attempt.
    pub fn of(order: &Order, payment_id: PaymentId, return_url: Option<String>) -> Option<CheckoutSession> {
        let payment = order.ledger.payment(payment_id)?;
        Some(CheckoutSession {
            order_id: order.id,
            payment_id: payment.id,
            provider: payment.provider.clone(),
            requested_at: payment.requested_at,
            return_url,
            session: None,
            look_at: Some(next_look(order, payment.requested_at)),
        })
    }

    /// The page as the provider knows it, once it is open.
    pub fn page(&self) -> Option<SessionRef> {
        let session = self.session.as_ref()?.reference.clone();
        Some(SessionRef { order_id: self.order_id, payment_id: self.payment_id, session })
    }
}

/// When to look at a page again: after [`POLL_AFTER_MINUTES`], or when the order's time to pay is over, if that is sooner.
pub fn next_look(order: &Order, now: Timestamp) -> Timestamp {
    let later = now.checked_add(SignedDuration::from_mins(POLL_AFTER_MINUTES)).unwrap_or(Timestamp::MAX);
    match order.reservation_expires_at {
        Some(deadline) if deadline > now => later.min(deadline),
        Some(_) | None => later,
    }
}

/// Something to come back to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FollowUp {
    /// A page that was asked for and is not settled.
    Checkout(OrderId, PaymentId),
    /// A refund that its provider works on.
    Refund(OrderId, RefundId),
    /// Genuine news about an order or a payment that we do not know, by its place.
    Unmatched(UnmatchedKey),
}

/// Where news is parked: the same news has the same place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnmatchedKey(pub String);

impl UnmatchedKey {
    /// The place of a provider's notification.
    pub fn of(provider: &str, event_id: &str) -> Self {
        UnmatchedKey(CommandKey::of_notification(provider, event_id).0)
    }
}

/// News that waits for its order. Neutral words only: nothing of the provider's text, no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmatched {
    /// Who told.
    pub provider: String,
    pub news: Webhook,
    /// When it came.
    pub since: Timestamp,
}

/// What we have to come back to: checkout pages, pending refunds, news that nobody claims.
///
/// A page's record is made in the transaction that records its attempt ([`super::Commit::page`]).
#[async_trait]
pub trait FollowUps: Send + Sync {
    /// The record of an attempt's page.
    async fn page(&self, order_id: OrderId, payment_id: PaymentId) -> Result<Option<CheckoutSession>, StoreError>;

    /// Writes a page's record over what was there.
    async fn keep(&self, record: &CheckoutSession) -> Result<(), StoreError>;

    /// Parks news until `until` at most and looks at it first at `look_at`; what is parked there already stays.
    async fn park(&self, parked: &Unmatched, look_at: Timestamp, until: Timestamp) -> Result<(), StoreError>;

    /// What is parked at a place.
    async fn parked(&self, place: &UnmatchedKey) -> Result<Option<Unmatched>, StoreError>;

    /// Up to `limit` tasks, the longest waiting first, from an index that may lag: a hint what to look at.
    async fn due_follow_ups(&self, now: Timestamp, limit: usize) -> Result<Vec<FollowUp>, StoreError>;

    /// Sets when to look at a task next; nothing for never. A page or news that is gone needs nothing.
    async fn reschedule(&self, task: &FollowUp, at: Option<Timestamp>) -> Result<(), StoreError>;
}
