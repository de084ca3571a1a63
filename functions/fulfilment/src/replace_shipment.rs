//! `POST /api/shipments/{shipment_id}/replacement`: what was lost is sent again.

use std::sync::Arc;

use http::StatusCode;
use oms_app::fulfilment::replace_shipment::ReplaceShipment;
use oms_domain::access::Operation;
use oms_runtime::http::heads::{CommandHeaders, CommandProblems, ShipmentPath};
use oms_runtime::http::{Answer, Problem, Request};

use crate::view::{ShipmentView, moved};

/// Replaces a lost shipment.
///
/// Its units are reserved anew, and a shipment is planned for them. If there are too few, nothing changes: `ORD-1001`.
#[utoipa::path(
    post, path = "/api/shipments/{shipment_id}/replacement", tag = "shipments", operation_id = "replaceShipment",
    params(ShipmentPath, CommandHeaders),
    responses((status = 201, description = "the shipment that takes its place", body = ShipmentView), CommandProblems),
)]
pub async fn handle(replace: Arc<ReplaceShipment>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::ReplaceShipment)?;
    let id = request.path_id("shipment_id")?;
    moved(&replace.run(id, &intent).await?, StatusCode::CREATED)
}
