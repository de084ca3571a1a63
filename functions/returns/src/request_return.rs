//! `POST /api/orders/{order_id}/returns`: asks to send goods back, or claims them. Proved by `tests/e2e/tests/all/returns.rs`.

use std::sync::Arc;

use http::StatusCode;
use oms_app::ordering::units::Units;
use oms_app::returns::request_return::{self, RequestReturn};
use oms_domain::access::Operation;
use oms_domain::returns::ReturnKind;
use oms_runtime::http::bounded::{Count, Text};
use oms_runtime::http::heads::{CommandHeaders, CommandProblems, OrderPath};
use oms_runtime::http::{Answer, Problem, Request, read_json};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{ShownReturnView, shown};

/// Request body.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RequestReturnBody, examples(
    json!({"lines": [{"line_id": "01976b7a-0000-8000-8000-000000000002", "quantity": 1, "reason": "unwanted"}], "note": "too blue"}),
    json!({"claim": "missing", "lines": [{"line_id": "01976b7a-0000-8000-8000-000000000002", "quantity": 1}]})
))]
pub struct Body {
    /// Units that come back, or are claimed.
    #[schema(min_items = 1, max_items = 80)]
    lines: Vec<LineBody>,
    /// What was wrong, where nothing comes back; without it the goods come back.
    claim: Option<ClaimBody>,
    /// Said to the shop.
    note: Option<Text<1, 200>>,
}

/// What was wrong with goods that do not come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClaimBody {
    /// They were not in the parcel.
    Missing,
    /// They arrived damaged.
    Damaged,
    /// Something else arrived.
    WrongItem,
}

/// Units of a line that come back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReturnLineBody)]
pub struct LineBody {
    /// Id of the line.
    #[schema(format = Uuid)]
    line_id: String,
    /// Number of units.
    quantity: Count<1, 9_999>,
    /// Code of the reason, of the settings table `returns` as it was when the order was placed. Required unless it is a claim.
    reason: Option<Text<1, 40>>,
}

/// Asks for a return, or claims goods.
///
/// Of a delivered order, several beside each other. The terms of the order's placement bind its customer: the time to return each line,
/// final sales, and reasons that need a photo. For admins they are advice, and what they open beyond them is marked
/// (`policy_waived`). A person approves or denies it.
#[utoipa::path(
    post, path = "/api/orders/{order_id}/returns", tag = "returns", operation_id = "requestReturn",
    params(OrderPath, CommandHeaders),
    request_body = Body,
    responses(
        (status = 201, description = "asked for", body = ShownReturnView),
        (status = 409, description = "return_not_allowed: the terms of the order's placement do not let the customer return it"),
        CommandProblems,
    ),
)]
pub async fn handle(returns: Arc<RequestReturn>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::RequestReturn)?;
    let order_id = request.path_id("order_id")?;
    let body: Body = read_json(&request)?;
    let line =
        |line: LineBody| (Units { line_id: line.line_id, quantity: line.quantity.into() }, line.reason.map(Into::into));
    let kind = body.claim.map_or(ReturnKind::Return, |claim| match claim {
        ClaimBody::Missing => ReturnKind::Missing,
        ClaimBody::Damaged => ReturnKind::Damaged,
        ClaimBody::WrongItem => ReturnKind::WrongItem,
    });
    let wanted = request_return::Request {
        kind,
        lines: body.lines.into_iter().map(line).collect(),
        note: body.note.map(Into::into),
    };
    let done = Box::pin(returns.run(order_id, &intent, wanted)).await?;
    Ok(shown(&done, &intent.caller, StatusCode::CREATED)?.location(&format!("/api/returns/{}", done.id)))
}
