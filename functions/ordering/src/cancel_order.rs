//! `POST /api/orders/{order_id}/cancel`: cancels an order; what was paid goes back.

use std::sync::Arc;

use oms_app::execute::WritePath;
use oms_app::ordering::cancel_order::CancelOrder;
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_runtime::Function;
use oms_runtime::http::bounded::Text;
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
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    Ok(Function::http(CancelOrder(WritePath::of(world)), handle))
}

/// Cancels an order.
///
/// Possible until the order ships. Releases the stock and starts a refund of what was paid, in one transaction.
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
    let order = cancel.run(order_id, &intent, Some(body.reason.into())).await?;
    shown(&order, &intent.caller)
}
