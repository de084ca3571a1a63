//! `PUT /api/settings/{table}`: an admin replaces a table that prices depend on.

use std::sync::Arc;

use crate::settings_view::{SettingView, TableView, given};
use oms_app::pricing::change_settings::ChangeSettings;
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_runtime::Function;
use oms_runtime::http::heads::{ChangeProblems, TablePath, VersionHeader};
use oms_runtime::http::{Answer, Problem, Request};

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let change = ChangeSettings::new(world.settings(), world.clock(), world.random());
    Ok(Function::http(change, handle))
}

/// Replaces a price table.
///
/// The table is replaced as a whole; the previous version and the author of the change are kept. Quotes and new orders
/// use the new version within a minute; existing orders keep their prices. Promotion uses are still counted by code.
#[utoipa::path(
    put, path = "/api/settings/{table}", tag = "settings", operation_id = "changeSettings",
    params(TablePath, VersionHeader),
    request_body(content = TableView, example = json!({"rates": {"DE": {"standard": "0.19"}}, "included": ["DE"]})),
    responses(
        (status = 200, description = "the new version", body = SettingView),
        (status = 404, description = "not_found: the table does not exist"),
        ChangeProblems,
    ),
)]
pub async fn handle(change: Arc<ChangeSettings>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::ChangeSettings)?;
    let table = request.path_id("table")?;
    let given = given(table, &request)?;
    let now = change.run(&intent, &given).await?;
    Ok(Answer::ok(&SettingView::of(&now))?.version(now.version))
}
