//! `POST /api/orders/{order_id}/refunds`: an admin gives back a part of what was paid.

use std::sync::Arc;

use garde::Validate;
use oms_app::payments::refund_order::{RefundOrder, Request as Refund, Units};
use oms_app::world::{Misconfigured, World};
use oms_runtime::Function;
use oms_runtime::http::refund_view::RefundView;
use oms_runtime::http::{Answer, Problem, Request, read_json};
use serde::Deserialize;
use utoipa::ToSchema;

/// Request body.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RefundOrderBody)]
pub struct Body {
    /// Units to refund, at the price paid; each unit can be refunded once.
    #[serde(default)]
    #[garde(length(max = 80), dive)]
    lines: Vec<LineBody>,
    /// Shipping to refund, including tax, in the order's currency.
    #[garde(length(min = 1, max = 24))]
    shipping: Option<String>,
    /// Goodwill amount, in the order's currency.
    #[garde(length(min = 1, max = 24))]
    goodwill: Option<String>,
    /// Reason; must not contain personal data.
    #[garde(length(chars, min = 1, max = 200))]
    reason: String,
}

/// Units of a line to refund.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineBody {
    /// Id of the line.
    #[garde(length(min = 1, max = 40))]
    line_id: String,
    /// Number of units, 1 to 9,999.
    #[garde(range(min = 1, max = 9_999))]
    quantity: u32,
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let refund = RefundOrder::new(world.orders(), world.clock());
    Ok(Function::http(refund, handle))
}

/// Refunds part of a payment.
///
/// One refund may combine units of lines, shipping and a goodwill amount. Refunds never add up to more than was paid, and
/// can add up to exactly that. If the order is cancelled or returned later, the rest is refunded.
#[utoipa::path(
    post, path = "/api/orders/{order_id}/refunds", tag = "payments", operation_id = "refundOrder",
    params(
        ("order_id" = String, Path, description = "order id"),
        ("Idempotency-Key" = Option<String>, Header, description = "at most 255 visible ASCII characters"),
        ("If-Match" = Option<String>, Header, description = "version seen by the client"),
    ),
    request_body = Body,
    responses(
        (status = 201, description = "refund started", body = RefundView),
        (status = 409, description = "invalid_transition: the order is not paid, or is closed"),
        (status = 412, description = "version_conflict"),
        (status = 422, description = "validation_failed, idempotency_mismatch"),
    ),
)]
pub async fn handle(refund: Arc<RefundOrder>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller()?;
    let order_id = request.path_id("order_id")?;
    let body: Body = read_json(&request)?;
    let lines = body.lines.into_iter().map(|line| Units { line_id: line.line_id, quantity: line.quantity });
    let wish = Refund {
        caller,
        order_id,
        lines: lines.collect(),
        shipping: body.shipping,
        goodwill: body.goodwill,
        reason: body.reason,
        expected_version: request.if_match()?,
        idempotency: request.idempotency()?,
        correlation_id: request.correlation_id,
    };
    let done = refund.run(wish).await?;
    let view = RefundView::of(&done.order, &done.refund);
    let answer = Answer::json(http::StatusCode::CREATED, &view)?;
    Ok(answer.version(done.order.version).location(&format!("/api/orders/{order_id}")))
}
