//! Changes of an order that was placed (C1–C8). What they cost less goes back with them; what they cost more is offered,
//! and the change waits until that is paid. Nothing is ever changed and unpaid.

use jiff::Timestamp;

use super::super::amendment::{Amendment, MAX_CHANGES, Revision, offered_until};
use super::super::error::Refusal;
use super::super::event::{ChangeEvent, CheckoutEvent, Event, LapseReason};
use super::super::invariants::totals_add_up;
use super::super::state::Order;
use super::super::status::{Action, Status};
use super::super::terms::{Draft, Terms};
use super::settling::settled;
use super::{Decision, allowed};
use crate::money::Amount;

pub(super) fn amend(order: &Order, amendment: Amendment, base: u64, now: Timestamp) -> Result<Decision, Refusal> {
    if order.changes >= MAX_CHANGES {
        return Err(Refusal::TooManyChanges(MAX_CHANGES));
    }
    none_under_way(order)?;
    allowed(order, order.may_be_changed(amendment.by_staff), Action::Change)?;
    in_time(order, now)?;
    if order.version != base {
        return Err(Refusal::Outdated);
    }
    lawful(order, &amendment)?;
    let Amendment { terms, wishes, destination, written, .. } = amendment;
    debug_assert!(totals_add_up(&terms.totals, &terms.lines, &terms.extras), "totals of a change: {:?}", terms.totals);
    let (difference, total) = (terms.totals.total - order.totals.total, terms.totals.total);
    let person = written.as_ref().is_some_and(|words| words.person.is_some());
    let written = written.and_then(|words| words.sealed());
    let destination = destination.map(super::super::address::Destination::coded);
    let revision = Box::new(Revision { terms, destination, written, person });
    let change = order.changes + 1;
    let mut events: Vec<Event> = lapsed(order, LapseReason::Replaced).into_iter().collect();
    if order.paid_at.is_some() && difference.is_positive() {
        let (until, due) = (offered_until(now), difference);
        events.push(ChangeEvent::OrderChangeOffered { change, until, due, revision }.into());
        return Ok(Decision::Happens(events));
    }
    let draft = wishes.zip(order.draft_until()).map(|(wishes, until)| Draft {
        until,
        promotion_codes: wishes.promotion_codes,
        shipping_method: wishes.shipping_method,
    });
    events.push(ChangeEvent::OrderChanged { change, revision, draft }.into());
    if order.status == Status::Pending && !total.is_positive() {
        events.push(CheckoutEvent::OrderConfirmedFree.into());
    }
    if order.paid_at.is_none() || difference.is_zero() {
        return Ok(Decision::Happens(events));
    }
    let refund = order.refund_changed(Amount::ZERO - difference)?;
    if refund.is_empty() {
        return Ok(Decision::Happens(events));
    }
    events.extend(refund);
    Ok(settled(order, events))
}

/// Whether what the change takes out, adds and moves can be taken out, added and moved.
fn lawful(order: &Order, amendment: &Amendment) -> Result<(), Refusal> {
    let terms = &amendment.terms;
    for part in order.taken_out(terms) {
        let line = order.lines.iter().find(|line| line.line == part.line).ok_or(Refusal::UnknownLine(part.line))?;
        let left = order.removable(line);
        if part.quantity > left {
            return Err(Refusal::TooManyUnits { line: part.line, left });
        }
    }
    // Units are added as lines of their own: those of a line that is there have their price.
    let grown = |line: &super::super::state::Line| {
        let known = order.lines.iter().find(|own| own.line == line.line);
        order.status != Status::Draft && known.is_some_and(|own| line.quantity > own.quantity)
    };
    if terms.lines.iter().any(grown) {
        return Err(Refusal::OtherLines);
    }
    if order.status == Status::Processing && !order.added(terms).is_empty() {
        return Err(Refusal::NothingIsAdded);
    }
    if !is_something_left(order, terms) {
        return Err(Refusal::NothingLeft);
    }
    if terms.totals.total < Amount::ZERO {
        return Err(Refusal::BelowNothing);
    }
    let labelled = order.shipments.iter().any(|shipment| !shipment.labels.is_empty());
    if amendment.readdressed && (order.is_partly_shipped() || order.is_partly_packed() || labelled) {
        return Err(Refusal::AddressInUse);
    }
    Ok(())
}

/// Something is to ship after it, or has left before.
fn is_something_left(order: &Order, terms: &Terms) -> bool {
    let units = |line: &super::super::state::Line| {
        let own = order.lines.iter().find(|own| own.line == line.line);
        line.quantity.saturating_sub(own.map_or(0, |own| own.withdrawn))
    };
    order.is_partly_shipped() || terms.lines.iter().map(units).sum::<u32>() > 0
}

fn in_time(order: &Order, now: Timestamp) -> Result<(), Refusal> {
    if let Some(since) = order.draft_until().filter(|until| now >= *until) {
        return Err(Refusal::DraftExpired { since });
    }
    if order.status == Status::Pending && !order.awaits_payment(now) {
        return Err(Refusal::HoldExpired { since: order.reservation_expires_at.unwrap_or(order.updated_at) });
    }
    Ok(())
}

/// While a provider works on what is to be paid, that does not change.
fn none_under_way(order: &Order) -> Result<(), Refusal> {
    match order.under_way() {
        Some(payment) => Err(Refusal::PaymentUnderWay { provider: payment.provider.clone() }),
        None => Ok(()),
    }
}

/// The end of a change that is offered, if there is one.
pub(super) fn lapsed(order: &Order, reason: LapseReason) -> Option<Event> {
    let change = order.offer.as_ref()?.change;
    Some(ChangeEvent::OrderChangeLapsed { change, reason }.into())
}

/// The same before something else that takes units out or money back: an offer of before would no longer be right.
pub(super) fn makes_way(order: &Order) -> Result<Vec<Event>, Refusal> {
    if order.offer.is_some() {
        none_under_way(order)?;
    }
    Ok(lapsed(order, LapseReason::Replaced).into_iter().collect())
}

pub(super) fn withdraw(order: &Order, change: u16) -> Result<Decision, Refusal> {
    if order.offer.as_ref().is_none_or(|offer| offer.change != change) {
        return Err(Refusal::NoSuchOffer);
    }
    none_under_way(order)?;
    Ok(Decision::Happens(lapsed(order, LapseReason::Withdrawn).into_iter().collect()))
}
