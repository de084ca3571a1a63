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

/// What a client sends.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RefundOrderBody)]
pub struct Body {
    /// Units of lines; each unit goes back once, at what the customer paid for it.
    #[serde(default)]
    #[garde(length(max = 80), dive)]
    lines: Vec<LineBody>,
    /// Of shipping with its tax, in the order's currency.
    #[garde(length(min = 1, max = 24))]
    shipping: Option<String>,
    /// As a kindness, in the order's currency.
    #[garde(length(min = 1, max = 24))]
    goodwill: Option<String>,
    /// Why; no personal data.
    #[garde(length(chars, min = 1, max = 200))]
    reason: String,
}

/// Units of a line.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineBody {
    /// Which line.
    #[garde(length(min = 1, max = 40))]
    line_id: String,
    /// How many units, 1 to 9,999.
    #[garde(range(min = 1, max = 9_999))]
    quantity: u32,
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let refund = RefundOrder::new(world.orders(), world.clock());
    Ok(Function::http(refund, handle))
}

/// Gives back a part of what was paid.
///
/// Units of lines, an amount of shipping and an amount as a kindness, together one refund to the payment that pays for
/// the order. All refunds together never exceed what was paid, and any sequence of them can come to exactly that. An
/// order that is cancelled or returned later gives back the rest.
#[utoipa::path(
    post, path = "/api/orders/{order_id}/refunds", tag = "payments", operation_id = "refundOrder",
    params(
        ("order_id" = String, Path, description = "the order"),
        ("Idempotency-Key" = Option<String>, Header, description = "up to 255 characters"),
        ("If-Match" = Option<String>, Header, description = "the version seen"),
    ),
    request_body = Body,
    responses(
        (status = 201, description = "on its way", body = RefundView),
        (status = 409, description = "invalid_transition: it is not paid, or over"),
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
