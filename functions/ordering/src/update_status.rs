//! `PATCH /api/orders/{order_id}/status`: moves an order along by hand.

use std::sync::Arc;

use oms_app::Field;
use oms_app::execute::WritePath;
use oms_app::ordering::update_status::{Move, UpdateStatus};
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_domain::ordering::{Status, UnknownStatus};
use oms_runtime::Function;
use oms_runtime::http::bounded::Text;
use oms_runtime::http::heads::{CommandHeaders, CommandProblems, OrderPath};
use oms_runtime::http::tracking::{TrackingBody, read_tracking};
use oms_runtime::http::view::{OrderView, shown};
use oms_runtime::http::{Answer, Problem, Request, read_json, words};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::screen_order::screening;

/// Request body.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateStatusBody, examples(
    json!({"status": "shipped", "tracking": {"carrier": "dhl", "tracking_number": "00340434161094042557"}})
))]
pub struct Body {
    /// New status.
    #[schema(value_type = words::WantedStatus)]
    status: String,
    /// Shown in the order's timeline; must not contain personal data.
    note: Option<Text<1, 500>>,
    /// Required with the status `shipped`.
    tracking: Option<TrackingBody>,
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let screening = screening(world)?;
    Ok(Function::http(UpdateStatus { path: WritePath::of(world), screening }, handle))
}

/// Changes an order's status.
///
/// Admins may set processing, shipped, delivered and cancelled; sellers the first three, if every line is theirs. An order that
/// a fraud check wants a person to see is not prepared: `invalid_transition` until an admin has approved it.
#[utoipa::path(
    patch, path = "/api/orders/{order_id}/status", tag = "orders", operation_id = "updateStatus",
    params(OrderPath, CommandHeaders),
    request_body = Body,
    responses((status = 200, description = "status changed", body = OrderView), CommandProblems),
)]
pub async fn handle(update: Arc<UpdateStatus>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::UpdateStatus)?;
    let order_id = request.path_id("order_id")?;
    let body: Body = read_json(&request)?;
    let unknown = |error: UnknownStatus| Problem::invalid(vec![Field::new("/status", error)]);
    let status: Status = body.status.parse().map_err(unknown)?;
    let tracking = body.tracking.map(|body| read_tracking(body, "/tracking")).transpose().map_err(Problem::invalid)?;
    let to = Move { status, note: body.note.map(Into::into), tracking };
    let order = update.run(order_id, &intent, &to).await?;
    shown(&order, &intent.caller)
}
