//! All money of one order: what came, what went back, what a bank has taken.
//!
//! What we promise back never exceeds what was captured. Money also goes back without us: by hand at the provider, or
//! by a bank in a dispute. Those are facts and are booked as they are; what we still promise shrinks by them.

use serde::{Deserialize, Serialize};

use super::{AttemptState, Dispute, DisputeState, Payment, Refund, RefundReason};
use crate::ids::{PaymentId, RefundId};
use crate::money::Amount;

/// What customers and shops see of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// Nothing was ever asked for.
    None,
    /// A provider was asked and has not answered.
    Requested,
    /// The customer has paid, and the money is under way.
    Processing,
    Confirmed,
    /// The last attempt failed.
    Failed,
    /// Money is on its way back.
    RefundPending,
    /// Some of it went back.
    PartiallyRefunded,
    /// All of it went back.
    Refunded,
}

/// All payments and refunds of one order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ledger {
    /// Attempts, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<Payment>,
    /// Refunds, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<Refund>,
    /// Disputes, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disputes: Vec<Dispute>,
}

impl Ledger {
    /// The attempt of this name.
    pub fn payment(&self, id: PaymentId) -> Option<&Payment> {
        self.payments.iter().find(|payment| payment.id == id)
    }

    /// The refund of this name.
    pub fn refund(&self, id: RefundId) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.id == id)
    }

    /// The refund that a provider knows by this key ([`Refund::key`]).
    pub fn refund_by_key(&self, key: RefundId) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.was_asked_as(key))
    }

    /// What was made at the provider beside us and has this id ([`RefundId::of_reference`]), whether it stands for itself
    /// or in the place of a refund of ours.
    pub fn made_elsewhere(&self, id: RefundId) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.id == id || refund.done_as == Some(id))
    }

    /// The dispute that a provider calls so.
    pub fn dispute(&self, reference: &str) -> Option<&Dispute> {
        self.disputes.iter().find(|dispute| dispute.reference == reference)
    }

    /// Whether a bank has yet to decide about this payment. Providers give nothing back of it until then.
    pub fn is_disputed(&self, id: PaymentId) -> bool {
        self.disputes.iter().any(|dispute| dispute.payment_id == id && dispute.state == DisputeState::Open)
    }

    /// The payment that a provider captured under this name of its own.
    pub fn payment_by_reference(&self, provider: &str, reference: &str) -> Option<&Payment> {
        let captured = |payment: &&Payment| matches!(&payment.state, AttemptState::Captured { reference: own } if own == reference);
        self.payments.iter().filter(|payment| payment.provider == provider).find(captured)
    }

    /// All that providers ever captured.
    pub fn captured(&self) -> Amount {
        self.payments.iter().map(Payment::captured).sum()
    }

    /// What has verifiably gone back by refunds.
    pub fn refunded(&self) -> Amount {
        self.refunds.iter().filter(|refund| refund.completed).map(|refund| refund.amount).sum()
    }

    /// What banks have taken.
    pub fn lost(&self) -> Amount {
        self.payments.iter().map(|payment| self.lost_of(payment)).sum()
    }

    /// What banks have taken of one payment; a provider may tell of the same loss as a dispute and as a reversal.
    pub fn lost_of(&self, payment: &Payment) -> Amount {
        let lost = |dispute: &&Dispute| dispute.payment_id == payment.id && dispute.state == DisputeState::Lost;
        let lost: Amount = self.disputes.iter().filter(lost).map(|dispute| dispute.amount).sum();
        lost.min(payment.captured())
    }

    /// The refunds of one payment, oldest first.
    pub fn refunds_of(&self, id: PaymentId) -> impl DoubleEndedIterator<Item = &Refund> {
        self.refunds.iter().filter(move |refund| refund.payment_id == id)
    }

    /// What has verifiably gone back of one payment by refunds.
    pub(crate) fn refunded_of(&self, payment: &Payment) -> Amount {
        self.refunds_of(payment.id).filter(|refund| refund.completed).map(|refund| refund.amount).sum()
    }

    /// By how much more was promised back of one payment, or taken, than was captured.
    pub(crate) fn excess(&self, payment: &Payment) -> Amount {
        let promised: Amount = self.refunds_of(payment.id).map(|refund| refund.amount).sum();
        (promised + self.lost_of(payment) - payment.captured()).max(Amount::ZERO)
    }

    /// What of one payment has neither been promised back nor taken. Never negative: a bank may take what had gone back
    /// before, which is the shop's loss.
    pub fn refundable(&self, payment: &Payment) -> Amount {
        let promised: Amount = self.refunds_of(payment.id).map(|refund| refund.amount).sum();
        (payment.captured() - promised - self.lost_of(payment)).max(Amount::ZERO)
    }

    /// Why a payment never paid for the order, if so.
    pub(crate) fn surplus(&self, payment: &Payment) -> Option<RefundReason> {
        self.refunds_of(payment.id).map(|refund| refund.reason).find(|reason| reason.is_surplus())
    }

    /// The payments that pay for the order, oldest first: captured, and not sent straight back. The first pays for the order
    /// as it was placed, the others for what changes made dearer.
    pub fn paying(&self) -> impl Iterator<Item = &Payment> {
        self.payments.iter().filter(|payment| payment.captured().is_positive() && self.surplus(payment).is_none())
    }

    /// Whether the money of an attempt is under way.
    pub fn is_processing(&self) -> bool {
        self.payments.iter().any(|payment| payment.state == AttemptState::Processing)
    }

    /// Whether nothing is left with the shop and nothing is on its way.
    pub(crate) fn is_all_back(&self) -> bool {
        self.refunds.iter().all(|refund| refund.completed) && self.refunded() + self.lost() >= self.captured()
    }

    /// The ledger in one word.
    pub fn status(&self) -> PaymentStatus {
        let Some(last) = self.payments.last() else { return PaymentStatus::None };
        if !self.captured().is_positive() {
            if self.is_processing() {
                return PaymentStatus::Processing;
            }
            return match last.state {
                AttemptState::Failed => PaymentStatus::Failed,
                AttemptState::Requested | AttemptState::Processing | AttemptState::Captured { .. } => {
                    PaymentStatus::Requested
                }
            };
        }
        if self.refunds.iter().any(|refund| !refund.completed) {
            return PaymentStatus::RefundPending;
        }
        // A payment that a paid order did not want went back as if it had never been: the others still pay for the order.
        let is_paid = self.paying().next().is_some();
        let counts = |payment: &&Payment| !is_paid || self.surplus(payment).is_none();
        let counted: Vec<&Payment> = self.payments.iter().filter(counts).collect();
        let captured: Amount = counted.iter().map(|payment| payment.captured()).sum();
        let back: Amount = counted.iter().map(|payment| self.refunded_of(payment) + self.lost_of(payment)).sum();
        match back {
            Amount::ZERO => PaymentStatus::Confirmed,
            back if back >= captured => PaymentStatus::Refunded,
            _ => PaymentStatus::PartiallyRefunded,
        }
    }
}
