//! From the paid order to the customer's door.

use super::super::error::Refusal;
use super::super::event::ShipmentEvent;
use super::super::state::{Line, Order};
use super::super::status::{Action, Status};
use super::review::not_held;
use super::{Decision, allowed, room_for_another_round, within};
use crate::fulfilment::{LineQuantity, Tracking};

pub(super) fn start_processing(order: &Order, note: Option<String>) -> Result<Decision, Refusal> {
    allowed(order, order.status == Status::Confirmed, Action::Process)?;
    not_held(order)?;
    still_paid(order)?;
    Ok(Decision::of(ShipmentEvent::OrderProcessingStarted { note: note.map(Into::into) }))
}

pub(super) fn ship(
    order: &Order,
    tracking: Tracking,
    lines: Option<Vec<LineQuantity>>,
    note: Option<String>,
) -> Result<Decision, Refusal> {
    allowed(order, order.status == Status::Processing, Action::Ship)?;
    not_held(order)?;
    still_paid(order)?;
    let rest = || {
        let left = order.lines.iter().map(|line| LineQuantity { line: line.line, quantity: line.to_ship() });
        left.filter(|part| part.quantity > 0).collect()
    };
    let lines = lines.unwrap_or_else(rest);
    within(order, lines.iter().map(|part| (part.line, part.quantity)), Line::to_ship)?;
    Ok(Decision::of(ShipmentEvent::OrderShipped { tracking, lines, note: note.map(Into::into) }))
}

/// What ships was paid for. Orders end as the last of their money goes back; those of before did not.
fn still_paid(order: &Order) -> Result<(), Refusal> {
    let free = !order.totals.total.is_positive();
    if free || order.refundable().is_positive() { Ok(()) } else { Err(Refusal::MoneyIsBack) }
}

/// Everything that is with the carrier comes back.
pub(super) fn fail_delivery(order: &Order, note: Option<String>) -> Result<Decision, Refusal> {
    allowed(order, order.status == Status::Shipped, Action::FailDelivery)?;
    room_for_another_round(order)?;
    let lines = order.lines.iter().map(|line| LineQuantity { line: line.line, quantity: line.shipped }).collect();
    Ok(Decision::of(ShipmentEvent::OrderDeliveryFailed { lines, note: note.map(Into::into) }))
}

pub(super) fn deliver(order: &Order, note: Option<String>) -> Result<Decision, Refusal> {
    allowed(order, order.status == Status::Shipped, Action::Deliver)?;
    Ok(Decision::of(ShipmentEvent::OrderDelivered { note: note.map(Into::into), paid_at: order.paid_at }))
}
