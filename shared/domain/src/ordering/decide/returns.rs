//! Goods that the customer sends back.

use super::super::error::Refusal;
use super::super::event::ReturnEvent;
use super::super::state::Order;
use super::super::status::{Action, Status};
use super::{Decision, allowed, numbered_returns, room_for_another_round, step, within};
use crate::fulfilment::{LineQuantity, ReturnedLine};
use crate::payments::RefundReason;

pub(super) fn request(order: &Order, lines: Vec<LineQuantity>, reason: String) -> Result<Decision, Refusal> {
    step(order, Status::ReturnRequested, Action::RequestReturn)?;
    room_for_another_round(order)?;
    within(order, lines.iter().map(|part| (part.line, part.quantity)), |line| order.kept(line))?;
    Ok(Decision::of(ReturnEvent::OrderReturnRequested { lines, reason: reason.into() }))
}

/// Money that has been promised back is not taken back by a denial.
pub(super) fn deny(order: &Order, reason: String) -> Result<Decision, Refusal> {
    if order.has_open_return() {
        return numbered_returns::deny_all(order, &reason);
    }
    let refunded = order.ledger.refunds.iter().any(|refund| refund.reason == RefundReason::Return);
    allowed(order, order.status == Status::ReturnRequested && !refunded, Action::DenyReturn)?;
    Ok(Decision::of(ReturnEvent::OrderReturnDenied { reason: reason.into() }))
}

pub(super) fn receive(order: &Order, lines: Vec<ReturnedLine>) -> Result<Decision, Refusal> {
    step(order, Status::Returned, Action::ReceiveReturn)?;
    // What has a number is received by it.
    allowed(order, !order.has_open_return(), Action::ReceiveReturn)?;
    let mut sums: Vec<(u16, u32)> = Vec::new();
    for part in &lines {
        match sums.iter_mut().find(|(line, _)| *line == part.line) {
            Some((_, quantity)) => *quantity = quantity.saturating_add(part.quantity),
            None => sums.push((part.line, part.quantity)),
        }
    }
    within(order, sums.into_iter(), |line| order.kept(line))?;
    Ok(Decision::of(ReturnEvent::OrderReturned { lines }))
}
