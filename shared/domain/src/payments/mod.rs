//! Payment facts: what was asked for, what was captured, what went back.
//!
//! One order has one ledger with any number of attempts (docs/requirements.md, decision 6). A payment is money that a provider says it
//! holds for us; it is recorded even when the order no longer wants it, because then it must be given back.

pub mod capability;
mod dispute;
mod ledger;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use dispute::{Dispute, DisputeNews, DisputeState};
pub use ledger::{Ledger, PaymentStatus};

use crate::fulfilment::LineQuantity;
use crate::ids::{PaymentId, RefundId};
use crate::money::{Amount, Money};
use crate::ordering::Words;

/// Most payment attempts of one order; a customer who needs more talks to the shop.
pub const MAX_PAYMENT_ATTEMPTS: usize = 20;

/// Most refunds of one order before parts of it are no longer given back by hand; then only all the rest can be.
pub const MAX_PARTIAL_REFUNDS: usize = 50;

/// Why an attempt failed whose page nobody paid on in its time.
pub const PAGE_EXPIRED: &str = "expired";

/// Longest reason of a refund by hand, in characters.
pub const MAX_REFUND_REASON_CHARACTERS: usize = 200;

/// Where one attempt stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum AttemptState {
    /// The customer was sent to the provider.
    Requested,
    /// The customer has done their part, and the money is under way, for days with some means of payment.
    Processing,
    /// The provider declined or the customer gave up; may still succeed later, since webhooks come out of order.
    Failed,
    /// The provider holds the money.
    Captured {
        /// The provider's name for the capture, needed to refund it.
        reference: String,
    },
}

/// One attempt to pay an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Our name for it.
    pub id: PaymentId,
    pub provider: String,
    /// How much was asked for.
    pub amount: Amount,
    /// Where it stands.
    #[serde(flatten)]
    pub state: AttemptState,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Whether the customer agreed, when it was asked for, that the means of payment is kept (E6).
    #[serde(default, skip_serializing_if = "is_false")]
    pub keep: bool,
    /// Which change of the order it is the difference of; nothing where it is for the order as it was placed.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "for")]
    pub change: Option<u16>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Payment {
    /// What the provider holds of this attempt.
    pub fn captured(&self) -> Amount {
        match self.state {
            AttemptState::Captured { .. } => self.amount,
            AttemptState::Requested | AttemptState::Processing | AttemptState::Failed => Amount::ZERO,
        }
    }
}

/// Why money goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundReason {
    /// The order was cancelled after it was paid (D6).
    OrderCancelled,
    /// The money came when the order was already cancelled.
    LatePayment,
    /// The order had already been paid by another attempt.
    DuplicatePayment,
    /// Goods came back, or were refunded without coming back.
    Return,
    /// An admin gives back a part; [`RefundPart`] tells which.
    Partial,
    /// Somebody gave it back by hand at the provider; we only write it down.
    AtProvider,
    /// The order was changed and costs less.
    Changed,
    /// What the payment was for no longer stands: the order costs something else by now, or a change has lapsed.
    Superseded,
}

impl RefundReason {
    /// The name that is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            RefundReason::OrderCancelled => "order_cancelled",
            RefundReason::LatePayment => "late_payment",
            RefundReason::DuplicatePayment => "duplicate_payment",
            RefundReason::Return => "return",
            RefundReason::Partial => "partial",
            RefundReason::AtProvider => "at_provider",
            RefundReason::Changed => "changed",
            RefundReason::Superseded => "superseded",
        }
    }

    /// Whether the payment never paid for the order: all of it goes straight back.
    pub(crate) const fn is_surplus(self) -> bool {
        match self {
            RefundReason::LatePayment | RefundReason::DuplicatePayment | RefundReason::Superseded => true,
            RefundReason::OrderCancelled
            | RefundReason::Return
            | RefundReason::Partial
            | RefundReason::AtProvider
            | RefundReason::Changed => false,
        }
    }
}

/// What becomes of refunded units that have not shipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unshipped {
    /// They still ship; only money goes back. What was refunded before there was a choice is read so.
    #[default]
    Ship,
    /// They stay, and can be sold again.
    Restock,
    /// They stay, and cannot be sold.
    Damaged,
}

impl Unshipped {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_shipped(&self) -> bool {
        *self == Unshipped::Ship
    }
}

/// What an admin gives back of an order: any of these, together one refund.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RefundPart {
    /// Units of lines, at what they cost; each unit goes back once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<LineQuantity>,
    /// What becomes of those units that have not shipped.
    #[serde(default, skip_serializing_if = "Unshipped::is_shipped")]
    pub unshipped: Unshipped,
    /// Of what shipping cost with its tax.
    #[serde(default, skip_serializing_if = "Amount::is_zero")]
    pub shipping: Amount,
    /// For no line: a kindness.
    #[serde(default, skip_serializing_if = "Amount::is_zero")]
    pub goodwill: Amount,
    /// What of the value of these units and this shipping stays with the shop: fees, and what their condition takes off.
    #[serde(default, skip_serializing_if = "Amount::is_zero")]
    pub withheld: Amount,
    /// The number of the return that it is for.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "return")]
    pub of_return: Option<u16>,
    /// Why, in the admin's words.
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub note: Words,
}

/// Money on its way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Our name for it, and the idempotency key at the provider.
    pub id: RefundId,
    pub payment_id: PaymentId,
    pub amount: Amount,
    pub reason: RefundReason,
    /// Whether the provider has confirmed it.
    pub completed: bool,
    /// What it is for, where an admin gave back a part.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "for")]
    pub part: Option<RefundPart>,
    /// How often the provider said that it will not happen.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failures: u32,
    /// How often it became smaller, because less was left to give than it promised.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reductions: u32,
    /// By how much it became smaller.
    #[serde(default, skip_serializing_if = "Amount::is_zero")]
    pub cut: Amount,
    /// Under which key it was done, where that is not its id: after a failure, or by somebody else in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_as: Option<RefundId>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Refund {
    /// Under which key the provider is asked now. A provider answers a key that failed with the same failure for ever, and
    /// refuses a key with another amount, so every failure and every reduction leads to a new one.
    pub fn key(&self) -> RefundId {
        self.id.after_failures(self.failures + self.reductions)
    }

    /// Whether it promises again what an admin's refund had shrunk by: such a promise names no part.
    pub(crate) fn is_anew(&self) -> bool {
        self.reason == RefundReason::Partial && self.part.is_none()
    }

    /// All keys under which the provider may have been asked, the present one last.
    pub fn keys(&self) -> impl Iterator<Item = RefundId> {
        let id = self.id;
        (0..=self.failures + self.reductions).map(move |before| id.after_failures(before))
    }

    /// Whether what was done under this key is what completed it.
    pub fn was_done_as(&self, key: RefundId) -> bool {
        match self.done_as {
            Some(own) => own == key,
            None if self.reductions > 0 => self.id == key,
            // Of refunds of before any could shrink it is not known under which of their keys they were done.
            None => self.was_asked_as(key),
        }
    }

    /// The key whose failure opens it again: the one that completed it, or the one that is asked for.
    pub fn standing_key(&self) -> RefundId {
        match self.done_as {
            _ if !self.completed => self.key(),
            Some(own) => own,
            None if self.reductions > 0 => self.id,
            None => self.key(),
        }
    }

    /// Whether the provider knew it by this key, now or before a failure.
    fn was_asked_as(&self, key: RefundId) -> bool {
        self.keys().any(|own| own == key)
    }
}

/// What a provider told us, whichever provider it was; the same for a webhook and a read-back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentNotification {
    /// The provider's id of this notification, the same when it is delivered again.
    pub event_id: String,
    /// The order that we named when we asked.
    pub order_id: crate::ids::OrderId,
    /// The attempt that we named when we asked.
    pub payment_id: PaymentId,
    pub outcome: PaymentOutcome,
}

/// What happened at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentOutcome {
    /// The money is there.
    Succeeded {
        /// The provider's name for the capture.
        reference: String,
        /// How much, in which currency; must be what we asked for.
        money: Money,
        /// The means of payment that the customer let us keep, if any (E6).
        kept: Option<MethodToken>,
    },
    /// The customer has done their part; the money comes later, or not.
    Processing,
    /// It is not, and why, in the provider's words for us (never shown as they are).
    Failed {
        /// A short machine-readable reason.
        reason: String,
    },
}

/// A means of payment that the provider keeps for a customer; we hold its token only (E6, E7).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodToken {
    /// The provider's name for it.
    pub token: String,
    /// What customers recognise it by, e.g. `visa …4242`; never a whole number.
    pub label: String,
    /// Last month in which it can be used, as `YYYY-MM`, if it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

// Whoever has the token can ask for money: it never reaches a log by accident.
impl std::fmt::Debug for MethodToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MethodToken")
            .field("label", &self.label)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}
