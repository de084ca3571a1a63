//! What keeps an order from being processed and shipped: several holds at once, each released by itself (G11).
//!
//! A fraud check's review is one of them, with a way of its own to begin and to end; so is a bank's dispute.

use super::super::error::Refusal;
use super::super::event::HoldEvent;
use super::super::state::{HoldReason, MAX_HOLDS, Order, REVIEW_HOLD};
use super::super::status::Action;
use super::{Decision, allowed, review};

/// What is held is neither prepared nor shipped.
pub(super) fn not_held(order: &Order) -> Result<(), Refusal> {
    match order.held_for() {
        Some(_) if order.review.is_some() => Err(Refusal::UnderReview),
        Some(reason) => Err(Refusal::OnHold(reason)),
        None => Ok(()),
    }
}

/// Before it ships there is something to hold.
pub(super) fn place(order: &Order, reason: HoldReason, note: Option<String>) -> Result<Decision, Refusal> {
    if !reason.is_for_people() {
        return Err(Refusal::NotByHand(reason));
    }
    allowed(order, order.status.holds_stock(), Action::Hold)?;
    if order.holds.iter().filter(|hold| hold.reason.is_for_people()).count() >= MAX_HOLDS {
        return Err(Refusal::TooManyHolds(MAX_HOLDS));
    }
    let hold = format!("h{}", order.version + 1);
    Ok(Decision::of(HoldEvent::OrderHoldPlaced { hold, reason, note: note.map(Into::into) }))
}

/// The hold of a fraud check is released by approving what it found.
pub(super) fn release(order: &Order, hold: String, note: Option<String>) -> Result<Decision, Refusal> {
    if hold == REVIEW_HOLD && order.review.is_some() {
        return review::approve(order, note);
    }
    let found = order.holds.iter().find(|own| own.id == hold).ok_or(Refusal::UnknownHold)?;
    if !found.reason.is_for_people() {
        return Err(Refusal::NotByHand(found.reason));
    }
    Ok(Decision::of(HoldEvent::OrderHoldReleased { hold, reason: found.reason, note: note.map(Into::into) }))
}
