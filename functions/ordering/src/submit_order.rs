//! `POST /api/orders/{order_id}/submit`: submits a draft.

use std::sync::Arc;

use oms_app::ordering::submit_order::SubmitOrder;
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_runtime::Function;
use oms_runtime::http::heads::{CommandHeaders, OrderPath};
use oms_runtime::http::view::{OrderView, shown};
use oms_runtime::http::{Answer, Problem, Request};

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    Ok(Function::http(SubmitOrder::new(world.orders(), world.clock()), handle))
}

/// Submits a draft.
///
/// Reserves the stock for 30 minutes at the draft's prices.
#[utoipa::path(
    post, path = "/api/orders/{order_id}/submit", tag = "orders", operation_id = "submitOrder",
    params(OrderPath, CommandHeaders),
    responses(
        (status = 200, description = "submitted", body = OrderView),
        (status = 409, description = "invalid_transition, ORD-1001, ORD-2002, price_changed, version_conflict"),
        (status = 412, description = "version_conflict"),
        (status = 413, description = "payload_too_large"),
        (status = 422, description = "validation_failed, idempotency_mismatch"),
    ),
)]
pub async fn handle(submit: Arc<SubmitOrder>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::SubmitOrder)?;
    let order = submit.run(request.path_id("order_id")?, &intent).await?;
    shown(&order, &intent.caller)
}
