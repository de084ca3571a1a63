//! Shows the shipments of an order: to admins all of them, to a seller those with units of theirs alone (G7).

use std::sync::Arc;

use oms_domain::access::{Operation, ShipmentOf};
use oms_domain::actor::Caller;
use oms_domain::fulfilment::ShipmentId;
use oms_domain::ids::OrderId;
use oms_domain::ordering::Order;

use crate::error::Error;
use crate::execute::{OrderWithContact, load};
use crate::ports::{Orders, ShipmentRecord};

pub struct ViewShipments {
    orders: Arc<dyn Orders>,
}

impl ViewShipments {
    pub fn new(orders: Arc<dyn Orders>) -> Self {
        ViewShipments { orders }
    }

    pub async fn run(&self, caller: &Caller, order_id: OrderId) -> Result<(u64, Vec<ShipmentRecord>), Error> {
        let order = load(self.orders.as_ref(), Operation::ViewShipments, caller, order_id).await?.order;
        Ok((order.version, seen_by(caller, &order)))
    }
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
