//! Each shipment has a record of its own, by which lists find it. Whatever moves a shipment writes it anew.

use oms_domain::ordering::Order;

use crate::ports::ShipmentRecord;

/// Those that are not as they were.
pub(super) fn of(before: Option<&Order>, order: &Order) -> impl Iterator<Item = ShipmentRecord> {
    let moved = move |number: u16| before.and_then(|before| before.shipment(number)) != order.shipment(number);
    let changed = order.shipments.iter().filter(move |shipment| moved(shipment.number));
    changed.map(|shipment| ShipmentRecord::of(order, shipment))
}
