//! `POST /api/orders/{order_id}/cancel`: cancels an order; what was paid goes back.

use std::sync::Arc;

use garde::Validate;
use oms_app::ordering::cancel_order::{CancelOrder, Request as Cancellation};
use oms_app::world::{Misconfigured, World};
use oms_runtime::Function;
use oms_runtime::http::view::OrderView;
use oms_runtime::http::{Answer, Problem, Request, read_json};
use serde::Deserialize;
use utoipa::ToSchema;

/// Request body.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CancelOrderBody)]
pub struct Body {
    /// Reason.
    #[garde(length(chars, min = 1, max = 500))]
    reason: String,
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let cancel = CancelOrder::new(world.orders(), world.clock());
    Ok(Function::http(cancel, handle))
}

/// Cancels an order.
///
/// Possible until the order ships. Releases the stock and starts a refund of what was paid, in one transaction.
#[utoipa::path(
    post, path = "/api/orders/{order_id}/cancel", tag = "orders", operation_id = "cancelOrder",
    params(
        ("order_id" = String, Path, description = "order id"),
        ("Idempotency-Key" = Option<String>, Header, description = "at most 255 visible ASCII characters"),
        ("If-Match" = Option<String>, Header, description = "version seen by the client"),
    ),
    request_body = Body,
    responses(
        (status = 200, description = "cancelled", body = OrderView),
        (status = 409, description = "invalid_transition"),
        (status = 412, description = "version_conflict"),
        (status = 422, description = "validation_failed, idempotency_mismatch"),
    ),
)]
pub async fn handle(cancel: Arc<CancelOrder>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller()?;
    let order_id = request.path_id("order_id")?;
    let body: Body = read_json(&request)?;
    let cancellation = Cancellation {
        caller: caller.clone(),
        order_id,
        reason: Some(body.reason),
        expected_version: request.if_match()?,
        idempotency: request.idempotency()?,
        correlation_id: request.correlation_id,
    };
    let shown = cancel.run(cancellation).await?;
    Ok(Answer::ok(&OrderView::of(&shown, &caller))?.version(shown.order.version))
}
