//! What a fraud check holds, and what a person says of it (A14).

use super::super::error::Refusal;
use super::super::event::{CancelReason, ReviewEvent, ReviewReason};
use super::super::state::Order;
use super::super::status::Action;
use super::checkout::cancel;
use super::{Decision, allowed};

/// Before it ships there is something to hold; a hold that stands is not repeated.
pub(super) fn request(order: &Order, reasons: Vec<ReviewReason>) -> Decision {
    let can_be_held = order.status.holds_stock() && order.review.is_none() && !reasons.is_empty();
    if can_be_held { Decision::of(ReviewEvent::OrderReviewRequested { reasons }) } else { Decision::AlreadyApplied }
}

pub(super) fn approve(order: &Order, note: Option<String>) -> Result<Decision, Refusal> {
    allowed(order, order.review.is_some(), Action::Review)?;
    Ok(Decision::of(ReviewEvent::OrderReviewApproved { note: note.map(Into::into) }))
}

pub(super) fn reject(order: &Order, note: Option<String>) -> Result<Decision, Refusal> {
    allowed(order, order.review.is_some(), Action::Review)?;
    cancel(order, CancelReason::Fraud, note)
}
