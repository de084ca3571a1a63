//! `GET /api/returns/{return_id}`: a return. Proved by `tests/e2e/tests/all/returns.rs`.

use std::sync::Arc;

use http::StatusCode;
use oms_app::returns::view_return::ViewReturn;
use oms_domain::access::Operation;
use oms_runtime::http::heads::ReturnPath;
use oms_runtime::http::{Answer, Problem, Request};

use crate::{ShownReturnView, shown};

/// Shows a return or a claim.
///
/// To the order's customer, to the seller whose units alone are in it, and to admins.
#[utoipa::path(
    get, path = "/api/returns/{return_id}", tag = "returns", operation_id = "viewReturn",
    params(ReturnPath),
    responses(
        (status = 200, description = "the return", body = ShownReturnView),
        (status = 404, description = "not_found: the return does not exist or belongs to others"),
    ),
)]
pub async fn handle(view: Arc<ViewReturn>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller_for(Operation::ViewReturn)?;
    let id = request.path_id("return_id")?;
    shown(&view.run(&caller, id).await?, &caller, StatusCode::OK)
}
