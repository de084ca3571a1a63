//! `GET /api/pick-list`: what is to be taken from the shelves, to print. Proved by `tests/e2e/tests/all/slips.rs`.

use std::collections::BTreeSet;
use std::sync::Arc;

use oms_app::fulfilment::list_shipments::{ListShipments, Page};
use oms_app::fulfilment::pick_list::{Pick, picks};
use oms_app::ports::Clock;
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_domain::fulfilment::ShipmentId;
use oms_runtime::http::heads::InputProblems;
use oms_runtime::http::html::Pages;
use oms_runtime::http::{Answer, Problem, Request};
use serde::Serialize;
use url::form_urlencoded::Serializer;
use utoipa::IntoParams;

use crate::list_shipments::{MAX_PAGE, ShipmentFilter, listing};
use crate::print_slips::SHEET;

const PICK_LIST: (&str, &str) = ("pick_list", include_str!("pages/pick_list.html"));

/// Writes pick lists.
pub struct Printer {
    list: ListShipments,
    clock: Arc<dyn Clock>,
    pages: Pages,
}

impl Printer {
    pub(crate) fn of(world: &impl World) -> Result<Self, Misconfigured> {
        let pages = Pages::new(SHEET, [PICK_LIST])?;
        Ok(Printer { list: ListShipments::new(world.orders()), clock: world.clock(), pages })
    }
}

/// Which page.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PickListQuery {
    /// Most shipments on a page.
    #[param(minimum = 1, maximum = 200, default = 200)]
    pub limit: Option<u32>,
    /// Where the next page begins, as the page before links to it.
    #[param(max_length = 2_000)]
    pub cursor: Option<String>,
}

/// Prints a pick list.
///
/// A page of HTML for A4 and Letter: units for all shipments of the page, by location and SKU, with how many go into which shipment.
/// It holds no personal data. The longest unchanged shipments come first; where there are more, the page says so and links to the
/// next. `listShipments` tells the same as JSON.
#[utoipa::path(
    get, path = "/api/pick-list", tag = "shipments", operation_id = "viewPickList",
    params(ShipmentFilter, PickListQuery),
    responses(
        (status = 200, description = "the pick list", content_type = "text/html", body = String,
            example = "<!doctype html><html lang=\"en\"><title>Pick list</title>"),
        (status = 404, description = "not_found: the seller is another one"),
        InputProblems,
    ),
)]
pub async fn handle(printer: Arc<Printer>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller_for(Operation::ViewPickList)?;
    let mut query = request.query();
    let wanted = listing(caller, &mut query, MAX_PAGE);
    query.only()?;
    let page = printer.list.run(wanted).await?;
    let moment = printer.clock.now().strftime("%-d %B %Y, %H:%M UTC").to_string();
    printer.pages.show(PICK_LIST.0, PickListPage::of(&page, next(&request, &page), moment))
}

/// The address of the next page, relative to this one: wherever the shop is, it asks for the same list.
fn next(request: &Request, page: &Page) -> Option<String> {
    let cursor = page.next_cursor.as_deref()?;
    let same = request.query.iter().filter(|(name, _)| name != "cursor");
    let mut query = Serializer::for_suffix("?".to_owned(), 1);
    query.extend_pairs(same).append_pair("cursor", cursor);
    Some(query.finish())
}

#[derive(Serialize)]
struct PickListPage {
    printed: String,
    shipments: usize,
    units: u32,
    locations: Vec<LocationView>,
    next: Option<String>,
}

#[derive(Serialize)]
struct LocationView {
    code: String,
    picks: Vec<PickView>,
}

#[derive(Serialize)]
struct PickView {
    sku: String,
    name: String,
    quantity: u32,
    parts: Vec<PartView>,
}

#[derive(Serialize)]
struct PartView {
    number: String,
    quantity: u32,
}

impl PickListPage {
    fn of(page: &Page, next: Option<String>, printed: String) -> Self {
        let picks = picks(&page.entries);
        let wanting: BTreeSet<ShipmentId> = picks.iter().flat_map(|pick| &pick.shipments).map(|(id, _)| *id).collect();
        let units = picks.iter().map(|pick| pick.quantity).sum();
        let mut locations: Vec<LocationView> = Vec::new();
        for pick in &picks {
            let code = pick.location.as_str();
            if locations.last().is_none_or(|last| last.code != code) {
                locations.push(LocationView { code: code.to_owned(), picks: Vec::new() });
            }
            if let Some(last) = locations.last_mut() {
                last.picks.push(PickView::of(pick));
            }
        }
        PickListPage { printed, shipments: wanting.len(), units, locations, next }
    }
}

impl PickView {
    fn of(pick: &Pick) -> Self {
        let part = |(id, quantity): &(ShipmentId, u32)| PartView {
            number: format!("{}-S{}", id.order_id.number(), id.number),
            quantity: *quantity,
        };
        PickView {
            sku: pick.sku.clone(),
            name: pick.name.clone(),
            quantity: pick.quantity,
            parts: pick.shipments.iter().map(part).collect(),
        }
    }
}
