//! `PUT /api/customers/{user_id}/standing`: an admin blocks a customer or lets them order again.

use std::sync::Arc;

use crate::views::StandingView;
use oms_app::customers::change_standing::ChangeStanding;
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_runtime::Function;
use oms_runtime::http::bounded::Text;
use oms_runtime::http::heads::{CustomerPath, InputProblems};
use oms_runtime::http::{Answer, Problem, Request, read_json};
use serde::Deserialize;
use utoipa::ToSchema;

/// Request body.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangeStandingBody, examples(json!({"blocked": true, "reason": "three chargebacks"})))]
pub struct Body {
    /// Whether the customer is blocked from placing orders.
    blocked: bool,
    /// Reason; must not contain personal data.
    reason: Text<1, 500>,
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let change = ChangeStanding::new(world.customers(), world.clock());
    Ok(Function::http(change, handle))
}

/// Blocks a customer from ordering, or lifts the block.
///
/// Affects orders created or submitted from now on; existing orders continue.
#[utoipa::path(
    put, path = "/api/customers/{user_id}/standing", tag = "customers", operation_id = "changeStanding",
    params(CustomerPath),
    request_body = Body,
    responses(
        (status = 200, description = "account status changed", body = StandingView),
        InputProblems,
    ),
)]
pub async fn handle(change: Arc<ChangeStanding>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller_for(Operation::ChangeStanding)?;
    let user = request.path_id("user_id")?;
    let body: Body = read_json(&request)?;
    let standing = change.run(&caller, &user, body.blocked, body.reason.into()).await?;
    Answer::ok(&StandingView::of(&standing))
}
