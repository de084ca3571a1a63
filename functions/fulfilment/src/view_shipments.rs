//! `GET /api/orders/{order_id}/shipments`: the shipments of an order.

use std::sync::Arc;

use oms_app::fulfilment::view_shipments::ViewShipments;
use oms_domain::access::Operation;
use oms_runtime::http::heads::OrderPath;
use oms_runtime::http::{Answer, Problem, Request};
use serde::Serialize;
use utoipa::ToSchema;

use crate::view::ShipmentView;

/// The shipments of an order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({"data": [{
    "shipment_id": "01976b7a-0000-7000-8000-00000000000a-S1", "number": "00000-0000A-C-S1",
    "order_id": "01976b7a-0000-7000-8000-00000000000a", "status": "packed", "seller_id": "harbour-goods", "location": "main",
    "lines": [{
        "line_id": "01976b7a-0000-8000-8000-000000000002", "product_id": "01976b7a-0000-7000-8000-000000000001",
        "sku": "MUG-BLUE", "name": "Blue mug", "quantity": 2
    }],
    "tracking": [], "replaced_by": null, "shipped_at": null, "moved_at": "2026-01-05T10:00:00Z"
}]})))]
pub struct ShipmentsView {
    /// In the order of their numbers.
    #[schema(max_items = 40)]
    data: Vec<ShipmentView>,
}

/// Shows the shipments of an order.
///
/// With what carriers have told of their parcels. Sellers see those whose units are all theirs.
#[utoipa::path(
    get, path = "/api/orders/{order_id}/shipments", tag = "shipments", operation_id = "viewShipments",
    params(OrderPath),
    responses((status = 200, description = "the shipments", body = ShipmentsView)),
)]
pub async fn handle(view: Arc<ViewShipments>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller_for(Operation::ViewShipments)?;
    let order_id = request.path_id("order_id")?;
    let shown = view.run(&caller, order_id).await?;
    let data = shown.shipments.iter().map(|shipment| ShipmentView::told(shipment, &shown.parcels)).collect();
    Ok(Answer::ok(&ShipmentsView { data })?.version(shown.version))
}
