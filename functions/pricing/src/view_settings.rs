//! `GET /api/settings/{table}`: a table that prices depend on, and who changed it when.

use std::sync::Arc;

use crate::settings_view::{SettingRecordView, SettingView};
use oms_app::pricing::view_settings::ViewSettings;
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_runtime::Function;
use oms_runtime::http::heads::{InputProblems, TablePath};
use oms_runtime::http::{Answer, Problem, Request};
use serde::Serialize;
use utoipa::ToSchema;

/// A price table and its recent changes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({
    "table": "taxes", "version": 1, "effective_from": null, "content": {"rates": {"DE": {"standard": "0.19"}}, "included": ["DE"]}, "history": []
})))]
pub struct SettingsView {
    #[serde(flatten)]
    setting: SettingView,
    /// The last 50 changes, newest first.
    history: Vec<SettingRecordView>,
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let view = ViewSettings::new(world.settings());
    Ok(Function::http(view, handle))
}

/// Shows a price table.
///
/// Shows the current table, or the one of a given version. Every replaced version is kept.
#[utoipa::path(
    get, path = "/api/settings/{table}", tag = "settings", operation_id = "viewSettings",
    params(TablePath, ("version" = Option<u64>, Query, description = "an earlier version")),
    responses(
        (status = 200, description = "the price table", body = SettingsView),
        (status = 404, description = "not_found: the table or the version does not exist"),
        InputProblems,
    ),
)]
pub async fn handle(view: Arc<ViewSettings>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller_for(Operation::ViewSettings)?;
    let table = request.path_id("table")?;
    let mut query = request.query();
    let version = query.last("version", |text| text.parse().map_err(|_| "must be a whole number"));
    query.only()?;
    let (shown, changes) = view.run(&caller, table, version).await?;
    let history = changes.iter().map(SettingRecordView::of).collect();
    Ok(Answer::ok(&SettingsView { setting: SettingView::of(&shown), history })?.version(shown.version))
}
