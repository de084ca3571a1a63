//! Money that goes back.

use super::super::error::Refusal;
use super::super::event::{Event, RefundEvent};
use super::super::state::Order;
use super::super::status::{Action, Status};
use super::{Decision, allowed, step, within};
use crate::ids::RefundId;
use crate::money::Money;
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
    order.refund_part(part).map(Decision::Happens)
}

pub(super) fn complete(order: &Order, refund_id: RefundId, reference: String) -> Result<Decision, Refusal> {
    let refund = order.ledger.refund_by_key(refund_id).ok_or(Refusal::UnknownRefund)?;
    if refund.completed {
        return Ok(Decision::AlreadyApplied);
    }
    Ok(Decision::of(RefundEvent::OrderRefundCompleted { refund_id: refund.id, amount: refund.amount, reference }))
}

/// News of an attempt before the present one is old. A refund that was thought done and failed after all is open again.
pub(super) fn fail(order: &Order, key: RefundId, reason: String) -> Result<Decision, Refusal> {
    let refund = order.ledger.refund_by_key(key).ok_or(Refusal::UnknownRefund)?;
    if refund.key() != key {
        return Ok(Decision::AlreadyApplied);
    }
    Ok(Decision::of(RefundEvent::OrderRefundFailed { refund_id: refund.id, reason }))
}

/// What was given back by hand is written down whatever the order's state. Where a refund of ours of the same amount has
/// failed, it was made in its place.
pub(super) fn record(order: &Order, payment: &Payment, reference: String, money: Money) -> Result<Decision, Refusal> {
    let amount = money.counted_in(order.currency).ok_or(Refusal::PaymentMismatch)?;
    if !amount.is_positive() || amount > payment.amount {
        return Err(Refusal::PaymentMismatch);
    }
    let refund_id = RefundId::of_reference(order.id, &reference);
    if order.ledger.refund(refund_id).is_some() {
        return Ok(Decision::AlreadyApplied);
    }
    let stands_for = order.ledger.refunds.iter().find(|refund| {
        refund.payment_id == payment.id && refund.amount == amount && !refund.completed && refund.failures > 0
    });
    if let Some(failed) = stands_for {
        return Ok(Decision::of(RefundEvent::OrderRefundCompleted { refund_id: failed.id, amount, reference }));
    }
    let reason = RefundReason::AtProvider;
    let initiated = RefundEvent::OrderRefundInitiated { refund_id, payment_id: payment.id, amount, reason, part: None };
    Ok(Decision::Happens(vec![
        initiated.into(),
        RefundEvent::OrderRefundCompleted { refund_id, amount, reference }.into(),
    ]))
}

/// One refund for every payment of which something is still captured.
pub(super) fn refunds_of_all(order: &Order, reason: RefundReason) -> Vec<Event> {
    let first = order.ledger.refunds.len();
    let open = order.ledger.payments.iter().map(|payment| (payment.id, order.ledger.refundable(payment)));
    open.filter(|(_, amount)| amount.is_positive())
        .enumerate()
        .map(|(offset, (payment_id, amount))| {
            let refund_id = RefundId::of_sequence(order.id, first + offset);
            RefundEvent::OrderRefundInitiated { refund_id, payment_id, amount, reason, part: None }.into()
        })
        .collect()
}
