//! What clients see of shipments.

use jiff::Timestamp;
use oms_app::fulfilment::view_shipments::{Moved, OwnJourney};
use oms_app::ports::{ParcelKey, PickLine, ShipmentRecord};
use oms_domain::fulfilment::journey::Journey;
use oms_domain::fulfilment::label::LabelStatus;
use oms_domain::fulfilment::scan::{CarrierStatus, Scan};
use oms_domain::fulfilment::{ShipmentId, ShipmentStatus, Tracking};
use oms_runtime::http::{Answer, Problem, words};
use serde::Serialize;
use utoipa::ToSchema;

/// Units of a line in a shipment.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShipmentLineView {
    /// Id of the line.
    #[schema(format = Uuid)]
    line_id: String,
    /// Id of the product.
    #[schema(format = Uuid)]
    product_id: String,
    /// The seller's SKU.
    sku: String,
    /// Product name.
    name: String,
    /// Units of it in the shipment.
    quantity: u32,
}

/// Units of an order that leave together.
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({
    "shipment_id": "01976b7a-0000-7000-8000-00000000000a-S1", "number": "00000-0000A-C-S1",
    "order_id": "01976b7a-0000-7000-8000-00000000000a", "status": "planned", "seller_id": "harbour-goods", "location": "main",
    "lines": [{
        "line_id": "01976b7a-0000-8000-8000-000000000002", "product_id": "01976b7a-0000-7000-8000-000000000001",
        "sku": "MUG-BLUE", "name": "Blue mug", "quantity": 2
    }],
    "tracking": [], "label": null, "replaced_by": null, "shipped_at": null, "moved_at": "2026-01-05T10:00:00Z"
})))]
pub struct ShipmentView {
    /// Id of the shipment.
    shipment_id: String,
    /// What people read: the order's number and the shipment's.
    number: String,
    /// Id of the order.
    #[schema(format = Uuid)]
    order_id: String,
    #[schema(value_type = words::ShipmentStatus)]
    status: ShipmentStatus,
    /// Seller of all its units; null if they are of several.
    seller_id: Option<String>,
    /// Where it leaves.
    location: String,
    lines: Vec<ShipmentLineView>,
    /// A parcel each.
    #[schema(max_items = 20)]
    tracking: Vec<ParcelView>,
    /// How far its label is; null if there is none.
    #[schema(value_type = Option<words::LabelStatus>)]
    label: Option<LabelStatus>,
    /// Id of the shipment that takes its place, if it was lost and replaced.
    replaced_by: Option<String>,
    /// When it left.
    shipped_at: Option<Timestamp>,
    /// When it was last changed.
    moved_at: Timestamp,
}

/// A parcel, and what its carrier has told of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ParcelView {
    /// The carrier.
    carrier: String,
    /// The carrier's tracking number.
    tracking_number: String,
    /// The carrier's tracking page, for known carriers.
    url: Option<String>,
    /// Where it is, as its carrier says; null where nothing was told or is not shown here.
    #[schema(value_type = Option<words::CarrierStatus>)]
    status: Option<CarrierStatus>,
    /// When the carrier means to deliver it.
    estimated_delivery: Option<Timestamp>,
    /// What its carrier saw, oldest first.
    #[schema(max_items = 60)]
    scans: Vec<ScanView>,
}

/// Something that a carrier saw.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScanView {
    at: Timestamp,
    #[schema(value_type = words::CarrierStatus)]
    status: CarrierStatus,
    /// The carrier's own code.
    code: String,
    /// Town and country, where the carrier says so.
    place: Option<String>,
}

/// What was told of a parcel of this shipment.
pub(crate) fn own_journey<'a>(parcel: &Tracking, shipment: ShipmentId, told: &'a [OwnJourney]) -> Option<&'a Journey> {
    let key = ParcelKey::of(parcel)?;
    told.iter().find(|own| own.key == key && own.shipment == shipment).map(|own| &own.journey)
}

impl ParcelView {
    fn of(parcel: &Tracking, shipment: ShipmentId, told: &[OwnJourney]) -> Self {
        let journey = own_journey(parcel, shipment, told);
        let scans = journey.map(Journey::scans).unwrap_or_default();
        let scan = |scan: &Scan| ScanView {
            at: scan.at,
            status: scan.status,
            code: scan.code.clone(),
            place: scan.place.clone(),
        };
        ParcelView {
            carrier: parcel.carrier.clone(),
            tracking_number: parcel.tracking_number.clone(),
            url: parcel.url(),
            status: journey.and_then(Journey::status),
            estimated_delivery: journey.and_then(|journey| journey.estimated_delivery),
            scans: scans.iter().map(scan).collect(),
        }
    }
}

impl ShipmentView {
    pub(crate) fn of(record: &ShipmentRecord) -> Self {
        ShipmentView::told(record, &[])
    }

    /// With what carriers have told of its parcels.
    pub(crate) fn told(record: &ShipmentRecord, told: &[OwnJourney]) -> Self {
        let id = record.id;
        let line = |line: &PickLine| ShipmentLineView {
            line_id: id.order_id.line(line.line).to_string(),
            product_id: line.product_id.to_string(),
            sku: line.sku.clone(),
            name: line.name.clone(),
            quantity: line.quantity,
        };
        ShipmentView {
            shipment_id: id.to_string(),
            number: number(record),
            order_id: id.order_id.to_string(),
            status: record.status,
            seller_id: record.seller_id.as_ref().map(ToString::to_string),
            location: record.location.as_str().to_owned(),
            lines: record.lines.iter().map(line).collect(),
            tracking: record.parcels.iter().map(|parcel| ParcelView::of(parcel, record.id, told)).collect(),
            label: record.label,
            replaced_by: record.replaced_by.map(|number| format!("{}-S{number}", id.order_id)),
            shipped_at: record.shipped_at,
            moved_at: record.moved_at,
        }
    }
}

pub(crate) fn number(record: &ShipmentRecord) -> String {
    format!("{}-S{}", record.id.order_id.number(), record.id.number)
}

/// A shipment after a change, with the version of its order.
pub(crate) fn moved(moved: &Moved, status: http::StatusCode) -> Result<Answer, Problem> {
    let answer = Answer::json(status, &ShipmentView::of(&moved.shipment))?.version(moved.version);
    Ok(answer.location(&format!("/api/orders/{}/shipments", moved.shipment.id.order_id)))
}
