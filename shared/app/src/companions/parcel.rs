//! A parcel that leaves with a carrier that can tell of it is found by its number from that transaction on; a number that is corrected is its
//! shipment's no more.

use oms_domain::fulfilment::Shipment;
use oms_domain::ordering::Order;

use crate::ports::{Owner, ParcelKey, ParcelStep};

/// Numbers that shipments did not have before, and those that they do not have any more.
pub(super) fn of(before: Option<&Order>, order: &Order) -> impl Iterator<Item = ParcelStep> {
    let was = |number: u16| before.and_then(|before| Some((before, before.shipment(number)?)));
    let mut steps: Vec<ParcelStep> = Vec::new();
    for shipment in &order.shipments {
        let known = |key: &ParcelKey| was(shipment.number).is_some_and(|(_, was)| names(was, key));
        let taken = keys(shipment).filter(|key| !known(key)).map(|key| ParcelStep::taken(key, order, shipment));
        add(&mut steps, taken);
    }
    for shipment in &order.shipments {
        if let Some((before, was)) = was(shipment.number) {
            let gone = keys(was).filter(|key| !names(shipment, key));
            add(&mut steps, gone.map(|key| ParcelStep::GivenUp { key, owner: Owner::of(before, was) }));
        }
    }
    steps.into_iter()
}

fn keys(shipment: &Shipment) -> impl Iterator<Item = ParcelKey> {
    shipment.parcels.iter().filter_map(ParcelKey::of)
}

fn names(shipment: &Shipment, key: &ParcelKey) -> bool {
    keys(shipment).any(|own| own == *key)
}

/// One item is written once in a transaction. A change is of one shipment's parcels; if it were not, who takes a number would count, and
/// one that is not given up moves nothing all the same: the order is asked whose it is.
fn add(steps: &mut Vec<ParcelStep>, more: impl Iterator<Item = ParcelStep>) {
    for step in more {
        if !steps.iter().any(|other| other.key() == step.key()) {
            steps.push(step);
        }
    }
}
