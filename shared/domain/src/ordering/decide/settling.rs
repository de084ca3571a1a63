//! What follows when money has gone back, or did not: whoever moved it, the ledger adds up again in the same change.
//!
//! 1. What we still promise shrinks to what is left of its payment, the youngest promise first.
//! 2. What must go back whole (a payment that was never wanted, an order that is over) is promised whole; where a promise
//!    had shrunk and there is room again, the difference is promised anew; and where it turns out that it was given
//!    before it shrank, what was promised anew for it shrinks.
//! 3. An order of which nothing is left, in money or in units, does not ship: before anything has shipped it is
//!    cancelled, afterwards the rest stays.

use super::super::event::{CancelReason, CheckoutEvent, Event, ReductionReason, RefundEvent, ShipmentEvent};
use super::super::state::Order;
use super::super::status::Status;
use super::Decision;
use crate::ids::RefundId;
use crate::money::Amount;
use crate::payments::{Payment, RefundReason};

/// These events, and what follows from them.
pub(super) fn settled(order: &Order, mut events: Vec<Event>) -> Decision {
    events.extend(reductions(&order.foreseen(&events)));
    events.extend(promises(&order.foreseen(&events)));
    events.extend(ending(&order.foreseen(&events)));
    Decision::Happens(events)
}

fn reductions(order: &Order) -> Vec<Event> {
    let mut events = Vec::new();
    for payment in &order.ledger.payments {
        let mut excess = order.ledger.excess(payment);
        let mut twice = Amount::ZERO - missing(order, payment);
        for refund in order.ledger.refunds_of(payment.id).rev().filter(|refund| !refund.completed) {
            let too_much = if refund.is_anew() { excess.max(twice) } else { excess };
            let cut = too_much.min(refund.amount);
            if !cut.is_positive() {
                continue;
            }
            let (refund_id, amount, reason) = (refund.id, refund.amount - cut, ReductionReason::GivenElsewhere);
            events.push(RefundEvent::OrderRefundReduced { refund_id, amount, reason }.into());
            excess = excess - cut;
            if refund.is_anew() {
                twice = twice - cut;
            }
        }
    }
    events
}

/// Why all of a payment must go back, if it must.
fn goes_back_whole(order: &Order, payment: &Payment) -> Option<RefundReason> {
    let given_up = |reason| order.ledger.refunds_of(payment.id).any(|refund| refund.reason == reason);
    order.ledger.surplus(payment).or(match order.status {
        Status::Cancelled => Some(RefundReason::OrderCancelled),
        Status::Refunded => Some(RefundReason::Return),
        Status::ReturnRequested | Status::Returned if given_up(RefundReason::Return) => Some(RefundReason::Return),
        Status::Draft
        | Status::Pending
        | Status::Confirmed
        | Status::Processing
        | Status::Shipped
        | Status::Delivered
        | Status::ReturnRequested
        | Status::Returned => None,
    })
}

fn promises(order: &Order) -> Vec<Event> {
    refunds(order, |payment| {
        let left = order.ledger.refundable(payment);
        let whole = goes_back_whole(order, payment).map(|reason| (reason, left));
        whole.or_else(|| Some((RefundReason::Partial, missing(order, payment).min(left))))
    })
}

/// What an admin promised, that shrank, and that was not promised again; below zero, what was promised twice.
fn missing(order: &Order, payment: &Payment) -> Amount {
    let refunds = || order.ledger.refunds_of(payment.id);
    let cut: Amount = refunds().filter(|refund| refund.part.is_some()).map(|refund| refund.cut).sum();
    let anew: Amount = refunds().filter(|refund| refund.is_anew()).map(|refund| refund.amount).sum();
    cut - anew
}

fn ending(order: &Order) -> Vec<Event> {
    if !matches!(order.status, Status::Confirmed | Status::Processing) {
        return Vec::new();
    }
    let money_left = order.refundable().is_positive();
    let units_left = order.outstanding() > 0;
    if money_left && units_left {
        return Vec::new();
    }
    if !order.is_partly_shipped() {
        let mut events = vec![CheckoutEvent::OrderCancelled { reason: CancelReason::Refunded, note: None }.into()];
        events.extend(refunds_of_all(order, RefundReason::OrderCancelled));
        return events;
    }
    if units_left { vec![ShipmentEvent::OrderRestWithdrawn.into()] } else { Vec::new() }
}

/// One refund for every payment of which something is still captured.
pub(super) fn refunds_of_all(order: &Order, reason: RefundReason) -> Vec<Event> {
    refunds(order, |payment| Some((reason, order.ledger.refundable(payment))))
}

fn refunds(order: &Order, wanted: impl Fn(&Payment) -> Option<(RefundReason, Amount)>) -> Vec<Event> {
    let first = order.ledger.refunds.len();
    let of_payment = |payment: &Payment| wanted(payment).map(|(reason, amount)| (payment.id, reason, amount));
    let open = order.ledger.payments.iter().filter_map(of_payment).filter(|(.., amount)| amount.is_positive());
    open.enumerate()
        .map(|(offset, (payment_id, reason, amount))| {
            let refund_id = RefundId::of_sequence(order.id, first + offset);
            let (part, short) = (None, Amount::ZERO);
            RefundEvent::OrderRefundInitiated { refund_id, payment_id, amount, reason, part, short }.into()
        })
        .collect()
}
