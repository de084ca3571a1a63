//! A parcel that leaves with a carrier that can tell of it is found by its number from that transaction on.

use oms_domain::ordering::Order;

use crate::ports::{ParcelKey, ParcelRecord};

/// Those of shipments that have left, and that were not known before.
pub(super) fn of(before: Option<&Order>, order: &Order) -> impl Iterator<Item = ParcelRecord> {
    let known = |number: u16, key: &ParcelKey| {
        let shipment = before.and_then(|before| before.shipment(number));
        shipment.is_some_and(|own| own.parcels.iter().any(|parcel| ParcelKey::of(parcel).as_ref() == Some(key)))
    };
    let mut fresh: Vec<ParcelRecord> = Vec::new();
    for shipment in &order.shipments {
        for key in shipment.parcels.iter().filter_map(ParcelKey::of) {
            // One item is written once in a transaction.
            if !known(shipment.number, &key) && !fresh.iter().any(|other| other.key == key) {
                fresh.push(ParcelRecord::new(key, order, shipment.number));
            }
        }
    }
    fresh.into_iter()
}
