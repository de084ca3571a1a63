//! `GET /api/shipments`: shipments of many orders, and what is to be picked for them. Its neighbour prints the same, with the same rights.

use std::sync::Arc;

use jiff::Timestamp;
use oms_app::fulfilment::list_shipments::{self, ListShipments, Page};
use oms_app::fulfilment::pick_list::{Pick, picks};
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_domain::fulfilment::{ShipmentId, ShipmentStatus};
use oms_runtime::Function;
use oms_runtime::http::PageView;
use oms_runtime::http::heads::InputProblems;
use oms_runtime::http::time_of;
use oms_runtime::http::{Answer, Problem, Query, Request, words};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::view::ShipmentView;
use crate::view_pick_list;

/// Most shipments on a page, and so on a pick list.
pub(crate) const MAX_PAGE: usize = 200;
const USUAL_PAGE: usize = 20;

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    Ok(Function::routes([
        ("GET /api/shipments", Function::http(ListShipments::new(world.orders()), handle)),
        ("GET /api/pick-list", Function::http(view_pick_list::Printer::of(world)?, view_pick_list::handle)),
    ]))
}

/// Which shipments.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ShipmentFilter {
    /// Only in these statuses; repeatable, or separated by commas. By default what has yet to leave: planned and packed.
    #[param(value_type = Vec<words::ShipmentStatus>, explode = true, required = false)]
    pub status: Vec<String>,
    /// Only this seller's; sellers get their own.
    #[param(min_length = 1, max_length = 128)]
    pub seller_id: Option<String>,
    /// Only from this location.
    #[param(min_length = 1, max_length = 32, pattern = "^[a-z0-9-]+$")]
    pub location: Option<String>,
    /// Only with this carrier.
    #[param(min_length = 1, max_length = 64)]
    pub carrier: Option<String>,
    /// Last changed at or after this date or time.
    #[param(max_length = 64)]
    pub start_date: Option<String>,
    /// Last changed before this time, or up to the end of this date.
    #[param(max_length = 64)]
    pub end_date: Option<String>,
}

/// Which page, and how.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ShipmentsQuery {
    /// `shipments`, as by default, or `pick-list`: what is to be picked for the shipments of the page, by location and SKU.
    #[param(value_type = View, inline, required = false)]
    pub view: Option<String>,
    /// Page size.
    #[param(minimum = 1, maximum = 200, default = 20)]
    pub limit: Option<u32>,
    /// `next_cursor` of the previous page.
    #[param(max_length = 2_000)]
    pub cursor: Option<String>,
}

/// How they are shown.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub enum View {
    Shipments,
    PickList,
}

/// Units of one product to pick at one location.
#[derive(Debug, Serialize, ToSchema)]
pub struct PickView {
    /// Where they are.
    location: String,
    /// The seller's SKU.
    sku: String,
    /// Product name.
    name: String,
    /// Id of the product.
    #[schema(format = Uuid)]
    product_id: String,
    /// Units for all shipments together.
    quantity: u32,
    /// How many go into which shipment.
    shipments: Vec<PickPartView>,
}

/// Units for one shipment.
#[derive(Debug, Serialize, ToSchema)]
pub struct PickPartView {
    /// Id of the shipment.
    shipment_id: String,
    /// What people read of it.
    number: String,
    quantity: u32,
}

/// A page of shipments, or what is to be picked for them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "view", rename_all = "kebab-case")]
pub enum ShipmentListView {
    Shipments(PageView<ShipmentView>),
    PickList(PageView<PickView>),
}

/// Lists shipments.
///
/// The longest unchanged first. Sellers see their own. The list may lag behind by up to a second, and a page may hold fewer than were
/// asked for although there are more: go on while `has_more` is true.
#[utoipa::path(
    get, path = "/api/shipments", tag = "shipments", operation_id = "listShipments",
    params(ShipmentFilter, ShipmentsQuery),
    responses(
        (status = 200, description = "a page of results", body = ShipmentListView, example = json!({
            "view": "shipments",
            "data": [{
                "shipment_id": "01976b7a-0000-7000-8000-00000000000a-S1", "number": "00000-0000A-C-S1",
                "order_id": "01976b7a-0000-7000-8000-00000000000a", "status": "planned", "seller_id": "harbour-goods",
                "location": "main", "lines": [], "tracking": [], "label": null, "replaced_by": null, "shipped_at": null,
                "moved_at": "2026-01-05T10:00:00Z"
            }],
            "has_more": false, "next_cursor": null
        })),
        (status = 404, description = "not_found: the seller is another one"),
        InputProblems,
    ),
)]
pub async fn handle(list: Arc<ListShipments>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller_for(Operation::ListShipments)?;
    let (listing, pick) = read(caller, request.query())?;
    let page = list.run(listing).await?;
    Answer::ok(&if pick { picked(page) } else { shown(page) })
}

fn shown(page: Page) -> ShipmentListView {
    ShipmentListView::Shipments(PageView {
        data: page.entries.iter().map(ShipmentView::of).collect(),
        has_more: page.next_cursor.is_some(),
        next_cursor: page.next_cursor,
    })
}

fn picked(page: Page) -> ShipmentListView {
    ShipmentListView::PickList(PageView {
        data: picks(&page.entries).into_iter().map(PickView::of).collect(),
        has_more: page.next_cursor.is_some(),
        next_cursor: page.next_cursor,
    })
}

impl PickView {
    fn of(pick: Pick) -> Self {
        let part = |(id, quantity): (ShipmentId, u32)| PickPartView {
            shipment_id: id.to_string(),
            number: format!("{}-S{}", id.order_id.number(), id.number),
            quantity,
        };
        PickView {
            location: pick.location.as_str().to_owned(),
            sku: pick.sku,
            name: pick.name,
            product_id: pick.product_id.to_string(),
            quantity: pick.quantity,
            shipments: pick.shipments.into_iter().map(part).collect(),
        }
    }
}

/// Reads the query; every fault at once.
fn read(caller: Caller, mut query: Query<'_>) -> Result<(list_shipments::Request, bool), Problem> {
    let view = |text: &str| match text {
        "shipments" => Ok(false),
        "pick-list" => Ok(true),
        _ => Err("must be shipments or pick-list"),
    };
    let listing = listing(caller, &mut query, USUAL_PAGE);
    let pick = query.last("view", view).unwrap_or(false);
    query.only()?;
    Ok((listing, pick))
}

/// Takes from the query which shipments are wanted, and which page of them.
pub(crate) fn listing(caller: Caller, query: &mut Query<'_>, usual: usize) -> list_shipments::Request {
    let moment = |text| time_of(text).ok_or("must be a date or an RFC 3339 time");
    let mut statuses = Vec::new();
    for name in query.each("status").flat_map(|value| value.split(',')) {
        match name.parse::<ShipmentStatus>() {
            Ok(status) if statuses.contains(&status) => {}
            Ok(status) => statuses.push(status),
            Err(error) => query.fault("status", error),
        }
    }
    let size = |text: &str| {
        let size = text.parse().ok().filter(|size| (1..=MAX_PAGE).contains(size));
        size.ok_or("must be a number from 1 to 200")
    };
    let carrier = |text: &str| {
        let name = text.trim();
        let fits = (1..=64).contains(&name.chars().count());
        if fits { Ok(name.to_owned()) } else { Err("must be the name of a carrier") }
    };
    let from: Option<Timestamp> = query.last("start_date", |text| moment(text).map(|(first, _)| first));
    list_shipments::Request {
        caller,
        statuses,
        seller: query.last("seller_id", |text| text.parse().map_err(|_| "is not the id of a seller")),
        location: query.last("location", |text| text.parse().map_err(|_| "is not the code of a location")),
        carrier: query.last("carrier", carrier),
        from,
        until: query.last("end_date", |text| moment(text).map(|(_, end)| end)),
        limit: query.last("limit", size).unwrap_or(usual),
        cursor: query.cursor().map(ToOwned::to_owned),
    }
}
