//! From the paid order to the customer's door: what leaves together, and what becomes of it (G10).
//!
//! The order's status follows from its shipments: something that is outstanding keeps it in processing, all of it with
//! carriers is shipped, all that will come with the customer is delivered.

use super::super::command::ShipmentStep;
use super::super::error::Refusal;
use super::super::event::{Event, ShipmentEvent};
use super::super::state::{Line, Order};
use super::super::status::{Action, Status};
use super::hold::not_held;
use super::{Decision, allowed, room_for_another_round, within};
use crate::fulfilment::parcel::MAX_PARCELS;
use crate::fulfilment::{
    Announcement, LineQuantity, Location, MAX_PLANNED_AT_ONCE, MAX_SHIPMENTS, Shipment, ShipmentStatus, Tracking,
};
use crate::ids::SellerId;

impl Order {
    /// The number of the next shipment.
    pub(in crate::ordering) fn next_shipment(&self) -> u16 {
        self.shipments.iter().map(|shipment| shipment.number).max().unwrap_or(0).saturating_add(1)
    }

    /// Whose units these are, if they are one seller's.
    fn seller_of(&self, units: &[LineQuantity]) -> Option<SellerId> {
        let of =
            |part: &LineQuantity| self.lines.iter().find(|line| line.line == part.line).map(|line| &line.seller_id);
        let mut sellers = units.iter().filter_map(of);
        let first = sellers.next()?;
        sellers.all(|other| other == first).then(|| first.clone())
    }
}

/// A shipment is planned for each seller as the order is begun, so that what is to be packed can be seen; of a great many, people plan
/// the rest.
pub(super) fn start_processing(order: &Order, note: Option<String>) -> Result<Decision, Refusal> {
    let mut events = vec![begun(order, note)?];
    let mut sellers: Vec<&SellerId> = Vec::new();
    for line in order.lines.iter().filter(|line| line.to_ship() > 0) {
        if !sellers.contains(&&line.seller_id) && sellers.len() < MAX_PLANNED_AT_ONCE {
            sellers.push(&line.seller_id);
        }
    }
    for (number, seller) in (order.next_shipment()..).zip(sellers) {
        let lines = order.lines.iter().filter(|line| line.seller_id == *seller);
        events.push(planned(number, rest_of(lines), Some(seller.clone()), Location::main()));
    }
    Ok(Decision::Happens(events))
}

fn begun(order: &Order, note: Option<String>) -> Result<Event, Refusal> {
    allowed(order, order.status == Status::Confirmed, Action::Process)?;
    not_held(order)?;
    still_paid(order)?;
    Ok(ShipmentEvent::OrderProcessingStarted { note: note.map(Into::into) }.into())
}

fn planned(shipment: u16, lines: Vec<LineQuantity>, seller_id: Option<SellerId>, location: Location) -> Event {
    ShipmentEvent::OrderShipmentPlanned { shipment, lines, seller_id, location }.into()
}

fn rest_of<'a>(lines: impl Iterator<Item = &'a Line>) -> Vec<LineQuantity> {
    let left = lines.map(|line| LineQuantity { line: line.line, quantity: line.to_ship() });
    left.filter(|part| part.quantity > 0).collect()
}

/// Whoever plans begins the order with it.
pub(super) fn plan(order: &Order, lines: Vec<LineQuantity>, location: Location) -> Result<Decision, Refusal> {
    let mut events = Vec::new();
    if order.status == Status::Confirmed {
        events.push(begun(order, None)?);
    } else {
        allowed(order, order.status == Status::Processing, Action::Ship)?;
        not_held(order)?;
    }
    room_for_a_shipment(order)?;
    within(order, lines.iter().map(|part| (part.line, part.quantity)), |line| order.unplanned(line))?;
    let seller_id = order.seller_of(&lines);
    events.push(planned(order.next_shipment(), lines, seller_id, location));
    Ok(Decision::Happens(events))
}

fn room_for_a_shipment(order: &Order) -> Result<(), Refusal> {
    if order.shipments.len() < MAX_SHIPMENTS { Ok(()) } else { Err(Refusal::TooManyShipments(MAX_SHIPMENTS)) }
}

/// The short way: what is in one parcel leaves as one shipment, whatever was planned. Plans that it takes units from are given up, but
/// for the first, which it is.
pub(super) fn ship(
    order: &Order,
    tracking: Tracking,
    lines: Option<Vec<LineQuantity>>,
    note: Option<String>,
) -> Result<Decision, Refusal> {
    allowed(order, order.status == Status::Processing, Action::Ship)?;
    not_held(order)?;
    still_paid(order)?;
    let lines = lines.unwrap_or_else(|| rest_of(order.lines.iter()));
    within(order, lines.iter().map(|part| (part.line, part.quantity)), Line::to_ship)?;
    let takes = |shipment: &Shipment| lines.iter().any(|part| shipment.units_of(part.line) > 0);
    let mut plans = order.shipments.iter().filter(|shipment| shipment.status.is_open() && takes(shipment));
    let shipment = if let Some(first) = plans.next() {
        first.number
    } else {
        room_for_a_shipment(order)?;
        order.next_shipment()
    };
    let given_up = plans.map(|plan| ShipmentEvent::OrderShipmentCancelled { shipment: plan.number, note: None }.into());
    let mut events: Vec<Event> = given_up.collect();
    let (note, shipment, more) = (note.map(Into::into), Some(shipment), Vec::new());
    events.push(ShipmentEvent::OrderShipped { tracking, lines, note, shipment, more }.into());
    Ok(Decision::Happens(events))
}

/// What ships was paid for. Orders end as the last of their money goes back; those of before did not.
pub(super) fn still_paid(order: &Order) -> Result<(), Refusal> {
    let free = !order.totals.total.is_positive();
    if free || order.refundable().is_positive() { Ok(()) } else { Err(Refusal::MoneyIsBack) }
}

/// Everything that is with carriers comes back.
pub(super) fn fail_delivery(order: &Order, note: Option<String>) -> Result<Decision, Refusal> {
    allowed(order, order.status == Status::Shipped, Action::FailDelivery)?;
    room_for_another_round(order)?;
    let under_way = || order.shipments.iter().filter(|shipment| shipment.status.is_under_way());
    let units = |line: &Line| under_way().map(|shipment| shipment.units_of(line.line)).sum();
    let lines = order.lines.iter().map(|line| LineQuantity { line: line.line, quantity: units(line) });
    let lines = lines.filter(|part| part.quantity > 0).collect();
    Ok(Decision::of(ShipmentEvent::OrderDeliveryFailed { lines, note: note.map(Into::into), shipment: None }))
}

pub(super) fn deliver(order: &Order, note: Option<String>) -> Result<Decision, Refusal> {
    allowed(order, order.status == Status::Shipped, Action::Deliver)?;
    Ok(Decision::of(delivered(order, note)))
}

fn delivered(order: &Order, note: Option<String>) -> ShipmentEvent {
    ShipmentEvent::OrderDelivered { note: note.map(Into::into), paid_at: order.paid_at }
}

/// One step of one shipment. A step that was taken is taken: a carrier and a person may both tell of it.
pub(super) fn step(order: &Order, number: u16, step: ShipmentStep, note: Option<String>) -> Result<Decision, Refusal> {
    let shipment = order.shipment(number).ok_or(Refusal::UnknownShipment)?;
    match step {
        ShipmentStep::Pack => pack(order, shipment, note),
        ShipmentStep::Ship { parcels } => leave(order, shipment, parcels, note),
        ShipmentStep::Track { parcels, tell } => track(shipment, parcels, tell),
        ShipmentStep::Deliver => arrive(order, shipment, note),
        ShipmentStep::Announce(announcement) => announce(shipment, announcement),
        ShipmentStep::Fail => fail(shipment, note),
        ShipmentStep::ComeBack => come_back(order, shipment, note),
        ShipmentStep::Lose => lose(order, shipment, note),
        ShipmentStep::Replace => replace(order, shipment),
        ShipmentStep::Cancel => give_up(shipment, note),
    }
}

pub(super) fn stands(shipment: &Shipment, condition: bool, action: &'static str) -> Result<(), Refusal> {
    if condition { Ok(()) } else { Err(Refusal::ShipmentStands { from: shipment.status, action }) }
}

fn pack(order: &Order, shipment: &Shipment, note: Option<String>) -> Result<Decision, Refusal> {
    if shipment.status == ShipmentStatus::Packed {
        return Ok(Decision::AlreadyApplied);
    }
    stands(shipment, shipment.status == ShipmentStatus::Planned, "pack")?;
    not_held(order)?;
    Ok(Decision::of(ShipmentEvent::OrderShipmentPacked { shipment: shipment.number, note: note.map(Into::into) }))
}

/// One that is with a carrier in these parcels has left; where none are named, in those of its label.
fn leave(
    order: &Order,
    shipment: &Shipment,
    parcels: Vec<Tracking>,
    note: Option<String>,
) -> Result<Decision, Refusal> {
    if shipment.status == ShipmentStatus::Shipped && (parcels.is_empty() || shipment.parcels == parcels) {
        return Ok(Decision::AlreadyApplied);
    }
    stands(shipment, shipment.status.is_open(), "ship")?;
    not_held(order)?;
    still_paid(order)?;
    let bought = shipment.bought_label().and_then(|label| label.bought.as_ref());
    let parcels = if parcels.is_empty() { bought.map(|bought| bought.tracking.clone()) } else { Some(parcels) };
    let (tracking, more) = apart(parcels.unwrap_or_default())?;
    let (lines, note, shipment) = (shipment.lines.clone(), note.map(Into::into), Some(shipment.number));
    Ok(Decision::of(ShipmentEvent::OrderShipped { tracking, lines, note, shipment, more }))
}

fn apart(parcels: Vec<Tracking>) -> Result<(Tracking, Vec<Tracking>), Refusal> {
    let fits = (1..=MAX_PARCELS).contains(&parcels.len());
    let mut parcels = parcels.into_iter();
    let first = parcels.next().filter(|_| fits).ok_or(Refusal::ParcelCount(MAX_PARCELS))?;
    Ok((first, parcels.collect()))
}

fn track(shipment: &Shipment, parcels: Vec<Tracking>, tell: bool) -> Result<Decision, Refusal> {
    let left = !shipment.status.is_open() && shipment.status != ShipmentStatus::Cancelled;
    stands(shipment, left, "track")?;
    if shipment.parcels == parcels {
        return Ok(Decision::AlreadyApplied);
    }
    let (first, more) = apart(parcels)?;
    let parcels = std::iter::once(first).chain(more).collect();
    Ok(Decision::of(ShipmentEvent::OrderTrackingChanged { shipment: shipment.number, parcels, tell }))
}

/// The last that is under way makes the order delivered. What was lost may arrive after all, unless it was made good.
fn arrive(order: &Order, shipment: &Shipment, note: Option<String>) -> Result<Decision, Refusal> {
    let number = shipment.number;
    let still_lost =
        |part: &LineQuantity| order.lines.iter().any(|line| line.line == part.line && line.lost >= part.quantity);
    let lost = shipment.status == ShipmentStatus::Lost;
    if shipment.status == ShipmentStatus::Delivered {
        return Ok(Decision::AlreadyApplied);
    }
    if lost && (shipment.replaced_by.is_some() || !shipment.lines.iter().all(still_lost)) {
        return Err(Refusal::NothingLost);
    }
    stands(shipment, lost || shipment.status.is_under_way(), "deliver")?;
    let others = || order.shipments.iter().filter(|other| other.number != number);
    let all_there = order.status == Status::Shipped && !others().any(|other| other.status.is_under_way());
    if all_there {
        return Ok(Decision::of(delivered(order, note)));
    }
    Ok(Decision::of(ShipmentEvent::OrderShipmentDelivered { shipment: number, note: note.map(Into::into) }))
}

/// Each once, until a delivery has failed, and never back: of two parcels that are told of again and again, one waits while the other is
/// brought. A failed one that is brought again is on its way as before.
fn announce(shipment: &Shipment, announcement: Announcement) -> Result<Decision, Refusal> {
    stands(shipment, shipment.status.is_under_way(), "announce")?;
    if shipment.announced >= Some(announcement) {
        return Ok(Decision::AlreadyApplied);
    }
    let shipment = shipment.number;
    Ok(Decision::of(match announcement {
        Announcement::OutForDelivery => ShipmentEvent::OrderShipmentOutForDelivery { shipment },
        Announcement::ReadyForPickup => ShipmentEvent::OrderShipmentReadyForPickup { shipment },
    }))
}

fn fail(shipment: &Shipment, note: Option<String>) -> Result<Decision, Refusal> {
    if shipment.status == ShipmentStatus::Failed {
        return Ok(Decision::AlreadyApplied);
    }
    stands(shipment, shipment.status == ShipmentStatus::Shipped, "fail")?;
    Ok(Decision::of(ShipmentEvent::OrderShipmentFailed { shipment: shipment.number, note: note.map(Into::into) }))
}

/// A carrier that brought back what it had delivered did not deliver it.
fn come_back(order: &Order, shipment: &Shipment, note: Option<String>) -> Result<Decision, Refusal> {
    if shipment.status == ShipmentStatus::Returned {
        return Ok(Decision::AlreadyApplied);
    }
    let left = shipment.status.is_under_way() || shipment.status == ShipmentStatus::Delivered;
    stands(shipment, left, "return")?;
    allowed(order, matches!(order.status, Status::Processing | Status::Shipped), Action::FailDelivery)?;
    room_for_another_round(order)?;
    let (lines, note, shipment) = (shipment.lines.clone(), note.map(Into::into), Some(shipment.number));
    Ok(Decision::of(ShipmentEvent::OrderDeliveryFailed { lines, note, shipment }))
}

fn lose(order: &Order, shipment: &Shipment, note: Option<String>) -> Result<Decision, Refusal> {
    if shipment.status == ShipmentStatus::Lost {
        return Ok(Decision::AlreadyApplied);
    }
    stands(shipment, shipment.status.is_under_way(), "lose")?;
    room_for_another_round(order)?;
    let (shipment, lines, note) = (shipment.number, shipment.lines.clone(), note.map(Into::into));
    Ok(Decision::of(ShipmentEvent::OrderShipmentLost { shipment, lines, note }))
}

fn replace(order: &Order, shipment: &Shipment) -> Result<Decision, Refusal> {
    if shipment.replaced_by.is_some() {
        return Ok(Decision::AlreadyApplied);
    }
    stands(shipment, shipment.status == ShipmentStatus::Lost, "replace")?;
    let lost = |line: u16| order.lines.iter().find(|own| own.line == line).map_or(0, |own| own.lost);
    let units = |part: &LineQuantity| LineQuantity { line: part.line, quantity: part.quantity.min(lost(part.line)) };
    let lines: Vec<_> = shipment.lines.iter().map(units).filter(|part| part.quantity > 0).collect();
    if lines.is_empty() {
        return Err(Refusal::NothingLost);
    }
    room_for_a_shipment(order)?;
    let by = order.next_shipment();
    let replaced = ShipmentEvent::OrderShipmentReplaced { shipment: shipment.number, lines: lines.clone(), by };
    let plan = planned(by, lines, shipment.seller_id.clone(), shipment.location.clone());
    Ok(Decision::Happens(vec![replaced.into(), plan]))
}

fn give_up(shipment: &Shipment, note: Option<String>) -> Result<Decision, Refusal> {
    if shipment.status == ShipmentStatus::Cancelled {
        return Ok(Decision::AlreadyApplied);
    }
    stands(shipment, shipment.status.is_open(), "cancel")?;
    Ok(Decision::of(ShipmentEvent::OrderShipmentCancelled { shipment: shipment.number, note: note.map(Into::into) }))
}

/// What follows where the last that was outstanding is given up: the customer has all that will come.
pub(super) fn arrived(order: &Order, mut events: Vec<Event>) -> Vec<Event> {
    if order.foreseen(&events).is_all_there() {
        events.push(delivered(order, None).into());
    }
    events
}
