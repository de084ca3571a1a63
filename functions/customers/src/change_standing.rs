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

/// What a client sends.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangeStandingBody)]
pub struct Body {
    /// True: no new orders.
    #[garde(skip)]
    blocked: bool,
    /// Why; no personal data.
    #[garde(length(chars, min = 1, max = 500))]
    reason: String,
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let change = ChangeStanding::new(world.customers(), world.clock());
    Ok(Function::http(change, handle))
}

/// Blocks a customer, or lets them order again.
///
/// Counts for every order that is created or submitted from now on; orders that exist go on.
#[utoipa::path(
    put, path = "/api/customers/{user_id}/standing", tag = "customers", operation_id = "changeStanding",
    params(("user_id" = String, Path, description = "the customer")),
    request_body = Body,
    responses(
        (status = 200, description = "decided", body = StandingView),
        (status = 404, description = "not_found: not a user's id"),
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
