//! What the events of an order do to stock (F1–F6).
//!
//! Submitting reserves, shipping consumes, a change reserves what it adds and releases what it takes out, cancelling and refunding release what has not shipped, a failed delivery puts
//! back, what was lost is reserved anew to be replaced, a return restocks. The moves
//! follow from the events alone, so no use case can forget one.

use std::collections::BTreeMap;

use super::event::{ChangeEvent, CheckoutEvent, Event, Record, RefundEvent, ReturnEvent, ShipmentEvent};
use super::state::{Line, Order};
use crate::catalog::stock::{Condition, MoveKind, StockMove};
use crate::chain::Hash;
use crate::fulfilment::LineQuantity;
use crate::ids::{OrderId, ProductId};
use crate::payments::{RefundPart, Unshipped};
use crate::returns::policy::BackTo;

/// The moves that `event` causes when it happens to `order`, at most one per product and kind.
pub fn moves(order: &Order, event: &Event) -> Vec<StockMove> {
    let product_of = |line: u16| order.lines.iter().find(|own| own.line == line).map(|own| own.product_id);
    let by_line = |parcel: &[LineQuantity], kind: MoveKind| {
        parcel.iter().filter_map(|part| Some((product_of(part.line)?, kind, part.quantity))).collect::<Vec<_>>()
    };
    let unshipped =
        |kind: MoveKind| order.lines.iter().map(|line| (line.product_id, kind, line.to_ship())).collect::<Vec<_>>();
    let raw = match event {
        Event::Checkout(CheckoutEvent::OrderSubmitted { .. }) => unshipped(MoveKind::Reserve),
        Event::Checkout(CheckoutEvent::OrderCancelled { .. }) if order.status.holds_stock() => {
            [unshipped(MoveKind::Release), offered(order, MoveKind::Release)].concat()
        }
        Event::Checkout(CheckoutEvent::OrderLinesCancelled { lines, .. }) => by_line(lines, MoveKind::Release),
        Event::Shipment(ShipmentEvent::OrderShipped { lines, .. }) => by_line(lines, MoveKind::Consume),
        Event::Shipment(ShipmentEvent::OrderDeliveryFailed { lines, .. }) => by_line(lines, MoveKind::PutBack),
        Event::Shipment(ShipmentEvent::OrderShipmentReplaced { lines, .. }) => by_line(lines, MoveKind::ReserveAgain),
        Event::Shipment(ShipmentEvent::OrderRestWithdrawn) => {
            [unshipped(MoveKind::Release), offered(order, MoveKind::Release)].concat()
        }
        Event::Change(event) => changed(order, event),
        Event::Refund(RefundEvent::OrderRefundInitiated { part: Some(part), .. }) => withdrawn(order, part),
        Event::Return(ReturnEvent::OrderReturned { lines }) => lines
            .iter()
            .filter_map(|part| Some((product_of(part.line)?, MoveKind::Restock(part.condition), part.quantity)))
            .collect(),
        Event::Return(ReturnEvent::OrderReturnReceived { lines, .. }) => lines
            .iter()
            .filter_map(|part| Some((product_of(part.line)?, back_to(part.stock), part.quantity)))
            .collect(),
        Event::Checkout(
            CheckoutEvent::OrderCreated { .. }
            | CheckoutEvent::OrderConfirmedFree
            | CheckoutEvent::OrderCancelled { .. },
        )
        | Event::Shipment(
            ShipmentEvent::OrderProcessingStarted { .. }
            | ShipmentEvent::OrderShipmentPlanned { .. }
            | ShipmentEvent::OrderShipmentPacked { .. }
            | ShipmentEvent::OrderShipmentCancelled { .. }
            | ShipmentEvent::OrderTrackingChanged { .. }
            | ShipmentEvent::OrderShipmentOutForDelivery { .. }
            | ShipmentEvent::OrderShipmentReadyForPickup { .. }
            | ShipmentEvent::OrderShipmentFailed { .. }
            // What is lost has left, and stays counted as what has.
            | ShipmentEvent::OrderShipmentLost { .. }
            | ShipmentEvent::OrderShipmentDelivered { .. }
            | ShipmentEvent::OrderDelivered { .. },
        )
        | Event::Return(
            ReturnEvent::OrderReturnRequested { .. }
            | ReturnEvent::OrderReturnDenied { .. }
            | ReturnEvent::OrderReturnOpened { .. }
            | ReturnEvent::OrderReturnApproved { .. }
            | ReturnEvent::OrderReturnDeclined { .. }
            | ReturnEvent::OrderReturnCancelled { .. }
            | ReturnEvent::OrderReturnExpired { .. }
            | ReturnEvent::OrderReturnClosed { .. },
        )
        | Event::Payment(_)
        | Event::Refund(
            RefundEvent::OrderRefundInitiated { part: None, .. }
            | RefundEvent::OrderRefundCompleted { .. }
            | RefundEvent::OrderRefundReduced { .. }
            | RefundEvent::OrderRefundFailed { .. }
            | RefundEvent::OrderClosedAsRefunded,
        )
        | Event::Dispute(_)
        | Event::Review(_)
        | Event::Hold(_)
        | Event::Label(_)
        | Event::Note(_) => Vec::new(),
    };
    merged(raw)
}

/// Units that an offered change holds.
fn offered(order: &Order, kind: MoveKind) -> Vec<(ProductId, MoveKind, u32)> {
    let terms = order.offer.as_ref().map(|offer| &offer.revision.terms);
    let added = terms.map(|terms| order.added(terms)).unwrap_or_default();
    added.into_iter().map(|(product_id, units)| (product_id, kind, units)).collect()
}

/// By the difference for each product, and never more: what stays reserved stays.
fn changed(order: &Order, event: &ChangeEvent) -> Vec<(ProductId, MoveKind, u32)> {
    let reserve = |units: i64| if units > 0 { MoveKind::Reserve } else { MoveKind::Release };
    match event {
        ChangeEvent::OrderChanged { revision, .. } if order.status.holds_stock() => {
            let differences = order.differences(&revision.terms).into_iter();
            let units = |units: i64| u32::try_from(units.unsigned_abs()).unwrap_or(u32::MAX);
            differences.map(|(product_id, by)| (product_id, reserve(by), units(by))).collect()
        }
        ChangeEvent::OrderChangeOffered { revision, .. } => {
            let added = order.added(&revision.terms).into_iter();
            added.map(|(product_id, units)| (product_id, MoveKind::Reserve, units)).collect()
        }
        ChangeEvent::OrderChangeAccepted { .. } => {
            let Some(offer) = &order.offer else { return Vec::new() };
            let out = order.taken_out(&offer.revision.terms).into_iter();
            let product_of = |line: u16| order.lines.iter().find(|own| own.line == line).map(|own| own.product_id);
            out.filter_map(|part| Some((product_of(part.line)?, MoveKind::Release, part.quantity))).collect()
        }
        ChangeEvent::OrderChangeLapsed { .. } => offered(order, MoveKind::Release),
        ChangeEvent::OrderChanged { .. } => Vec::new(),
    }
}

/// Where units go that came back.
fn back_to(stock: BackTo) -> MoveKind {
    match stock {
        BackTo::Available => MoveKind::Restock(Condition::Sellable),
        BackTo::Damaged => MoveKind::Restock(Condition::Damaged),
        BackTo::None => MoveKind::Discard,
    }
}

/// The moves of a whole history, oldest first; none if it does not start with a creation.
pub fn all_moves(id: OrderId, records: &[Record]) -> Vec<StockMove> {
    let begun = records.split_first().and_then(|(first, rest)| Some((Order::begin(id, first, Hash::genesis())?, rest)));
    let Some((mut order, rest)) = begun else { return Vec::new() };
    let mut all = Vec::new();
    for record in rest {
        all.extend(moves(&order, &record.event));
        order.evolve(record, Hash::genesis());
    }
    all
}

/// The units of a refund that do not ship any more.
fn withdrawn(order: &Order, part: &RefundPart) -> Vec<(ProductId, MoveKind, u32)> {
    let kind = match part.unshipped {
        Unshipped::Ship => return Vec::new(),
        Unshipped::Restock => MoveKind::Release,
        Unshipped::Damaged => MoveKind::SetAside,
    };
    let line_of = |number: u16| order.lines.iter().find(|own: &&Line| own.line == number);
    let units = part.lines.iter().filter_map(|units| {
        let line = line_of(units.line)?;
        Some((line.product_id, kind, line.withdrawn_by(part.unshipped, units.quantity).in_stock))
    });
    units.collect()
}

/// One transaction may touch an item once, so moves of one product are added up.
fn merged(raw: Vec<(ProductId, MoveKind, u32)>) -> Vec<StockMove> {
    let mut sums: BTreeMap<(ProductId, u8), StockMove> = BTreeMap::new();
    for (product_id, kind, quantity) in raw.into_iter().filter(|(_, _, quantity)| *quantity > 0) {
        let rank = match kind {
            MoveKind::Reserve => 0,
            MoveKind::Release => 1,
            MoveKind::Consume => 2,
            MoveKind::PutBack => 3,
            MoveKind::Restock(Condition::Sellable) => 4,
            MoveKind::Restock(Condition::Damaged) => 5,
            MoveKind::SetAside => 6,
            MoveKind::ReserveAgain => 7,
            MoveKind::Discard => 8,
        };
        let sum = sums.entry((product_id, rank)).or_insert(StockMove { product_id, kind, quantity: 0 });
        sum.quantity = sum.quantity.saturating_add(quantity);
    }
    sums.into_values().collect()
}
