//! What is printed for a parcel: who sends it, who gets it, and what is in it (G12).
//!
//! 1. The orders of all shipments are read side by side, with the locations and the shipping methods beside them.
//! 2. Every shipment is looked at before anything is answered: where the caller may not see one of them, all are missing.
//! 3. A slip tells no price, since parcels are gifts; and of what the customer wrote only the gift note: the other note is for the shop.
//!
//! Nothing is written, so a repeat is harmless.

use std::sync::Arc;

use futures::future::{join3, try_join_all};
use jiff::Timestamp;
use jiff::civil::Date;
use oms_domain::access::{Access, Belongs as _, Operation, ShipmentOf};
use oms_domain::actor::Caller;
use oms_domain::fulfilment::locations::{LocationTable, Origin};
use oms_domain::fulfilment::{Shipment, ShipmentId, ShipmentStatus, Tracking};
use oms_domain::ids::{OrderId, OrderNumber};
use oms_domain::ordering::address::{Address, Person};
use oms_domain::ordering::{Line, Order, Refusal};
use oms_domain::pricing::shipping::ShippingTable;

use super::labels::locations;
use crate::error::Error;
use crate::execute::load;
use crate::ports::{Clock, Orders, Setting, Settings, StoreError, Stored, Table};

/// Most slips that are printed at once; each may be of an order of its own.
pub const MAX_SLIPS: usize = 25;

/// Units of one line in the parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlipLine {
    pub sku: String,
    pub name: String,
    /// In this shipment.
    pub quantity: u32,
    /// Of how many that the customer gets, this shipment's included.
    pub of: u32,
}

/// Where the parcel goes, and what whoever opens it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    pub address: Address,
    pub gift_note: Option<String>,
}

/// What goes into the parcels of one shipment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackingSlip {
    pub shipment: ShipmentId,
    pub order_number: OrderNumber,
    /// Where it leaves; nothing if the shop has not set up the location.
    pub sender: Option<Address>,
    /// Its code.
    pub location: String,
    /// Nothing once it has left, for a seller: they see where to send what is still to be sent.
    pub recipient: Option<Recipient>,
    /// What customers call the way it is sent.
    pub shipping_method: String,
    /// By the clock of the location.
    pub ordered_on: Date,
    /// The same, once it has left.
    pub shipped_on: Option<Date>,
    pub lines: Vec<SlipLine>,
    /// Whether the order has more than this, as far as the caller sees it.
    pub is_part: bool,
    pub parcels: Vec<Tracking>,
}

/// Why nothing is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unprinted {
    /// The shipment that has no slip, where the caller may know it.
    pub shipment: Option<ShipmentId>,
    pub error: Error,
}

impl<E: Into<Error>> From<E> for Unprinted {
    fn from(error: E) -> Self {
        Unprinted { shipment: None, error: error.into() }
    }
}

pub struct PackingSlips {
    orders: Arc<dyn Orders>,
    settings: Arc<dyn Settings>,
    clock: Arc<dyn Clock>,
}

impl PackingSlips {
    pub fn new(orders: Arc<dyn Orders>, settings: Arc<dyn Settings>, clock: Arc<dyn Clock>) -> Self {
        PackingSlips { orders, settings, clock }
    }

    /// The slips of these shipments, at most [`MAX_SLIPS`], in their order; of one that is named twice there is one.
    pub async fn run(
        &self,
        operation: Operation,
        caller: &Caller,
        shipments: &[ShipmentId],
    ) -> Result<Vec<PackingSlip>, Unprinted> {
        let mut wanted: Vec<ShipmentId> = Vec::new();
        for id in shipments.iter().take(MAX_SLIPS) {
            if !wanted.contains(id) {
                wanted.push(*id);
            }
        }
        let mut ids: Vec<OrderId> = wanted.iter().map(|id| id.order_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let now = self.clock.now();
        let orders = try_join_all(ids.into_iter().map(|id| load(self.orders.as_ref(), operation, caller, id)));
        let (orders, locations, methods) =
            join3(orders, locations(self.settings.as_ref(), now), methods(self.settings.as_ref(), now)).await;
        let (orders, shop) = (orders?, Shop { locations: locations?, methods: methods? });
        let mut seen = Vec::new();
        for id in wanted {
            let stored = orders.iter().find(|stored| stored.order.id == id.order_id).ok_or(Error::NotFound)?;
            let shipment = stored.order.shipment(id.number).ok_or(Error::NotFound)?;
            operation.permits(caller, &ShipmentOf(&stored.order, &shipment.lines))?;
            seen.push((id, stored, shipment));
        }
        let scope = Scope { operation, caller };
        let slip = |(id, stored, shipment): (ShipmentId, &Stored, &Shipment)| {
            let person = printable(stored, shipment);
            let person = person.map_err(|why| Unprinted { shipment: Some(id), error: Error::Refused(why) })?;
            Ok(scope.slip(&shop, id, (&stored.order, person), shipment))
        };
        seen.into_iter().map(slip).collect()
    }
}

/// The shipping methods as they are at this moment.
async fn methods(settings: &dyn Settings, now: Timestamp) -> Result<ShippingTable, StoreError> {
    Ok(match settings.current(Table::Shipping).await?.at(now) {
        Setting::Shipping(table) => table.clone(),
        Setting::Taxes(_) | Setting::Locations(_) | Setting::Promotions(_) | Setting::Shop(_) | Setting::Returns(_) => {
            ShippingTable::default()
        }
    })
}

/// The person of a shipment that has a slip. What was given up is in no parcel; and as with labels, nothing is printed for whoever
/// is erased: a slip without an address could only go astray.
fn printable<'a>(stored: &'a Stored, shipment: &Shipment) -> Result<&'a Person, Refusal> {
    if shipment.status == ShipmentStatus::Cancelled {
        return Err(Refusal::ShipmentStands { from: shipment.status, action: "print" });
    }
    stored.person.as_ref().ok_or(Refusal::PersonErased)
}

/// What slips know of the shop.
struct Shop {
    locations: LocationTable,
    methods: ShippingTable,
}

/// As whom somebody looks at orders.
struct Scope<'a> {
    operation: Operation,
    caller: &'a Caller,
}

impl Scope<'_> {
    fn sees_all(&self) -> bool {
        self.operation.access(self.caller) == Access::Allowed
    }

    fn slip(
        &self,
        shop: &Shop,
        id: ShipmentId,
        (order, person): (&Order, &Person),
        shipment: &Shipment,
    ) -> PackingSlip {
        let origin = shop.locations.origin(&shipment.location);
        let date = |moment: Timestamp| origin.map_or_else(|| in_utc(moment), |origin| origin.date_of(moment));
        let held = order.lines.iter().map(|line| (line, shipment.units_of(line.line)));
        let own = |line: &Line| self.sees_all() || line.seller_id.belongs_to(self.caller);
        let method = shop.methods.methods.iter().find(|method| method.code == order.shipping_method);
        PackingSlip {
            shipment: id,
            order_number: order.id.number(),
            sender: origin.map(|origin: &Origin| (*origin.address).clone()),
            location: shipment.location.as_str().to_owned(),
            recipient: (self.sees_all() || shipment.status.is_open()).then(|| Recipient {
                address: (*person.shipping_address).clone(),
                gift_note: person.details.gift_note.clone(),
            }),
            shipping_method: method.map_or_else(|| order.shipping_method.clone(), |method| method.name.clone()),
            ordered_on: date(order.created_at),
            shipped_on: shipment.shipped_at.map(date),
            lines: held.clone().filter(|(_, units)| *units > 0).map(|(line, units)| slip_line(line, units)).collect(),
            is_part: held.filter(|(line, _)| own(line)).any(|(line, units)| units < line.comes()),
            parcels: shipment.parcels.clone(),
        }
    }
}

fn slip_line(line: &Line, quantity: u32) -> SlipLine {
    // What was refunded after it had left is in its parcel all the same.
    SlipLine { sku: line.sku.clone(), name: line.name.clone(), quantity, of: line.comes().max(quantity) }
}

fn in_utc(moment: Timestamp) -> Date {
    moment.to_zoned(jiff::tz::TimeZone::UTC).date()
}
