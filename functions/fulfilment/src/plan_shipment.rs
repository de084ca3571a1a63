//! `POST /api/orders/{order_id}/shipments`: units of an order are to leave together.

use std::sync::Arc;

use http::StatusCode;
use oms_app::Field;
use oms_app::fulfilment::plan_shipment::PlanShipment;
use oms_app::ordering::units::Units;
use oms_domain::access::Operation;
use oms_domain::fulfilment::Location;
use oms_runtime::http::bounded::{Count, Text};
use oms_runtime::http::heads::{CommandHeaders, CommandProblems, OrderPath};
use oms_runtime::http::{Answer, Problem, Request, read_json};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::view::{ShipmentView, moved};

/// Request body.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlanShipmentBody, examples(json!({
    "lines": [{"line_id": "01976b7a-0000-8000-8000-000000000002", "quantity": 1}], "location": "main"
})))]
pub struct Body {
    /// Units that are in no other shipment; each line at most once.
    #[schema(min_items = 1, max_items = 80)]
    lines: Vec<LineBody>,
    /// Where they leave: a code of a-z, 0-9 and -; `main` if it is not given.
    #[schema(pattern = "^[a-z0-9-]+$")]
    location: Option<Text<1, 32>>,
}

/// Units of a line.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlannedUnits)]
pub struct LineBody {
    /// Id of the line.
    #[schema(format = Uuid)]
    line_id: String,
    /// Number of units.
    quantity: Count<1, 9_999>,
}

/// Plans a shipment.
///
/// A shipment for each seller is planned by itself as an order goes to `processing`; cancel one to plan its units in another way. A
/// paid order goes to `processing` with the first shipment that is planned. Sellers plan units of their own lines.
#[utoipa::path(
    post, path = "/api/orders/{order_id}/shipments", tag = "shipments", operation_id = "planShipment",
    params(OrderPath, CommandHeaders),
    request_body = Body,
    responses((status = 201, description = "planned", body = ShipmentView), CommandProblems),
)]
pub async fn handle(plan: Arc<PlanShipment>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::PlanShipment)?;
    let order_id = request.path_id("order_id")?;
    let body: Body = read_json(&request)?;
    let location = body.location.map_or(Ok(Location::main()), |code| String::from(code).parse());
    let location = location.map_err(|error| Problem::invalid(vec![Field::new("/location", error)]))?;
    let units = |line: LineBody| Units { line_id: line.line_id, quantity: line.quantity.into() };
    let units: Vec<Units> = body.lines.into_iter().map(units).collect();
    moved(&plan.run(order_id, &intent, &units, location).await?, StatusCode::CREATED)
}
