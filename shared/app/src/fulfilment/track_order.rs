//! Shows whoever has a signed link where an order and its parcels are (J10, I6).
//!
//! 1. Has the text the form of a tracking link? Otherwise nothing is read, not even a key.
//! 2. Have we sealed it, and is its time not over?
//! 3. The order, without its person record (one round trip).
//! 4. What carriers have told of its parcels, once something left (one more).
//!
//! Whatever is wrong with a link, it looks like one that never was.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use oms_domain::fulfilment::ShipmentStatus;
use oms_domain::ids::OrderNumber;
use oms_domain::ordering::{Line, Order, Status};
use oms_domain::signed_link::{Claimed, Purpose};

use super::view_shipments::{OwnJourney, journeys};
use crate::error::Error;
use crate::ports::{Clock, LinkKeys, NoLinkKeys, Orders, Parcels, ShipmentRecord};

pub struct TrackOrder {
    orders: Arc<dyn Orders>,
    parcels: Arc<dyn Parcels>,
    keys: Arc<dyn LinkKeys>,
    clock: Arc<dyn Clock>,
}

/// Where an order is. Nobody's name, address or money is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    pub number: OrderNumber,
    pub status: Status,
    pub ordered_at: Timestamp,
    /// States reached so far, oldest first.
    pub reached: Vec<(Status, Timestamp)>,
    /// First and last day on which the shop expects it there.
    pub expected: Option<(Date, Date)>,
    /// Units by the names of their products.
    pub items: Vec<(String, u32)>,
    /// But for those that were given up before they left: their units are in others.
    pub shipments: Vec<ShipmentRecord>,
    /// What carriers have told of their parcels.
    pub parcels: Vec<OwnJourney>,
    /// Until when the link is good.
    pub expires_at: Timestamp,
}

impl TrackOrder {
    pub fn new(
        orders: Arc<dyn Orders>,
        parcels: Arc<dyn Parcels>,
        keys: Arc<dyn LinkKeys>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        TrackOrder { orders, parcels, keys, clock }
    }

    pub async fn run(&self, token: &str) -> Result<Progress, Error> {
        let claimed = Claimed::read(token, Purpose::Track).ok_or(Error::NotFound)?;
        let keys = self.keys.ring().await.map_err(|error: NoLinkKeys| Error::ServiceUnavailable(error.to_string()))?;
        let link = claimed.open(&keys, self.clock.now()).ok_or(Error::NotFound)?;
        let order = self.orders.state(link.order_id).await?.ok_or(Error::NotFound)?;
        let shipments = shown(&order);
        let parcels = journeys(self.parcels.as_ref(), &shipments).await?;
        Ok(Progress {
            number: order.id.number(),
            status: order.status,
            ordered_at: order.created_at,
            reached: order.timeline.iter().map(|entry| (entry.status, entry.at)).collect(),
            expected: order.expected_delivery(),
            items: items(&order),
            shipments,
            parcels,
            expires_at: link.expires_at(),
        })
    }
}

/// What the customer gets or got; where nothing comes any more, what was ordered.
fn items(order: &Order) -> Vec<(String, u32)> {
    let something_comes = order.lines.iter().any(|line| line.comes() > 0);
    let units = |line: &Line| if something_comes { line.comes() } else { line.quantity };
    let items = order.lines.iter().map(|line| (line.name.clone(), units(line)));
    items.filter(|(_, quantity)| *quantity > 0).collect()
}

fn shown(order: &Order) -> Vec<ShipmentRecord> {
    let shown = order.shipments.iter().filter(|shipment| shipment.status != ShipmentStatus::Cancelled);
    shown.map(|shipment| ShipmentRecord::of(order, shipment)).collect()
}
