//! Packing slips, of one shipment or of several. A function of its own: it reads the persons of orders, and changes nothing.

use jiff::civil::Date;
use oms_app::fulfilment::packing_slips::{PackingSlip, PackingSlips, SlipLine, Unprinted};
use oms_app::world::{Misconfigured, World};
use oms_app::{Error, Field};
use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_domain::fulfilment::{ShipmentId, Tracking};
use oms_domain::ordering::address::{Address, AddressLine};
use oms_runtime::Function;
use oms_runtime::http::html::Pages;
use oms_runtime::http::{Answer, Problem};
use serde::{Deserialize, Serialize};

use crate::barcode::Barcode;
use crate::{view_packing_slip, view_packing_slips};

/// What is printed looks alike.
pub(crate) const SHEET: &str = include_str!("pages/print.css");

const SLIPS: (&str, &str) = ("slips", include_str!("pages/slips.html"));

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    Ok(Function::routes([
        (
            "GET /api/shipments/{shipment_id}/packing-slip",
            Function::http(Printer::of(world)?, view_packing_slip::handle),
        ),
        ("GET /api/packing-slips", Function::http(Printer::of(world)?, view_packing_slips::handle)),
    ]))
}

/// Writes slips in the shop's name.
pub struct Printer {
    slips: PackingSlips,
    pages: Pages,
    shop: String,
}

impl Printer {
    fn of(world: &impl World) -> Result<Self, Misconfigured> {
        #[derive(Deserialize)]
        struct Config {
            shop_name: String,
        }
        let Config { shop_name } = world.setting()?;
        let slips = PackingSlips::new(world.orders(), world.settings(), world.clock());
        Ok(Printer { slips, pages: Pages::new(SHEET, [SLIPS])?, shop: shop_name })
    }

    /// The page with these slips.
    pub(crate) async fn print(
        &self,
        operation: Operation,
        caller: &Caller,
        shipments: &[ShipmentId],
    ) -> Result<Answer, Problem> {
        let slips = self.slips.run(operation, caller, shipments).await.map_err(unprinted)?;
        self.pages.show(SLIPS.0, SlipsPage { shop: &self.shop, slips: slips.iter().map(SlipView::of).collect() })
    }
}

/// Of many shipments people have to know which one it is.
fn unprinted(unprinted: Unprinted) -> Problem {
    let Unprinted { shipment, error } = unprinted;
    match (shipment, &error) {
        (Some(id), Error::Refused(refusal)) => {
            let field = Field::new("/shipments", format!("{id}: {refusal}"));
            Problem::from(error).at(field)
        }
        _ => Problem::from(error),
    }
}

#[derive(Serialize)]
struct SlipsPage<'a> {
    shop: &'a str,
    slips: Vec<SlipView>,
}

#[derive(Serialize)]
struct SlipView {
    number: String,
    order_number: String,
    barcode: Barcode,
    sender: Vec<String>,
    location: String,
    /// Nothing once a seller's shipment has left.
    recipient: Option<Vec<String>>,
    gift_note: Option<String>,
    method: String,
    ordered: Day,
    shipped: Option<Day>,
    lines: Vec<LineView>,
    units: u32,
    is_part: bool,
    parcels: Vec<ParcelView>,
}

#[derive(Serialize)]
struct LineView {
    sku: String,
    name: String,
    quantity: u32,
    of: u32,
}

#[derive(Serialize)]
struct ParcelView {
    carrier: String,
    number: String,
}

/// A day for people and for machines.
#[derive(Serialize)]
struct Day {
    text: String,
    iso: String,
}

impl SlipView {
    fn of(slip: &PackingSlip) -> Self {
        let order_number = slip.order_number.to_string();
        let line = |line: &SlipLine| LineView {
            sku: line.sku.clone(),
            name: line.name.clone(),
            quantity: line.quantity,
            of: line.of,
        };
        let parcel = |own: &Tracking| ParcelView { carrier: own.carrier.clone(), number: own.tracking_number.clone() };
        SlipView {
            number: format!("{order_number}-S{}", slip.shipment.number),
            barcode: Barcode::of(&order_number),
            order_number,
            sender: slip.sender.as_ref().map(lines).unwrap_or_default(),
            location: slip.location.clone(),
            recipient: slip.recipient.as_ref().map(|recipient| lines(&recipient.address)),
            gift_note: slip.recipient.as_ref().and_then(|recipient| recipient.gift_note.clone()),
            method: slip.shipping_method.clone(),
            ordered: day(slip.ordered_on),
            shipped: slip.shipped_on.map(day),
            lines: slip.lines.iter().map(line).collect(),
            units: slip.lines.iter().map(|line| line.quantity).sum(),
            is_part: slip.is_part,
            parcels: slip.parcels.iter().map(parcel).collect(),
        }
    }
}

fn lines(address: &Address) -> Vec<String> {
    address.lines().iter().map(AddressLine::whole).collect()
}

fn day(date: Date) -> Day {
    Day { text: date.strftime("%-d %B %Y").to_string(), iso: date.to_string() }
}
