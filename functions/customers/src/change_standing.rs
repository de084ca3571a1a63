//! `PUT /api/customers/{user_id}/standing`: an admin blocks a customer or lets them order again.

use std::sync::Arc;

use crate::views::StandingView;
use garde::Validate;
use oms_app::customers::change_standing::ChangeStanding;
use oms_app::world::{Misconfigured, World};
use oms_runtime::Function;
use oms_runtime::http::{Answer, Problem, Request, read_json};
use serde::Deserialize;
use utoipa::ToSchema;

/// Request body.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangeStandingBody)]
pub struct Body {
    /// Whether the customer is blocked from placing orders.
    #[garde(skip)]
    blocked: bool,
    /// Reason; must not contain personal data.
    #[garde(length(chars, min = 1, max = 500))]
    reason: String,
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
    params(("user_id" = String, Path, description = "customer id")),
    request_body = Body,
    responses(
        (status = 200, description = "account status changed", body = StandingView),
        (status = 404, description = "not_found: not a user id"),
        (status = 422, description = "validation_failed"),
    ),
)]
pub async fn handle(change: Arc<ChangeStanding>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller()?;
    let user = request.path_id("user_id")?;
    let body: Body = read_json(&request)?;
    let standing = change.run(&caller, &user, body.blocked, body.reason).await?;
    Answer::ok(&StandingView::of(&standing))
}
