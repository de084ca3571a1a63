//! `PUT /api/settings/{table}`: an admin replaces a table that prices depend on.

use std::sync::Arc;

use crate::settings_view::{SettingView, TableView, given};
use oms_app::pricing::change_settings::{ChangeSettings, Request as Change};
use oms_app::world::{Misconfigured, World};
use oms_runtime::Function;
use oms_runtime::http::{Answer, Problem, Request};

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let change = ChangeSettings::new(world.settings(), world.clock(), world.random());
    Ok(Function::http(change, handle))
}

/// Replaces a table that prices depend on.
///
/// As a whole; what it said before is kept with who changed it. Quotes and orders follow within a minute; orders that
/// exist stay as they were placed. Uses of promotions go on being counted by code.
#[utoipa::path(
    put, path = "/api/settings/{table}", tag = "settings", operation_id = "changeSettings",
    params(
        ("table" = String, Path, description = "taxes, shipping or promotions"),
        ("If-Match" = Option<String>, Header, description = "the version seen"),
    ),
    request_body = TableView,
    responses(
        (status = 200, description = "as it is now", body = SettingView),
        (status = 404, description = "not_found: no such table"),
        (status = 409, description = "version_conflict"),
        (status = 412, description = "version_conflict"),
        (status = 422, description = "validation_failed"),
    ),
)]
pub async fn handle(change: Arc<ChangeSettings>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller()?;
    let table = request.path_id("table")?;
    let given = given(table, &request)?;
    let expected_version = request.if_match()?;
    let correlation_id = request.correlation_id;
    let now = change.run(Change { caller, given, expected_version, correlation_id }).await?;
    Ok(Answer::ok(&SettingView::of(&now))?.version(now.version))
}
