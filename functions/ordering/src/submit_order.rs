//! `POST /api/orders/{order_id}/submit`: submits a draft.

use std::sync::Arc;

use oms_app::ordering::submit_order::{Request as Submission, SubmitOrder};
use oms_app::world::{Misconfigured, World};
use oms_runtime::Function;
use oms_runtime::http::view::OrderView;
use oms_runtime::http::{Answer, Problem, Request};

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let submit = SubmitOrder::new(world.orders(), world.clock());
    Ok(Function::http(submit, handle))
}

/// Submits a draft.
///
/// Reserves the stock for 30 minutes at the draft's prices.
#[utoipa::path(
    post, path = "/api/orders/{order_id}/submit", tag = "orders", operation_id = "submitOrder",
    params(
        ("order_id" = String, Path, description = "order id"),
        ("Idempotency-Key" = Option<String>, Header, description = "at most 255 visible ASCII characters"),
        ("If-Match" = Option<String>, Header, description = "version seen by the client"),
    ),
    responses(
        (status = 200, description = "submitted", body = OrderView),
        (status = 409, description = "invalid_transition, ORD-1001, ORD-2002, price_changed"),
        (status = 412, description = "version_conflict"),
        (status = 413, description = "payload_too_large"),
        (status = 422, description = "validation_failed, idempotency_mismatch"),
    ),
)]
pub async fn handle(submit: Arc<SubmitOrder>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller()?;
    let order_id = request.path_id("order_id")?;
    request.bounded_body()?;
    let submission = Submission {
        caller: caller.clone(),
        order_id,
        expected_version: request.if_match()?,
        idempotency: request.idempotency()?,
        correlation_id: request.correlation_id,
    };
    let shown = submit.run(submission).await?;
    Ok(Answer::ok(&OrderView::of(&shown, &caller))?.version(shown.order.version))
}
