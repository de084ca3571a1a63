//! `PATCH /api/returns/{return_id}`: one step of a return. Proved by `tests/e2e/tests/all/returns.rs`.

use std::sync::Arc;

use http::StatusCode;
use oms_app::Field;
use oms_app::ordering::units::Units;
use oms_app::returns::move_return::{self, MoveReturn, Wanted};
use oms_domain::access::Operation;
use oms_domain::returns::policy::GoodsCondition;
use oms_runtime::http::bounded::{Count, MoneyText, Text};
use oms_runtime::http::heads::{CommandHeaders, CommandProblems, ReturnPath};
use oms_runtime::http::{Answer, Problem, Request, read_json, words};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{ShownReturnView, shown};

/// Request body.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MoveReturnBody, examples(
    json!({"status": "approved"}),
    json!({"status": "received", "received": [
        {"line_id": "01976b7a-0000-8000-8000-000000000002", "quantity": 1, "condition": "as_new"},
        {"line_id": "01976b7a-0000-8000-8000-000000000002", "quantity": 1, "condition": "damaged"}
    ]})
))]
pub struct Body {
    /// New status.
    status: WantedReturnStatus,
    /// With `received`: the units that came. A line may be named once for each condition.
    #[serde(default)]
    #[schema(max_items = 200)]
    received: Vec<ReceivedBody>,
    /// For admins, with `received` and with an approved claim: the amount that goes back instead of what the terms say, in the order's
    /// currency, up to the value of the units. Requires a `reason`.
    refund_amount: Option<MoneyText>,
    /// Said to the customer.
    reason: Option<Text<1, 200>>,
}

/// Where a return is to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WantedReturnStatus {
    /// The goods may come; a claim is granted.
    Approved,
    Denied,
    /// Some of it came, or all of it.
    Received,
    /// Given up before anything came.
    Cancelled,
    /// Nothing more is waited for.
    Closed,
}

/// Units that came.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceivedBody {
    /// Id of the line.
    #[schema(format = Uuid)]
    line_id: String,
    /// Number of units.
    quantity: Count<1, 9_999>,
    /// Condition, as whoever unpacked them found it.
    #[schema(value_type = words::GoodsCondition)]
    condition: GoodsCondition,
}

const MOST_RECEIVED: usize = 200;

/// Moves a return along.
///
/// Admins approve, deny, receive, cancel and close; sellers receive returns whose units are all theirs; customers cancel their own while
/// nothing has come. What comes back goes into the stock by its condition, and its money goes back, in one step: the price paid for the
/// units × the rate of the condition − the restocking fee, and shipping where the customer keeps nothing. A receipt may be partial.
/// `received` requires an `Idempotency-Key`: two clicks are one receipt. Any other step that was taken before changes nothing.
#[utoipa::path(
    patch, path = "/api/returns/{return_id}", tag = "returns", operation_id = "moveReturn",
    params(ReturnPath, CommandHeaders),
    request_body = Body,
    responses((status = 200, description = "moved", body = ShownReturnView), CommandProblems),
)]
pub async fn handle(returns: Arc<MoveReturn>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::MoveReturn)?;
    let id = request.path_id("return_id")?;
    let body: Body = read_json(&request)?;
    let mut faults = Vec::new();
    if body.status == WantedReturnStatus::Received && intent.idempotency.is_none() {
        faults.push(Field::new("/Idempotency-Key", "is required: money leaves"));
    }
    if body.received.len() > MOST_RECEIVED {
        faults.push(Field::new("/received", format!("must have at most {MOST_RECEIVED} entries")));
    }
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    let came = |part: ReceivedBody| (Units { line_id: part.line_id, quantity: part.quantity.into() }, part.condition);
    let wanted = move_return::Request {
        status: match body.status {
            WantedReturnStatus::Approved => Wanted::Approved,
            WantedReturnStatus::Denied => Wanted::Denied,
            WantedReturnStatus::Received => Wanted::Received,
            WantedReturnStatus::Cancelled => Wanted::Cancelled,
            WantedReturnStatus::Closed => Wanted::Closed,
        },
        received: body.received.into_iter().map(came).collect(),
        refund_amount: body.refund_amount.map(Into::into),
        reason: body.reason.map(Into::into),
    };
    let done = Box::pin(returns.run(id, &intent, wanted)).await?;
    shown(&done, &intent.caller, StatusCode::OK)
}
