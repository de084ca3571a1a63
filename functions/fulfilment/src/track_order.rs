//! `GET /api/track/{token}`: where an order and its parcels are, for whoever has a signed link. Proved by `tests/e2e/tests/all/tracking.rs`.

use std::sync::Arc;

use jiff::Timestamp;
use oms_app::fulfilment::track_order::{Progress, TrackOrder};
use oms_app::fulfilment::view_shipments::OwnJourney;
use oms_app::ports::ShipmentRecord;
use oms_app::world::{Misconfigured, World};
use oms_domain::fulfilment::journey::Journey;
use oms_domain::fulfilment::scan::{CarrierStatus, Scan};
use oms_domain::fulfilment::{ShipmentId, ShipmentStatus, Tracking};
use oms_domain::ordering::Status;
use oms_runtime::Function;
use oms_runtime::http::{Answer, Problem, Request, words};
use serde::Serialize;
use utoipa::ToSchema;

use crate::view::{number, own_journey};

/// Where an order is. It holds no name, no address and no amount.
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({
    "number": "00000-0000A-C", "status": "shipped", "ordered_at": "2026-01-05T10:00:00Z",
    "status_history": [
        { "status": "pending", "timestamp": "2026-01-05T10:00:00Z" }, { "status": "confirmed", "timestamp": "2026-01-05T10:01:00Z" },
        { "status": "processing", "timestamp": "2026-01-05T12:00:00Z" }, { "status": "shipped", "timestamp": "2026-01-05T16:00:00Z" }
    ],
    "delivery_from": "2026-01-07", "delivery_to": "2026-01-09",
    "items": [{ "name": "Blue mug", "quantity": 2 }],
    "shipments": [{
        "number": "00000-0000A-C-S1", "status": "shipped", "items": [{ "name": "Blue mug", "quantity": 2 }],
        "shipped_at": "2026-01-05T16:00:00Z", "estimated_delivery": "2026-01-07T17:00:00Z", "delivered_at": null, "replaced_by": null,
        "parcels": [{
            "carrier": "DHL", "tracking_number": "00340434161094042557",
            "url": "https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557", "status": "in_transit",
            "estimated_delivery": "2026-01-07T17:00:00Z",
            "scans": [{ "timestamp": "2026-01-06T05:12:00Z", "status": "in_transit", "place": "Hamburg, DE" }]
        }]
    }],
    "link_expires_at": "2026-04-06T00:00:00Z"
})))]
pub struct ProgressView {
    /// Order number.
    number: String,
    #[schema(value_type = words::Status)]
    status: Status,
    ordered_at: Timestamp,
    /// States the order has had, oldest first.
    #[schema(max_items = 60)]
    status_history: Vec<ReachedView>,
    /// First day on which the shop expects it to arrive; null once it has, and where the shipping method says nothing. What a carrier expects
    /// of a parcel stands with it.
    #[schema(format = Date)]
    delivery_from: Option<String>,
    /// Last such day.
    #[schema(format = Date)]
    delivery_to: Option<String>,
    /// All that was ordered.
    #[schema(max_items = 80)]
    items: Vec<ItemView>,
    /// In the order of their numbers; without those that were given up before they left.
    #[schema(max_items = 40)]
    shipments: Vec<TrackedShipmentView>,
    /// From then on the link is answered with 404.
    link_expires_at: Timestamp,
}

/// A state that the order has had.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReachedView {
    #[schema(value_type = words::Status)]
    status: Status,
    timestamp: Timestamp,
}

/// Units of a product.
#[derive(Debug, Serialize, ToSchema)]
pub struct ItemView {
    /// Product name.
    name: String,
    /// Units of it.
    quantity: u32,
}

/// Units of the order that leave together.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrackedShipmentView {
    /// The order's number and the shipment's.
    number: String,
    #[schema(value_type = words::ShipmentStatus)]
    status: ShipmentStatus,
    /// What is in it.
    #[schema(max_items = 80)]
    items: Vec<ItemView>,
    /// When it left.
    shipped_at: Option<Timestamp>,
    /// When the last of its parcels is expected, while it is on its way and its carrier says so.
    estimated_delivery: Option<Timestamp>,
    /// When the last of its parcels arrived, if its carrier has told.
    delivered_at: Option<Timestamp>,
    /// Number of the shipment that takes its place, if it was lost and replaced.
    replaced_by: Option<String>,
    #[schema(max_items = 20)]
    parcels: Vec<TrackedParcelView>,
}

/// A parcel, and what its carrier has told of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrackedParcelView {
    /// The carrier.
    carrier: String,
    /// The carrier's tracking number.
    tracking_number: String,
    /// The carrier's tracking page, for known carriers.
    url: Option<String>,
    /// Where it is, as its carrier says; null where nothing was told.
    #[schema(value_type = Option<words::CarrierStatus>)]
    status: Option<CarrierStatus>,
    /// When the carrier means to deliver it.
    estimated_delivery: Option<Timestamp>,
    /// What its carrier saw, oldest first.
    #[schema(max_items = 60)]
    scans: Vec<TrackedScanView>,
}

/// Something that a carrier saw.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrackedScanView {
    timestamp: Timestamp,
    #[schema(value_type = words::CarrierStatus)]
    status: CarrierStatus,
    /// Town and country, where the carrier says so.
    place: Option<String>,
}

impl ProgressView {
    fn of(progress: &Progress) -> Self {
        let item = |(name, quantity): &(String, u32)| ItemView { name: name.clone(), quantity: *quantity };
        let shipments = progress.shipments.iter();
        ProgressView {
            number: progress.number.to_string(),
            status: progress.status,
            ordered_at: progress.ordered_at,
            status_history: progress
                .reached
                .iter()
                .map(|(status, timestamp)| ReachedView { status: *status, timestamp: *timestamp })
                .collect(),
            delivery_from: progress.expected.map(|(from, _)| from.to_string()),
            delivery_to: progress.expected.map(|(_, to)| to.to_string()),
            items: progress.items.iter().map(item).collect(),
            shipments: shipments.map(|shipment| TrackedShipmentView::of(shipment, &progress.parcels)).collect(),
            link_expires_at: progress.expires_at,
        }
    }
}

impl TrackedShipmentView {
    fn of(record: &ShipmentRecord, told: &[OwnJourney]) -> Self {
        let parcels: Vec<TrackedParcelView> =
            record.parcels.iter().map(|parcel| TrackedParcelView::of(parcel, record.id, told)).collect();
        let arrived = |parcel: &TrackedParcelView| {
            let scans = parcel.scans.iter().filter(|scan| scan.status == CarrierStatus::Delivered);
            scans.map(|scan| scan.timestamp).next_back()
        };
        let expected = parcels.iter().filter_map(|parcel| parcel.estimated_delivery).max();
        TrackedShipmentView {
            number: number(record),
            status: record.status,
            items: record
                .lines
                .iter()
                .map(|line| ItemView { name: line.name.clone(), quantity: line.quantity })
                .collect(),
            shipped_at: record.shipped_at,
            estimated_delivery: expected.filter(|_| record.status.is_under_way()),
            delivered_at: parcels
                .iter()
                .filter_map(arrived)
                .max()
                .filter(|_| record.status == ShipmentStatus::Delivered),
            replaced_by: record.replaced_by.map(|number| format!("{}-S{number}", record.id.order_id.number())),
            parcels,
        }
    }
}

impl TrackedParcelView {
    fn of(parcel: &Tracking, shipment: ShipmentId, told: &[OwnJourney]) -> Self {
        let journey = own_journey(parcel, shipment, told);
        let scan = |scan: &Scan| TrackedScanView { timestamp: scan.at, status: scan.status, place: scan.place.clone() };
        TrackedParcelView {
            carrier: parcel.carrier.clone(),
            tracking_number: parcel.tracking_number.clone(),
            url: parcel.url(),
            status: journey.and_then(Journey::status),
            estimated_delivery: journey.and_then(|journey| journey.estimated_delivery),
            scans: journey.map(Journey::scans).unwrap_or_default().iter().map(scan).collect(),
        }
    }
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let track = TrackOrder::new(world.orders(), world.parcels(), world.link_keys()?, world.clock());
    Ok(Function::http(track, handle))
}

/// Shows where an order and its parcels are.
///
/// Authenticated by the signed link itself, which customers get in messages about their parcels and which is good for 90 days. It tells
/// nobody's name, address or money. A token that is not ours, was changed, is for something else or has expired is answered alike.
#[utoipa::path(
    get, path = "/api/track/{token}", tag = "shipments", operation_id = "trackOrder",
    security(()),
    params(("token" = String, Path, description = "the last part of a tracking link", max_length = 64, pattern = "^[A-Za-z0-9_-]+$",
        example = "EQGXa3oAAHAAgAAAAAAAAApQRJqDW8fWXYKxpdOlpn0k")),
    responses(
        (status = 200, description = "where it is", body = ProgressView),
        (status = 404, description = "not_found: no such link, or it has expired"),
        (status = 503, description = "unavailable"),
    ),
)]
pub async fn handle(track: Arc<TrackOrder>, request: Request) -> Result<Answer, Problem> {
    let token = request.path_parameters.get("token").ok_or_else(Problem::not_found)?;
    Answer::ok(&ProgressView::of(&track.run(token).await?))
}
