//! A new order, its submission, and its end before anything has shipped.

use jiff::Timestamp;

use super::super::command::{Command, NewOrder};
use super::super::error::Refusal;
use super::super::event::{CancelReason, CheckoutEvent, Event, LapseReason};
use super::super::invariants::totals_add_up;
use super::super::state::Order;
use super::super::status::{Action, Status};
use super::super::terms::{Draft, Terms};
use super::amend::{lapsed, makes_way};
use super::settling::{refunds_of_all, settled};
use super::{Decision, allowed, numbered_returns, step, within};
use crate::fulfilment::LineQuantity;
use crate::money::Amount;
use crate::payments::RefundReason;

/// The events of a new order.
pub fn create(new: NewOrder, now: Timestamp) -> Vec<Event> {
    let total = new.totals.total;
    debug_assert!(totals_add_up(&new.totals, &new.lines, &[]), "totals of a new order: {:?}", new.totals);
    let created = Event::from(CheckoutEvent::OrderCreated {
        user_id: new.user_id,
        currency: new.currency,
        destination: new.destination.coded(),
        shipping_method: new.shipping_method,
        delivery: new.delivery,
        lines: new.lines,
        totals: new.totals,
        promotions: new.promotions,
        uses: new.uses,
        draft: new.draft.then(|| Draft::of(new.wishes, now)),
        return_terms: new.return_terms,
    });
    let mut events = vec![created];
    if !new.draft {
        events.extend(submitted(total, None, now));
    }
    events
}

/// A free order has nothing to wait for: it is confirmed as it is submitted.
fn submitted(total: Amount, terms: Option<Box<Terms>>, now: Timestamp) -> Vec<Event> {
    let reservation_expires_at = Command::hold_until(now);
    let mut events = vec![CheckoutEvent::OrderSubmitted { total, reservation_expires_at, terms }.into()];
    if !total.is_positive() {
        events.push(CheckoutEvent::OrderConfirmedFree.into());
    }
    events
}

/// Freezes the terms of a draft and reserves its stock.
pub(super) fn submit(order: &Order, terms: Box<Terms>, now: Timestamp) -> Result<Decision, Refusal> {
    step(order, Status::Pending, Action::Submit)?;
    if let Some(since) = order.draft_until().filter(|until| now >= *until) {
        return Err(Refusal::DraftExpired { since });
    }
    if !terms.are_for(&order.lines) {
        return Err(Refusal::OtherLines);
    }
    debug_assert!(
        totals_add_up(&terms.totals, &terms.lines, &terms.extras),
        "totals of a submission: {:?}",
        terms.totals
    );
    Ok(Decision::Happens(submitted(terms.totals.total, Some(terms), now)))
}

pub(super) fn cancel(order: &Order, reason: CancelReason, note: Option<String>) -> Result<Decision, Refusal> {
    step(order, Status::Cancelled, Action::Cancel)?;
    if order.is_partly_shipped() {
        return Err(Refusal::PartlyShipped);
    }
    let mut events = vec![CheckoutEvent::OrderCancelled { reason, note: note.map(Into::into) }.into()];
    events.extend(refunds_of_all(order, RefundReason::OrderCancelled));
    Ok(Decision::Happens(events))
}

/// Takes units out of a paid order before they leave. Their money goes back and their stock is free in the same change.
pub(super) fn cancel_lines(
    order: &Order,
    lines: Vec<LineQuantity>,
    reason: CancelReason,
    note: Option<String>,
) -> Result<Decision, Refusal> {
    let may_lose_some = matches!(order.status, Status::Confirmed | Status::Processing);
    allowed(order, may_lose_some, Action::CancelLines)?;
    within(order, lines.iter().map(|part| (part.line, part.quantity)), |line| order.cancellable(line))?;
    let units: u32 = lines.iter().map(|part| part.quantity).sum();
    if units == order.outstanding() && !order.is_partly_shipped() {
        return cancel(order, reason, note);
    }
    let refund = order.refund_cancelled(lines.clone())?;
    let mut events = makes_way(order)?;
    events.push(CheckoutEvent::OrderLinesCancelled { lines, reason, note: note.map(Into::into) }.into());
    // A free order has no money that could end it.
    if refund.is_empty() {
        return Ok(Decision::Happens(events));
    }
    events.extend(refund);
    Ok(settled(order, events))
}

/// Ends what nobody came back to: a draft that was not submitted, an order or a change that was not paid.
pub(super) fn expire(order: &Order, now: Timestamp) -> Result<Decision, Refusal> {
    if let Some(offer) = &order.offer {
        return match lapsed(order, LapseReason::Expired).filter(|_| now >= offer.until) {
            Some(event) => Ok(Decision::of(event)),
            None => Err(Refusal::NotDue { until: offer.until }),
        };
    }
    if let Some(until) = order.draft_until() {
        return if now < until {
            Err(Refusal::NotDue { until })
        } else {
            cancel(order, CancelReason::DraftExpired, None)
        };
    }
    if order.status != Status::Pending {
        return expire_returns(order, now);
    }
    match order.reservation_expires_at.filter(|_| order.awaits_payment(now)) {
        Some(until) => Err(Refusal::NotDue { until }),
        None => cancel(order, CancelReason::PaymentTimeout, None),
    }
}

/// Ends returns that were approved and never came.
fn expire_returns(order: &Order, now: Timestamp) -> Result<Decision, Refusal> {
    let expired = numbered_returns::expired(order, now);
    match order.return_due_at() {
        _ if !expired.is_empty() => Ok(Decision::Happens(expired)),
        Some(until) => Err(Refusal::NotDue { until }),
        None => Ok(Decision::AlreadyApplied),
    }
}
