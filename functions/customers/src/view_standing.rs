//! `GET /api/customers/{user_id}/standing`: whether a customer may order, and who decided that when and why.

use std::sync::Arc;

use crate::views::StandingView;
use oms_app::customers::view_standing::ViewStanding;
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_runtime::Function;
use oms_runtime::http::heads::CustomerPath;
use oms_runtime::http::{Answer, Problem, Request};
use serde::Serialize;
use utoipa::ToSchema;

/// A customer's account status.
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({"blocked": false, "history": []})))]
pub struct HistoryView {
    /// Whether the customer is blocked from placing orders.
    blocked: bool,
    /// The last 50 decisions, newest first.
    history: Vec<StandingView>,
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let view = ViewStanding::new(world.customers());
    Ok(Function::http(view, handle))
}

/// Shows a customer's account status.
///
/// A customer may order unless an admin has blocked the account.
#[utoipa::path(
    get, path = "/api/customers/{user_id}/standing", tag = "customers", operation_id = "viewStanding",
    params(CustomerPath),
    responses(
        (status = 200, description = "the account status", body = HistoryView),
    ),
)]
pub async fn handle(view: Arc<ViewStanding>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller_for(Operation::ViewStanding)?;
    let user = request.path_id("user_id")?;
    let history: Vec<StandingView> = view.run(&caller, &user).await?.iter().map(StandingView::of).collect();
    Answer::ok(&HistoryView { blocked: history.first().is_some_and(|last| last.blocked), history })
}
