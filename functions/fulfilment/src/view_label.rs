//! `GET /api/shipments/{shipment_id}/label`: the label, with links to what there is to print.

use std::sync::Arc;

use oms_app::fulfilment::view_label::ViewLabel;
use oms_domain::access::Operation;
use oms_runtime::http::heads::ShipmentPath;
use oms_runtime::http::{Answer, Problem, Request};

use crate::label_view::LabelView;

/// Shows a label.
///
/// With links to its documents, which work for 15 minutes.
#[utoipa::path(
    get, path = "/api/shipments/{shipment_id}/label", tag = "shipments", operation_id = "viewLabel",
    params(ShipmentPath),
    responses(
        (status = 200, description = "the label", body = LabelView),
        (status = 404, description = "not_found: the shipment does not exist, is another seller's, or has no label"),
    ),
)]
pub async fn handle(view: Arc<ViewLabel>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller_for(Operation::ViewLabel)?;
    let shown = view.run(&caller, request.path_id("shipment_id")?).await?;
    Ok(Answer::ok(&LabelView::of(&shown))?.version(shown.version))
}
