//! Shows the shipments of an order, with what carriers have told of their parcels: to admins all of them, to a seller those with units
//! of theirs alone (G7, G8).

use std::sync::Arc;

use oms_domain::access::{Operation, ShipmentOf};
use oms_domain::actor::Caller;
use oms_domain::fulfilment::ShipmentId;
use oms_domain::fulfilment::journey::Journey;
use oms_domain::ids::OrderId;
use oms_domain::ordering::Order;

use crate::error::Error;
use crate::execute::{OrderWithContact, load};
use crate::ports::{Orders, ParcelKey, Parcels, ShipmentRecord, StoreError};

pub struct ViewShipments {
    orders: Arc<dyn Orders>,
    parcels: Arc<dyn Parcels>,
}

/// The shipments of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The order's.
    pub version: u64,
    pub shipments: Vec<ShipmentRecord>,
    /// What carriers have told of their parcels.
    pub parcels: Vec<OwnJourney>,
}

/// What a carrier has told of a parcel while it was this shipment's. Nothing of other shipments that have its number is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnJourney {
    pub shipment: ShipmentId,
    pub key: ParcelKey,
    pub journey: Journey,
}

impl ViewShipments {
    pub fn new(orders: Arc<dyn Orders>, parcels: Arc<dyn Parcels>) -> Self {
        ViewShipments { orders, parcels }
    }

    pub async fn run(&self, caller: &Caller, order_id: OrderId) -> Result<Shown, Error> {
        let order = load(self.orders.as_ref(), Operation::ViewShipments, caller, order_id).await?.order;
        let shipments = seen_by(caller, &order);
        let parcels = journeys(self.parcels.as_ref(), &shipments).await?;
        Ok(Shown { version: order.version, shipments, parcels })
    }
}

/// What carriers have told of the parcels of these shipments; nobody is asked before something left.
pub(super) async fn journeys(
    parcels: &dyn Parcels,
    shipments: &[ShipmentRecord],
) -> Result<Vec<OwnJourney>, StoreError> {
    let keys = shipments.iter().flat_map(|shipment| &shipment.parcels).filter_map(ParcelKey::of);
    let mut keys: Vec<ParcelKey> = keys.collect();
    keys.sort();
    keys.dedup();
    let known = if keys.is_empty() { Vec::new() } else { parcels.parcels(&keys).await? };
    let mut own = Vec::new();
    for parcel in known {
        for shipment in shipments.iter().map(|shipment| shipment.id) {
            let journey = parcel.life_of(shipment);
            own.extend(journey.map(|journey| OwnJourney { shipment, key: parcel.key.clone(), journey }));
        }
    }
    Ok(own)
}

/// What of an order's shipments the caller may see.
fn seen_by(caller: &Caller, order: &Order) -> Vec<ShipmentRecord> {
    let seen = order
        .shipments
        .iter()
        .filter(|shipment| Operation::ViewShipments.permits(caller, &ShipmentOf(order, &shipment.lines)).is_ok());
    seen.map(|shipment| ShipmentRecord::of(order, shipment)).collect()
}

/// A shipment with the version of its order, for whoever has just changed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub shipment: ShipmentRecord,
    /// The order's.
    pub version: u64,
}

impl Moved {
    pub(super) fn of(changed: &OrderWithContact, id: ShipmentId) -> Result<Self, Error> {
        let order = &changed.order;
        let shipment = order.shipment(id.number).ok_or(Error::NotFound)?;
        Ok(Moved { shipment: ShipmentRecord::of(order, shipment), version: order.version })
    }
}
