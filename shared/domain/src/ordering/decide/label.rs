//! Labels: asked for on record before a carrier is, so that none is paid twice (G13).
//!
//! What had no answer is looked for, and where the carrier cannot tell, the order is held for a person. A label whose shipment
//! is given up, or that comes when nobody waits for it any more, is given back.

use super::super::command::LabelAnswer;
use super::super::error::Refusal;
use super::super::event::{Event, HoldEvent, LabelEvent};
use super::super::state::{HoldReason, Order};
use super::super::status::{Action, Status};
use super::hold::not_held;
use super::shipment::{stands, still_paid};
use super::{Decision, allowed};
use crate::fulfilment::label::{Label, LabelOrder, LabelStatus, MAX_LABELS};
use crate::fulfilment::parcel::MAX_PARCELS;
use crate::fulfilment::{Shipment, ShipmentStatus};
use crate::ids::LabelId;

/// One at a time, for what is packed and has yet to leave.
pub(super) fn request(order: &Order, number: u16, wanted: LabelOrder) -> Result<Decision, Refusal> {
    let shipment = order.shipment(number).ok_or(Refusal::UnknownShipment)?;
    allowed(order, order.status == Status::Processing, Action::Ship)?;
    stands(shipment, shipment.status.is_open(), "buy a label")?;
    not_held(order)?;
    still_paid(order)?;
    if let Some(label) = shipment.labels.last() {
        return Err(Refusal::HasLabel(label.status));
    }
    if shipment.labels_asked >= MAX_LABELS {
        return Err(Refusal::TooManyLabels(MAX_LABELS));
    }
    if !(1..=MAX_PARCELS).contains(&wanted.parcels.len()) {
        return Err(Refusal::ParcelCount(MAX_PARCELS));
    }
    let label_id = LabelId::of_sequence(order.id, number, shipment.labels_asked + 1);
    Ok(Decision::of(LabelEvent::OrderLabelRequested { shipment: number, label_id, order: wanted }))
}

/// What the carrier says of a purchase, now or after it was looked for. An answer counts once.
pub(super) fn record(
    order: &Order,
    number: u16,
    label_id: LabelId,
    wanted: LabelOrder,
    answer: LabelAnswer,
) -> Result<Decision, Refusal> {
    let shipment = order.shipment(number).ok_or(Refusal::UnknownShipment)?;
    let label = shipment.label(label_id);
    let open = label.is_some_and(|own| matches!(own.status, LabelStatus::Requested | LabelStatus::Unknown));
    let events = match answer {
        LabelAnswer::Bought(bought) => {
            let settled = label.is_some() && !open;
            if settled {
                return Ok(Decision::AlreadyApplied);
            }
            let mut events: Vec<Event> =
                vec![LabelEvent::OrderLabelBought { shipment: number, label_id, order: wanted, bought }.into()];
            events.extend(hold_ends(order, label_id));
            // It was given up before its answer came, and another may have been bought since.
            if label.is_none() {
                events.push(LabelEvent::OrderLabelVoidRequested { shipment: number, label_id }.into());
            }
            events
        }
        _ if !open => return Ok(Decision::AlreadyApplied),
        LabelAnswer::Failed(reason) => {
            let failed = LabelEvent::OrderLabelFailed { shipment: number, label_id, reason };
            std::iter::once(failed.into()).chain(hold_ends(order, label_id)).collect()
        }
        LabelAnswer::Unknown => {
            if label.is_some_and(|own| own.status == LabelStatus::Unknown) {
                return Ok(Decision::AlreadyApplied);
            }
            let mut events: Vec<Event> = vec![LabelEvent::OrderLabelUnknown { shipment: number, label_id }.into()];
            // What has shipped meanwhile holds nothing back.
            if order.status.holds_stock() {
                let (hold, reason) = (label_id.to_string(), HoldReason::Fulfilment);
                events.push(HoldEvent::OrderHoldPlaced { hold, reason, note: None }.into());
            }
            events
        }
    };
    Ok(Decision::Happens(events))
}

/// The hold that an unknown label has placed, unless a person has released it.
fn hold_ends(order: &Order, label_id: LabelId) -> Option<Event> {
    let hold = order.holds.iter().find(|own| own.id == label_id.to_string())?;
    Some(HoldEvent::OrderHoldReleased { hold: hold.id.clone(), reason: hold.reason, note: None }.into())
}

/// What has not left is given back. Of a label that the carrier does not know, a person says that there is none.
pub(super) fn void(order: &Order, number: u16) -> Result<Decision, Refusal> {
    let shipment = order.shipment(number).ok_or(Refusal::UnknownShipment)?;
    let label = shipment.labels.last().ok_or(Refusal::NoLabel)?;
    let label_id = label.id;
    match label.status {
        LabelStatus::Voiding => Ok(Decision::AlreadyApplied),
        LabelStatus::Requested => Err(Refusal::HasLabel(label.status)),
        LabelStatus::Unknown => {
            let voided = LabelEvent::OrderLabelVoided { shipment: number, label_id };
            Ok(Decision::Happens(std::iter::once(voided.into()).chain(hold_ends(order, label_id)).collect()))
        }
        LabelStatus::Bought => {
            stands(shipment, !travels_with(shipment, label), "void the label")?;
            Ok(Decision::of(LabelEvent::OrderLabelVoidRequested { shipment: number, label_id }))
        }
    }
}

/// Whether it is on what has left.
fn travels_with(shipment: &Shipment, label: &Label) -> bool {
    let here = !shipment.status.is_open() && shipment.status != ShipmentStatus::Cancelled;
    let mut tracking = label.bought.iter().flat_map(|bought| &bought.tracking);
    here && tracking.any(|own| shipment.parcels.iter().any(|parcel| parcel.bare_number() == own.bare_number()))
}

/// What the carrier says of a label that is given back.
pub(super) fn record_void(order: &Order, number: u16, label_id: LabelId, is_void: bool) -> Result<Decision, Refusal> {
    let shipment = order.shipment(number).ok_or(Refusal::UnknownShipment)?;
    if shipment.label(label_id).is_none_or(|own| own.status != LabelStatus::Voiding) {
        return Ok(Decision::AlreadyApplied);
    }
    Ok(Decision::of(if is_void {
        LabelEvent::OrderLabelVoided { shipment: number, label_id }
    } else {
        LabelEvent::OrderLabelVoidRefused { shipment: number, label_id }
    }))
}

/// What follows where a shipment is given up that has a label, on whatever road: the label is given back.
pub(super) fn given_back(order: &Order, mut events: Vec<Event>) -> Vec<Event> {
    if order.shipments.iter().all(|shipment| shipment.labels.is_empty()) {
        return events;
    }
    let after = order.foreseen(&events);
    let given_up = after.shipments.iter().filter(|shipment| {
        let before = order.shipment(shipment.number).map(|own| own.status);
        shipment.status == ShipmentStatus::Cancelled && before != Some(ShipmentStatus::Cancelled)
            || came_too_late(order, shipment)
    });
    for shipment in given_up {
        for label in shipment.labels.iter().filter(|label| label.status == LabelStatus::Bought) {
            let (shipment, label_id) = (shipment.number, label.id);
            events.push(LabelEvent::OrderLabelVoidRequested { shipment, label_id }.into());
        }
    }
    events
}

/// Whether what was given up has just got its label.
fn came_too_late(order: &Order, after: &Shipment) -> bool {
    let bought = |shipment: &Shipment| shipment.bought_label().map(|label| label.id);
    after.status == ShipmentStatus::Cancelled
        && bought(after).is_some()
        && order.shipment(after.number).is_some_and(|before| {
            let id = bought(after);
            before.labels.iter().any(|own| Some(own.id) == id && own.bought.is_none())
        })
}
