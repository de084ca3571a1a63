//! `PUT /api/orders/{order_id}/tags`: an admin gives an order other tags. Tested in `tests/e2e/tests/all/notes.rs`.

use std::sync::Arc;

use oms_app::ordering::set_tags::SetTags;
use oms_domain::access::Operation;
use oms_runtime::http::bounded::Line;
use oms_runtime::http::heads::{CommandHeaders, CommandProblems, OrderPath};
use oms_runtime::http::view::{OrderView, shown};
use oms_runtime::http::{Answer, Problem, Request, read_json};
use serde::Deserialize;
use utoipa::ToSchema;

/// Request body.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SetTagsBody, examples(json!({"tags": ["wholesale", "fragile"]})))]
pub struct Body {
    /// All tags that the order is to have; one that stands twice counts once. They are erased with the customer's personal data.
    #[schema(max_items = 20)]
    tags: Vec<Line<1, 40>>,
}

/// Changes the tags of an order.
///
/// They take the place of those that the order has. To change nothing is no new version.
#[utoipa::path(
    put, path = "/api/orders/{order_id}/tags", tag = "orders", operation_id = "setTags",
    params(OrderPath, CommandHeaders),
    request_body = Body,
    responses((status = 200, description = "the order", body = OrderView), CommandProblems),
)]
pub async fn handle(set: Arc<SetTags>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::SetTags)?;
    let order_id = request.path_id("order_id")?;
    let body: Body = read_json(&request)?;
    let tags: Vec<String> = body.tags.into_iter().map(Into::into).collect();
    shown(&set.run(order_id, &intent, &tags).await?, &intent.caller)
}
