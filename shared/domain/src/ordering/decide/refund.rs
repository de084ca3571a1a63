//! Money that goes back.

use super::super::error::Refusal;
use super::super::event::{Event, ReductionReason, RefundEvent};
use super::super::state::Order;
use super::super::status::{Action, Status};
use super::amend::makes_way;
use super::settling::{refunds_of_all, settled};
use super::{Decision, allowed, step, within};
use crate::ids::RefundId;
use crate::money::{Amount, Money};
use crate::payments::{Payment, RefundPart, RefundReason};

/// Gives back the rest; where nothing is left, a free order or one given back in parts, that is all there is to do.
pub(super) fn all(order: &Order) -> Result<Decision, Refusal> {
    step(order, Status::Refunded, Action::Refund)?;
    let refunds = refunds_of_all(order, RefundReason::Return);
    if !refunds.is_empty() {
        return Ok(Decision::Happens(refunds));
    }
    let under_way = order.ledger.refunds.iter().any(|refund| !refund.completed);
    Ok(if under_way { Decision::AlreadyApplied } else { Decision::of(RefundEvent::OrderClosedAsRefunded) })
}

/// Gives back a part of an order that was paid for and stands. Units that were given back are not given back again.
pub(super) fn part(order: &Order, part: RefundPart) -> Result<Decision, Refusal> {
    allowed(order, order.pays_for_itself(), Action::Refund)?;
    if !part.lines.is_empty() {
        within(order, part.lines.iter().map(|part| (part.line, part.quantity)), |line| line.quantity - line.refunded)?;
    }
    let mut events = makes_way(order)?;
    events.extend(order.refund_part(part)?);
    Ok(settled(order, events))
}

/// What the provider gave is what counts. It gave it under one of our keys: a second time under another key would be a
/// refund of its own.
pub(super) fn complete(
    order: &Order,
    key: RefundId,
    reference: String,
    money: Option<Money>,
) -> Result<Decision, Refusal> {
    let refund = order.ledger.refund_by_key(key).ok_or(Refusal::UnknownRefund)?;
    // What had shrunk to nothing, and was made before it did, was made nevertheless.
    let shrunk = refund.amount.is_zero() && refund.reductions > 0 && money.is_some();
    if refund.completed && !shrunk && (refund.was_done_as(key) || money.is_none()) {
        return Ok(Decision::AlreadyApplied);
    }
    let payment = order.ledger.payment(refund.payment_id).ok_or(Refusal::UnknownPayment)?;
    let money = money.unwrap_or(Money::new(refund.amount, order.currency));
    if refund.completed && !shrunk {
        return record(order, payment, &reference, money);
    }
    let amount = money.amount;
    let fits = order.ledger.refunded_of(payment) + amount <= payment.captured();
    if money.currency != order.currency || amount < refund.amount || !fits {
        return Err(Refusal::PaymentMismatch);
    }
    let done_as = Some(key).filter(|key| *key != refund.id);
    let done = RefundEvent::OrderRefundCompleted { refund_id: refund.id, amount, reference, done_as };
    Ok(settled(order, vec![done.into()]))
}

/// News of an attempt before the present one is old. A refund that was thought done and failed after all is open again.
pub(super) fn fail(order: &Order, key: RefundId, reason: String) -> Result<Decision, Refusal> {
    let refund = order.ledger.refund_by_key(key).ok_or(Refusal::UnknownRefund)?;
    if refund.standing_key() != key || refund.amount.is_zero() {
        return Ok(Decision::AlreadyApplied);
    }
    Ok(settled(order, vec![RefundEvent::OrderRefundFailed { refund_id: refund.id, reason }.into()]))
}

/// What was given back by hand is written down whatever the order's state, and what we still promise shrinks to what is
/// left. Where a refund of ours of the same amount has failed, it was made in its place.
pub(super) fn record(order: &Order, payment: &Payment, reference: &str, money: Money) -> Result<Decision, Refusal> {
    let refund_id = RefundId::of_reference(order.id, reference);
    if order.ledger.made_elsewhere(refund_id).is_some() {
        return Ok(Decision::AlreadyApplied);
    }
    let amount = money.counted_in(order.currency).ok_or(Refusal::PaymentMismatch)?;
    let fits = order.ledger.refunded_of(payment) + amount <= payment.captured();
    if !amount.is_positive() || !fits {
        return Err(Refusal::PaymentMismatch);
    }
    let reference = reference.to_owned();
    let stands_for = order
        .ledger
        .refunds_of(payment.id)
        .find(|refund| refund.amount == amount && !refund.completed && refund.failures > 0);
    if let Some(failed) = stands_for {
        let (refund_id, done_as) = (failed.id, Some(refund_id));
        let done = RefundEvent::OrderRefundCompleted { refund_id, amount, reference, done_as };
        return Ok(settled(order, vec![done.into()]));
    }
    let reason = RefundReason::AtProvider;
    let (payment_id, part, short) = (payment.id, None, Amount::ZERO);
    let initiated = RefundEvent::OrderRefundInitiated { refund_id, payment_id, amount, reason, part, short };
    let done = RefundEvent::OrderRefundCompleted { refund_id, amount, reference, done_as: None };
    Ok(settled(order, vec![initiated.into(), done.into()]))
}

/// What was made by hand and did not arrive counts no more. Made in the place of a refund of ours, that is open again;
/// whether more is owed for it, the order knows.
pub(super) fn fail_elsewhere(order: &Order, reference: &str, reason: String) -> Decision {
    let id = RefundId::of_reference(order.id, reference);
    let Some(refund) = order.ledger.made_elsewhere(id).filter(|refund| refund.amount.is_positive()) else {
        return Decision::AlreadyApplied;
    };
    let refund_id = refund.id;
    let event: Event = if refund.id == id {
        let amount = Amount::ZERO;
        RefundEvent::OrderRefundReduced { refund_id, amount, reason: ReductionReason::NotArrived }.into()
    } else {
        RefundEvent::OrderRefundFailed { refund_id, reason }.into()
    };
    settled(order, vec![event])
}
