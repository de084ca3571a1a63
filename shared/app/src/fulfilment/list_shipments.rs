//! Lists shipments of many orders, the longest unmoved first (G7, G12): what is to be packed, what is on its way, what failed.

use std::sync::Arc;

use jiff::Timestamp;
use oms_domain::access::{Access, Operation};
use oms_domain::actor::Caller;
use oms_domain::fulfilment::{Location, ShipmentStatus};
use oms_domain::ids::SellerId;

use crate::cursor;
use crate::error::{Error, checked_range};
use crate::idempotency::fingerprint;
use crate::ports::{Orders, ShipmentQuery, ShipmentRecord};

/// Longest place of a shipment in a list, in bytes: a time and an id.
const LONGEST_PLACE: usize = 80;

/// What to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub caller: Caller,
    /// Only in these; nothing means all that have yet to leave.
    pub statuses: Vec<ShipmentStatus>,
    /// Only this seller's; sellers get their own in any case.
    pub seller: Option<SellerId>,
    pub location: Option<Location>,
    pub carrier: Option<String>,
    /// Moved at or after.
    pub from: Option<Timestamp>,
    /// Moved before.
    pub until: Option<Timestamp>,
    pub limit: usize,
    /// Continue behind this cursor.
    pub cursor: Option<String>,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub entries: Vec<ShipmentRecord>,
    /// The next page's cursor, if there is more.
    pub next_cursor: Option<String>,
}

pub struct ListShipments {
    orders: Arc<dyn Orders>,
}

impl ListShipments {
    pub fn new(orders: Arc<dyn Orders>) -> Self {
        ListShipments { orders }
    }

    pub async fn run(&self, request: Request) -> Result<Page, Error> {
        checked_range(request.from, request.until)?;
        let seller = seller(&request)?;
        let open = || ShipmentStatus::ALL.into_iter().filter(|status| status.is_open()).collect();
        let statuses = if request.statuses.is_empty() { open() } else { request.statuses.clone() };
        let mut query = ShipmentQuery {
            statuses,
            seller,
            location: request.location,
            carrier: request.carrier,
            from: request.from,
            until: request.until,
            limit: request.limit,
            after: None,
        };
        let list = describe(&query);
        query.after =
            request.cursor.as_deref().map(|text| cursor::decode_text(text, &list, LONGEST_PLACE)).transpose()?;
        let listing = self.orders.shipments(&query).await?;
        let next_cursor = listing.next.map(|place| cursor::encode_text(&place, &list));
        Ok(Page { entries: listing.entries, next_cursor })
    }
}

/// Whose shipments. A seller who asks for another's finds none of theirs there.
fn seller(request: &Request) -> Result<Option<SellerId>, Error> {
    Operation::ListShipments.open_to(&request.caller)?;
    let Caller::Seller { seller: own, .. } = &request.caller else { return Ok(request.seller.clone()) };
    match &request.seller {
        Some(asked) if Operation::ListShipments.access(&request.caller) != Access::Allowed => {
            Operation::ListShipments.permits(&request.caller, asked)?;
            Ok(Some(asked.clone()))
        }
        Some(_) | None => Ok(Some(own.clone())),
    }
}

/// What makes a list another list: all but the page's size.
fn describe(query: &ShipmentQuery) -> String {
    let mut statuses: Vec<&str> = query.statuses.iter().map(|status| status.name()).collect();
    statuses.sort_unstable();
    let rest =
        format!("{:?} {:?} {:?} {:?} {:?}", query.seller, query.location, query.carrier, query.from, query.until);
    fingerprint(&[b"shipments", statuses.join(",").as_bytes(), rest.as_bytes()])
}
