//! `POST /api/orders/{order_id}/review`: an admin approves or rejects an order that a fraud check holds.

use std::sync::Arc;

use oms_app::execute::WritePath;
use oms_app::ordering::review_order::{self, ReviewOrder};
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
#[schema(as = ReviewOrderBody, examples(json!({"decision": "approve", "note": "the customer called"})))]
pub struct Body {
    decision: Decision,
    /// Shown in the order's timeline; must not contain personal data.
    note: Option<Text<1, 500>>,
}

/// Decision about an order under review: approve it, or cancel and refund it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    Approve,
    Reject,
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    Ok(Function::http(ReviewOrder(WritePath::of(world)), handle))
}

/// Approves or rejects an order under review.
///
/// An order under review can be paid, but is not prepared or shipped until it is approved.
#[utoipa::path(
    post, path = "/api/orders/{order_id}/review", tag = "orders", operation_id = "reviewOrder",
    params(OrderPath, CommandHeaders),
    request_body = Body,
    responses((status = 200, description = "approved or rejected", body = OrderView), CommandProblems),
)]
pub async fn handle(review: Arc<ReviewOrder>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::ReviewOrder)?;
    let order_id = request.path_id("order_id")?;
    let body: Body = read_json(&request)?;
    let decision = match body.decision {
        Decision::Approve => review_order::Decision::Approve,
        Decision::Reject => review_order::Decision::Reject,
    };
    let order = review.run(order_id, &intent, decision, body.note.map(Into::into)).await?;
    shown(&order, &intent.caller)
}
