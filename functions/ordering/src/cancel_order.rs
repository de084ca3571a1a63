//! `POST /api/orders/{order_id}/cancel`: cancels an order, or units of it; what was paid for them goes back.

use std::sync::Arc;

use oms_app::execute::WritePath;
use oms_app::ordering::cancel_order::CancelOrder;
use oms_app::ordering::units::Units;
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_runtime::Function;
use oms_runtime::http::bounded::{Count, Text};
use oms_runtime::http::heads::{CommandHeaders, CommandProblems, OrderPath};
use oms_runtime::http::view::{OrderView, shown};
use oms_runtime::http::{Answer, Problem, Request, read_json};
use serde::Deserialize;
use utoipa::ToSchema;

/// Request body.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CancelOrderBody, examples(json!({"reason": "ordered twice"})))]
pub struct Body {
    /// Reason.
    reason: Text<1, 500>,
    /// Units to cancel of an order that is paid for, each line once; the whole order if absent. What is packed stays in.
    #[schema(min_items = 1, max_items = 100)]
    lines: Option<Vec<LineBody>>,
}

/// Units of a line.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CancelLineBody)]
pub struct LineBody {
    /// Id of the line.
    #[schema(format = Uuid)]
    line_id: String,
    /// Number of units.
    quantity: Count<1, 9_999>,
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    Ok(Function::http(CancelOrder(WritePath::of(world)), handle))
}

/// Cancels an order.
///
/// Possible until the order ships. Releases the stock and starts a refund of what was paid, in one transaction. With `lines`, only these
/// units are cancelled, at what they cost; whoever cancels all that is left cancels the order, and shipping goes back with it.
#[utoipa::path(
    post, path = "/api/orders/{order_id}/cancel", tag = "orders", operation_id = "cancelOrder",
    params(OrderPath, CommandHeaders),
    request_body = Body,
    responses((status = 200, description = "cancelled", body = OrderView), CommandProblems),
)]
pub async fn handle(cancel: Arc<CancelOrder>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::CancelOrder)?;
    let order_id = request.path_id("order_id")?;
    let body: Body = read_json(&request)?;
    let units = |line: LineBody| Units { line_id: line.line_id, quantity: line.quantity.into() };
    let lines = body.lines.map(|lines| lines.into_iter().map(units).collect());
    let order = cancel.run(order_id, &intent, lines, Some(body.reason.into())).await?;
    shown(&order, &intent.caller)
}
