//! `POST /api/orders/{order_id}/review`: an admin approves or rejects an order that a fraud check holds.

use std::sync::Arc;

use garde::Validate;
use oms_app::ordering::review_order::{Request as Review, ReviewOrder};
use oms_app::world::{Misconfigured, World};
use oms_runtime::Function;
use oms_runtime::http::view::OrderView;
use oms_runtime::http::{Answer, Problem, Request, read_json};
use serde::Deserialize;
use utoipa::ToSchema;

/// Request body.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReviewOrderBody)]
pub struct Body {
    /// The decision.
    #[garde(skip)]
    decision: Decision,
    /// Note shown in the order's timeline; must not contain personal data.
    #[garde(length(chars, min = 1, max = 500))]
    note: Option<String>,
}

/// Decision about an order under review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It goes on.
    Approve,
    /// It is cancelled; what was paid goes back.
    Reject,
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let review = ReviewOrder::new(world.orders(), world.clock());
    Ok(Function::http(review, handle))
}

/// Approves or rejects an order under review.
///
/// An order under review can be paid, but is not prepared or shipped until it is approved.
#[utoipa::path(
    post, path = "/api/orders/{order_id}/review", tag = "orders", operation_id = "reviewOrder",
    params(
        ("order_id" = String, Path, description = "order id"),
        ("Idempotency-Key" = Option<String>, Header, description = "at most 255 visible ASCII characters"),
        ("If-Match" = Option<String>, Header, description = "version seen by the client"),
    ),
    request_body = Body,
    responses(
        (status = 200, description = "approved or rejected", body = OrderView),
        (status = 409, description = "invalid_transition: the order is not under review"),
        (status = 412, description = "version_conflict"),
        (status = 422, description = "validation_failed, idempotency_mismatch"),
    ),
)]
pub async fn handle(review: Arc<ReviewOrder>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller()?;
    let order_id = request.path_id("order_id")?;
    let body: Body = read_json(&request)?;
    let decision = Review {
        caller: caller.clone(),
        order_id,
        approve: body.decision == Decision::Approve,
        note: body.note,
        expected_version: request.if_match()?,
        idempotency: request.idempotency()?,
        correlation_id: request.correlation_id,
    };
    let shown = review.run(decision).await?;
    Ok(Answer::ok(&OrderView::of(&shown, &caller))?.version(shown.order.version))
}
