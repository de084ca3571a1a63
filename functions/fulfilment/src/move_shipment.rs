//! `PATCH /api/shipments/{shipment_id}`: one step of a shipment, or other tracking.

use std::sync::Arc;

use http::StatusCode;
use oms_app::Field;
use oms_app::fulfilment::move_shipment::MoveShipment;
use oms_domain::access::Operation;
use oms_domain::fulfilment::Tracking;
use oms_domain::fulfilment::parcel::MAX_PARCELS;
use oms_domain::ordering::ShipmentStep;
use oms_runtime::http::bounded::Text;
use oms_runtime::http::heads::{CommandHeaders, CommandProblems, ShipmentPath};
use oms_runtime::http::tracking::{TrackingBody, read_tracking};
use oms_runtime::http::{Answer, Problem, Request, read_json};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::view::{ShipmentView, moved};

/// Request body.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MoveShipmentBody, examples(
    json!({"status": "shipped", "tracking": [{"carrier": "dhl", "tracking_number": "00340434161094042557"}]}),
    json!({"tracking": [{"carrier": "ups", "tracking_number": "1Z999AA10123456784"}], "tell_customer": true})
))]
pub struct Body {
    /// New status; without it, `tracking` corrects how the parcels are followed.
    status: Option<WantedShipmentStatus>,
    /// A parcel each. Required without a status, and with `shipped` unless the shipment has a label, which tells its parcels.
    #[schema(min_items = 1, max_items = 20)]
    tracking: Option<Vec<TrackingBody>>,
    /// With corrected tracking: whether the customer is told of it.
    tell_customer: Option<bool>,
    /// Shown in the order's timeline where its status changes; must not contain personal data.
    note: Option<Text<1, 500>>,
}

/// Where a shipment is to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WantedShipmentStatus {
    Packed,
    Shipped,
    Delivered,
    /// The carrier could not hand it over, and has it still.
    Failed,
    /// It came back; its units are there to ship again.
    Returned,
    Lost,
    /// It is given up before it leaves; its units still belong to the order.
    Cancelled,
}

/// Moves a shipment along.
///
/// The order's status follows from its shipments. Sellers move shipments whose units are all theirs. A step that was taken before
/// changes nothing.
#[utoipa::path(
    patch, path = "/api/shipments/{shipment_id}", tag = "shipments", operation_id = "moveShipment",
    params(ShipmentPath, CommandHeaders),
    request_body = Body,
    responses((status = 200, description = "moved", body = ShipmentView), CommandProblems),
)]
pub async fn handle(shipments: Arc<MoveShipment>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::MoveShipment)?;
    let id = request.path_id("shipment_id")?;
    let body: Body = read_json(&request)?;
    let note = body.note.clone().map(Into::into);
    let step = step(body)?;
    moved(&shipments.run(id, &intent, step, note).await?, StatusCode::OK)
}

fn step(body: Body) -> Result<ShipmentStep, Problem> {
    let mut faults = Vec::new();
    let given = body.tracking.is_some();
    let parcels = parcels(body.tracking.unwrap_or_default(), &mut faults);
    let takes_parcels = matches!(body.status, None | Some(WantedShipmentStatus::Shipped));
    if body.status.is_none() && !given {
        faults.push(Field::new("/tracking", "is required without a status"));
    }
    if !takes_parcels && given {
        faults.push(Field::new("/tracking", "is only allowed with the status `shipped`, or without a status"));
    }
    if body.tell_customer.is_some() && body.status.is_some() {
        faults.push(Field::new("/tell_customer", "is only allowed without a status"));
    }
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    Ok(match body.status {
        None => ShipmentStep::Track { parcels, tell: body.tell_customer.unwrap_or(false) },
        Some(WantedShipmentStatus::Packed) => ShipmentStep::Pack,
        Some(WantedShipmentStatus::Shipped) => ShipmentStep::Ship { parcels },
        Some(WantedShipmentStatus::Delivered) => ShipmentStep::Deliver,
        Some(WantedShipmentStatus::Failed) => ShipmentStep::Fail,
        Some(WantedShipmentStatus::Returned) => ShipmentStep::ComeBack,
        Some(WantedShipmentStatus::Lost) => ShipmentStep::Lose,
        Some(WantedShipmentStatus::Cancelled) => ShipmentStep::Cancel,
    })
}

fn parcels(given: Vec<TrackingBody>, faults: &mut Vec<Field>) -> Vec<Tracking> {
    if given.len() > MAX_PARCELS {
        faults.push(Field::new("/tracking", format!("has {} parcels; the limit is {MAX_PARCELS}", given.len())));
        return Vec::new();
    }
    let mut parcels: Vec<Tracking> = Vec::new();
    for (place, parcel) in given.into_iter().enumerate() {
        match read_tracking(parcel, &format!("/tracking/{place}")) {
            Ok(parcel) if parcels.contains(&parcel) => {
                faults.push(Field::new(format!("/tracking/{place}"), "is already listed"));
            }
            Ok(parcel) => parcels.push(parcel),
            Err(wrong) => faults.extend(wrong),
        }
    }
    parcels
}
