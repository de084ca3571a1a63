//! Returns with a number of their own, several at once, and claims (H1–H7, H9; ADR 57, 58).
//!
//! What a step comes to in stock and money follows from the receipt and the terms of the order's placement, in the same change.
//! Customers are bound by the terms; what staff opens beyond them is marked.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::command::{NewReturn, ReturnStep};
use super::super::error::Refusal;
use super::super::event::{Event, ReturnEvent};
use super::super::state::Order;
use super::super::status::{Action, Status};
use super::settling::settled;
use super::{Decision, allowed, room_for_another_round, within};
use crate::fulfilment::LineQuantity;
use crate::money::Amount;
use crate::returns::policy::{Payer, Reason, ReturnsTable};
use crate::returns::{FoundUnits, MAX_RETURNS, ReceivedLine, Return, ReturnLine, ReturnStatus, Settlement};

pub(super) fn open(order: &Order, new: NewReturn, now: Timestamp) -> Result<Decision, Refusal> {
    allowed(order, order.may_open_return(), Action::RequestReturn)?;
    room_for_another_round(order)?;
    if order.returns.len() >= MAX_RETURNS {
        return Err(Refusal::TooManyReturns(MAX_RETURNS));
    }
    let units = new.lines.iter().map(|wanted| (wanted.units.line, wanted.units.quantity));
    within(order, units, |line| order.returnable(line))?;
    let breach = breach(order, &new, now);
    if let Some(refusal) = breach.clone().filter(|_| new.binding) {
        return Err(refusal);
    }
    let lines = new.lines.iter().map(|wanted| ReturnLine {
        line: wanted.units.line,
        quantity: wanted.units.quantity,
        reason: wanted.reason.as_ref().map(|reason| reason.code.clone()),
        shop_pays: wanted.reason.as_ref().is_some_and(|reason| reason.label == Payer::Shop),
        received: 0,
    });
    Ok(Decision::of(ReturnEvent::OrderReturnOpened {
        number: order.next_return(),
        kind: new.kind,
        lines: lines.collect(),
        waived: breach.is_some(),
        note: new.note.map(Into::into),
    }))
}

/// What of the terms stands against it. A person decides about a claim in any case, and what was wrong with the goods knows no window.
fn breach(order: &Order, new: &NewReturn, now: Timestamp) -> Option<Refusal> {
    if new.kind.is_claim() {
        return None;
    }
    let of_line = |line: u16, reason: Option<&Reason>| {
        let Some(until) = order.returnable_until(line) else { return Some(Refusal::FinalSale(line)) };
        if now >= until {
            return Some(Refusal::ReturnWindowOver { line, since: until });
        }
        let photo = reason.filter(|reason| reason.photo);
        photo.map(|reason| Refusal::PhotoNeeded(reason.code.clone()))
    };
    new.lines.iter().find_map(|wanted| of_line(wanted.units.line, wanted.reason.as_ref()))
}

/// One step of a return. A step that was taken before changes nothing; a receipt is always a new one.
pub(super) fn step(
    order: &Order,
    number: u16,
    step: ReturnStep,
    note: Option<String>,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let own = order.return_numbered(number).ok_or(Refusal::UnknownReturn)?;
    let stands = |action: &'static str| Err(Refusal::ReturnStands { from: own.status, action });
    let note = note.map(Into::into);
    match (step, own.status) {
        (ReturnStep::Approve { .. }, ReturnStatus::Approved)
        | (ReturnStep::Deny, ReturnStatus::Denied)
        | (ReturnStep::Cancel, ReturnStatus::Cancelled)
        | (ReturnStep::Close, ReturnStatus::Closed) => Ok(Decision::AlreadyApplied),
        (ReturnStep::Approve { .. }, ReturnStatus::Closed) if own.kind.is_claim() => Ok(Decision::AlreadyApplied),
        (ReturnStep::Approve { table, amount }, ReturnStatus::Requested) => {
            if own.kind.is_claim() {
                return grant_claim(order, own, amount, note);
            }
            // What goes back is known when the goods are here.
            if amount.is_some() {
                return stands("refund");
            }
            let until = Some(table.expires(now));
            Ok(Decision::of(ReturnEvent::OrderReturnApproved { number, until, settled: None, note }))
        }
        (ReturnStep::Deny, ReturnStatus::Requested) => {
            Ok(Decision::of(ReturnEvent::OrderReturnDeclined { number, note }))
        }
        (ReturnStep::Receive { table, found, amount }, ReturnStatus::Approved | ReturnStatus::Received) => {
            receive(order, own, &table, &found, amount, note)
        }
        (ReturnStep::Cancel, ReturnStatus::Requested | ReturnStatus::Approved) => {
            Ok(Decision::of(ReturnEvent::OrderReturnCancelled { number, note }))
        }
        (ReturnStep::Close, ReturnStatus::Received) => Ok(Decision::of(ReturnEvent::OrderReturnClosed { number })),
        (ReturnStep::Approve { .. }, _) => stands("approve"),
        (ReturnStep::Deny, _) => stands("deny"),
        (ReturnStep::Receive { .. }, _) => stands("receive"),
        (ReturnStep::Cancel, _) => stands("cancel"),
        (ReturnStep::Close, _) => stands("close"),
    }
}

/// Approved returns whose time is over.
pub(super) fn expired(order: &Order, now: Timestamp) -> Vec<Event> {
    let over = order.returns.iter().filter(|own| own.waits_until().is_some_and(|until| now >= until));
    over.map(|own| ReturnEvent::OrderReturnExpired { number: own.number }.into()).collect()
}

fn receive(
    order: &Order,
    own: &Return,
    table: &ReturnsTable,
    found: &[FoundUnits],
    amount: Option<Amount>,
    note: Option<super::super::words::Words>,
) -> Result<Decision, Refusal> {
    let mut sums = BTreeMap::<u16, u32>::new();
    for part in found {
        let sum = sums.entry(part.units.line).or_default();
        *sum = sum.saturating_add(part.units.quantity);
    }
    if found.iter().any(|part| part.units.quantity == 0) {
        return Err(Refusal::NothingNamed);
    }
    within(order, sums.iter().map(|(line, units)| (*line, *units)), |line| own.outstanding_of(line.line))?;
    let mut received: Vec<ReceivedLine> = Vec::with_capacity(found.len());
    for FoundUnits { units: LineQuantity { line, quantity }, condition } in found.iter().copied() {
        match received.iter_mut().find(|known| known.line == line && known.condition == condition) {
            Some(known) => known.quantity += quantity,
            None => received.push(ReceivedLine { line, quantity, condition, stock: table.treatment(condition).stock }),
        }
    }
    let whole = order.would_be_whole_back(&sums);
    let mut worth = order.worth_of_received(own, &received, table);
    let shipping = if whole { order.shipping_left().max(Amount::ZERO) } else { Amount::ZERO };
    worth.value = worth.value + shipping;
    let settlement = order.bounded(worth, amount)?;
    let number = own.number;
    let mut events: Vec<Event> =
        vec![ReturnEvent::OrderReturnReceived { number, lines: received, settled: settlement, note }.into()];
    let counted = order.not_refunded_of(&sums);
    events.extend(order.refund_of_return(number, counted, shipping, settlement)?);
    if order.foreseen(&events).return_numbered(number).is_some_and(Return::is_all_here) {
        events.push(ReturnEvent::OrderReturnClosed { number }.into());
    }
    Ok(settled(order, events))
}

/// Nothing comes back: the money does, at once, and that is the end of it.
fn grant_claim(
    order: &Order,
    own: &Return,
    amount: Option<Amount>,
    note: Option<super::super::words::Words>,
) -> Result<Decision, Refusal> {
    let sums: BTreeMap<u16, u32> = own.lines.iter().map(|line| (line.line, line.quantity)).collect();
    let counted = order.not_refunded_of(&sums);
    let whole = order.would_be_whole_back(&sums);
    let shipping = if whole { order.shipping_left().max(Amount::ZERO) } else { Amount::ZERO };
    let worth = Settlement { value: order.worth_of(&counted) + shipping, ..Settlement::default() };
    let settlement = order.bounded(worth, amount)?;
    let number = own.number;
    let approved = ReturnEvent::OrderReturnApproved { number, until: None, settled: Some(settlement), note };
    let mut events: Vec<Event> = vec![approved.into()];
    events.extend(order.refund_of_return(number, counted, shipping, settlement)?);
    events.push(ReturnEvent::OrderReturnClosed { number }.into());
    Ok(settled(order, events))
}

/// A shop that says no to an order's return by the order's status means those that wait for its word.
pub(super) fn deny_all(order: &Order, reason: &str) -> Result<Decision, Refusal> {
    let open = || order.returns.iter().filter(|own| own.status.is_open());
    allowed(order, open().all(|own| own.status == ReturnStatus::Requested), Action::DenyReturn)?;
    let note = Some(reason.to_owned().into());
    let denied = open().map(|own| ReturnEvent::OrderReturnDeclined { number: own.number, note: note.clone() }.into());
    Ok(Decision::Happens(denied.collect()))
}

impl Order {
    /// A return by its number.
    pub fn return_numbered(&self, number: u16) -> Option<&Return> {
        self.returns.iter().find(|own| own.number == number)
    }

    /// Whether something is waited for, or somebody's word.
    pub fn has_open_return(&self) -> bool {
        self.returns.iter().any(|own| own.status.is_open())
    }

    /// When somebody has to come back to a return of the order.
    pub(in super::super) fn return_due_at(&self) -> Option<Timestamp> {
        self.returns.iter().filter_map(Return::waits_until).min()
    }

    /// Whether units can be asked to come back, as far as the order's state goes. One that waits for a return without a number, as
    /// there were before, or for the last of its money, has no room for another.
    pub(in super::super) fn may_open_return(&self) -> bool {
        match self.status {
            Status::Delivered => true,
            Status::ReturnRequested => self.has_open_return(),
            Status::Draft
            | Status::Pending
            | Status::Confirmed
            | Status::Processing
            | Status::Shipped
            | Status::Returned
            | Status::Refunded
            | Status::Cancelled => false,
        }
    }

    fn next_return(&self) -> u16 {
        self.returns.iter().map(|own| own.number).max().unwrap_or(0) + 1
    }
}
