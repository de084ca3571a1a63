//! A new order, its submission, and its end before anything has shipped.

use jiff::Timestamp;

use super::super::command::{Command, NewOrder};
use super::super::error::Refusal;
use super::super::event::{CancelReason, CheckoutEvent, Event};
use super::super::invariants::totals_add_up;
use super::super::state::Order;
use super::super::status::{Action, Status};
use super::refund::refunds_of_all;
use super::{Decision, step};
use crate::money::Amount;
use crate::payments::RefundReason;

/// The events of a new order.
pub fn create(new: NewOrder, now: Timestamp) -> Vec<Event> {
    let total = new.totals.total;
    debug_assert!(totals_add_up(&new.totals, &new.lines), "totals of a new order: {:?}", new.totals);
    let created = Event::from(CheckoutEvent::OrderCreated {
        user_id: new.user_id,
        currency: new.currency,
        destination: new.destination,
        shipping_method: new.shipping_method,
        lines: new.lines,
        totals: new.totals,
        promotions: new.promotions,
        uses: new.uses,
    });
    if new.draft {
        return vec![created];
    }
    let mut events = vec![created];
    events.extend(submitted(total, now));
    events
}

/// A free order has nothing to wait for: it is confirmed as it is submitted.
fn submitted(total: Amount, now: Timestamp) -> Vec<Event> {
    let mut events =
        vec![CheckoutEvent::OrderSubmitted { total, reservation_expires_at: Command::hold_until(now) }.into()];
    if !total.is_positive() {
        events.push(CheckoutEvent::OrderConfirmedFree.into());
    }
    events
}

/// Reserves the stock of a draft.
pub(super) fn submit(order: &Order, now: Timestamp) -> Result<Decision, Refusal> {
    step(order, Status::Pending, Action::Submit)?;
    Ok(Decision::Happens(submitted(order.totals.total, now)))
}

pub(super) fn cancel(order: &Order, reason: CancelReason, note: Option<String>) -> Result<Decision, Refusal> {
    step(order, Status::Cancelled, Action::Cancel)?;
    if order.is_partly_shipped() {
        return Err(Refusal::PartlyShipped);
    }
    let mut events = vec![CheckoutEvent::OrderCancelled { reason, note }.into()];
    events.extend(refunds_of_all(order, RefundReason::OrderCancelled));
    Ok(Decision::Happens(events))
}

pub(super) fn expire(order: &Order, now: Timestamp) -> Result<Decision, Refusal> {
    if order.status != Status::Pending {
        return Ok(Decision::AlreadyApplied);
    }
    match order.reservation_expires_at.filter(|_| order.awaits_payment(now)) {
        Some(until) => Err(Refusal::NotDue { until }),
        None => cancel(order, CancelReason::PaymentTimeout, None),
    }
}
