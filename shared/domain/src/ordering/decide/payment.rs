//! Attempts to pay, and what providers say of them.

use jiff::Timestamp;

use super::super::command::Command;
use super::super::error::Refusal;
use super::super::event::{PaymentEvent, RefundEvent};
use super::super::state::Order;
use super::super::status::{Action, Status};
use super::{Decision, allowed};
use crate::ids::{PaymentId, RefundId};
use crate::money::Money;
use crate::payments::{AttemptState, MAX_PAYMENT_ATTEMPTS, Payment, RefundReason};

/// One open page at a provider is enough: it is answered again, unless a new one is wanted.
pub(super) fn request(
    order: &Order,
    provider: String,
    keep: bool,
    anew: bool,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    allowed(order, order.status == Status::Pending, Action::Pay)?;
    if !order.awaits_payment(now) {
        return Err(Refusal::HoldExpired { since: order.reservation_expires_at.unwrap_or(order.updated_at) });
    }
    if let Some(under_way) = order.ledger.payments.iter().find(|payment| payment.state == AttemptState::Processing) {
        return Err(Refusal::PaymentUnderWay { provider: under_way.provider.clone() });
    }
    if !anew && order.ledger.open_attempt(&provider, keep).is_some() {
        return Ok(Decision::AlreadyApplied);
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

/// A failure that arrives after a success, or twice, or for an order that no longer waits, or that waits for the money of
/// another attempt, changes nothing. Where the money was under way, the customer gets the time to pay once more.
pub(super) fn record_failure(order: &Order, payment: &Payment, reason: String, now: Timestamp) -> Decision {
    let payment_id = payment.id;
    let failed = |wait_until| Decision::of(PaymentEvent::OrderPaymentFailed { payment_id, reason, wait_until });
    match payment.state {
        AttemptState::Processing if order.status == Status::Pending => failed(Some(Command::hold_until(now))),
        AttemptState::Requested if order.awaits_payment(now) && !order.ledger.is_processing() => failed(None),
        AttemptState::Requested | AttemptState::Processing | AttemptState::Failed | AttemptState::Captured { .. } => {
            Decision::AlreadyApplied
        }
    }
}

/// The order waits longer for money that is under way, and keeps its stock. News of an attempt that has ended is old.
pub(super) fn record_processing(order: &Order, payment: &Payment, now: Timestamp) -> Decision {
    match payment.state {
        AttemptState::Requested if order.status == Status::Pending => {
            let wait_until = Command::process_until(now);
            Decision::of(PaymentEvent::OrderPaymentProcessing { payment_id: payment.id, wait_until })
        }
        AttemptState::Requested | AttemptState::Processing | AttemptState::Failed | AttemptState::Captured { .. } => {
            Decision::AlreadyApplied
        }
    }
}

/// The checkout is open after all: worth telling while the order waits for its money.
pub(super) fn announce_checkout(order: &Order, payment_id: PaymentId, now: Timestamp) -> Result<Decision, Refusal> {
    let payment = order.ledger.payment(payment_id).ok_or(Refusal::UnknownPayment)?;
    let waits = order.awaits_payment(now) && payment.state == AttemptState::Requested;
    Ok(if waits { Decision::of(PaymentEvent::OrderCheckoutOpened { payment_id }) } else { Decision::AlreadyApplied })
}
