//! Attempts to pay, and what providers say of them.

use jiff::Timestamp;

use super::super::error::Refusal;
use super::super::event::{PaymentEvent, RefundEvent};
use super::super::state::Order;
use super::super::status::{Action, Status};
use super::{Decision, allowed};
use crate::ids::{PaymentId, RefundId};
use crate::money::Money;
use crate::payments::{AttemptState, MAX_PAYMENT_ATTEMPTS, Payment, RefundReason};

pub(super) fn request(order: &Order, provider: String, keep: bool, now: Timestamp) -> Result<Decision, Refusal> {
    allowed(order, order.status == Status::Pending, Action::Pay)?;
    if !order.awaits_payment(now) {
        return Err(Refusal::HoldExpired { since: order.reservation_expires_at.unwrap_or(order.updated_at) });
    }
    let attempt = order.ledger.payments.len();
    if attempt >= MAX_PAYMENT_ATTEMPTS {
        return Err(Refusal::TooManyAttempts(MAX_PAYMENT_ATTEMPTS));
    }
    let payment_id = PaymentId::of_attempt(order.id, attempt);
    Ok(Decision::of(PaymentEvent::OrderPaymentRequested { payment_id, provider, amount: order.totals.total, keep }))
}

pub(super) fn own<'a>(order: &'a Order, id: PaymentId, provider: &str) -> Result<&'a Payment, Refusal> {
    order.ledger.payment(id).filter(|payment| payment.provider == provider).ok_or(Refusal::UnknownPayment)
}

/// Money that arrives is recorded whatever the order's state; if the order has no use for it, it goes back at once.
pub(super) fn record(order: &Order, payment: &Payment, reference: String, money: Money) -> Result<Decision, Refusal> {
    if money.counted_in(order.currency) != Some(payment.amount) {
        return Err(Refusal::PaymentMismatch);
    }
    if matches!(payment.state, AttemptState::Captured { .. }) {
        return Ok(Decision::AlreadyApplied);
    }
    let accepted = order.status == Status::Pending;
    let confirmed =
        PaymentEvent::OrderPaymentConfirmed { payment_id: payment.id, reference, amount: payment.amount, accepted };
    if accepted {
        return Ok(Decision::of(confirmed));
    }
    let paid_otherwise = order.paid_at.is_some();
    let reason = if paid_otherwise { RefundReason::DuplicatePayment } else { RefundReason::LatePayment };
    let refund_id = RefundId::of_sequence(order.id, order.ledger.refunds.len());
    let refund = RefundEvent::OrderRefundInitiated {
        refund_id,
        payment_id: payment.id,
        amount: payment.amount,
        reason,
        part: None,
    };
    Ok(Decision::Happens(vec![confirmed.into(), refund.into()]))
}

/// A failure that arrives after a success, or twice, or for an order that no longer waits, changes nothing.
pub(super) fn record_failure(order: &Order, payment: &Payment, reason: String) -> Decision {
    match payment.state {
        AttemptState::Requested if order.status == Status::Pending => {
            Decision::of(PaymentEvent::OrderPaymentFailed { payment_id: payment.id, reason })
        }
        AttemptState::Requested | AttemptState::Failed | AttemptState::Captured { .. } => Decision::AlreadyApplied,
    }
}

/// The checkout is open after all: worth telling while the order waits for its money.
pub(super) fn announce_checkout(order: &Order, payment_id: PaymentId, now: Timestamp) -> Result<Decision, Refusal> {
    let payment = order.ledger.payment(payment_id).ok_or(Refusal::UnknownPayment)?;
    let waits = order.awaits_payment(now) && payment.state == AttemptState::Requested;
    Ok(if waits { Decision::of(PaymentEvent::OrderCheckoutOpened { payment_id }) } else { Decision::AlreadyApplied })
}
