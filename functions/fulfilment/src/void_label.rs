//! `DELETE /api/shipments/{shipment_id}/label`: gives the label back.

use std::sync::Arc;

use http::StatusCode;
use oms_app::fulfilment::void_label::VoidLabel;
use oms_domain::access::Operation;
use oms_runtime::http::heads::{CommandHeaders, CommandProblems, ShipmentPath};
use oms_runtime::http::{Answer, Problem, Request};

use crate::view::{ShipmentView, moved};

/// Voids a label.
///
/// The carrier takes it back and does not charge it; possible until the parcel leaves. Where the carrier does not answer, the label stays
/// `voiding` and the carrier is asked again. Of a label that is `unknown`, this says that a person has looked and there is none.
#[utoipa::path(
    delete, path = "/api/shipments/{shipment_id}/label", tag = "shipments", operation_id = "voidLabel",
    params(ShipmentPath, CommandHeaders),
    responses((status = 200, description = "the shipment", body = ShipmentView), CommandProblems),
)]
pub async fn handle(give_back: Arc<VoidLabel>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::VoidLabel)?;
    let id = request.path_id("shipment_id")?;
    moved(&give_back.run(id, &intent).await?, StatusCode::OK)
}
