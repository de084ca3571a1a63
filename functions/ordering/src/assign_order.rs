//! `PUT /api/orders/{order_id}/assignee`: an admin says who looks after an order. Tested in `tests/e2e/tests/all/notes.rs`.

use std::sync::Arc;

use oms_app::ordering::assign_order::AssignOrder;
use oms_domain::access::Operation;
use oms_domain::ids::UserId;
use oms_runtime::http::bounded::Subject;
use oms_runtime::http::heads::{CommandHeaders, CommandProblems, OrderPath};
use oms_runtime::http::view::{OrderView, shown};
use oms_runtime::http::{Answer, Problem, Request, read_json};
use serde::Deserialize;
use utoipa::ToSchema;

/// Request body.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AssignOrderBody, examples(json!({"assignee": "grace"})))]
pub struct Body {
    /// Who looks after the order, by the id that the identity provider gave; null for nobody.
    #[schema(value_type = Option<Subject>, required = true)]
    assignee: Option<UserId>,
}

/// Says who looks after an order.
///
/// Any admin may act on it all the same. To change nothing is no new version.
#[utoipa::path(
    put, path = "/api/orders/{order_id}/assignee", tag = "orders", operation_id = "assignOrder",
    params(OrderPath, CommandHeaders),
    request_body = Body,
    responses((status = 200, description = "the order", body = OrderView), CommandProblems),
)]
pub async fn handle(assign: Arc<AssignOrder>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::AssignOrder)?;
    let order_id = request.path_id("order_id")?;
    let body: Body = read_json(&request)?;
    shown(&assign.run(order_id, &intent, body.assignee).await?, &intent.caller)
}
