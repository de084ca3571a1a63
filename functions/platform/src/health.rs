//! `GET /health`: alive. `GET /health/ready`: ready, including store and bus.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::StatusCode;
use oms_app::platform::health::Health;
use oms_app::world::{Misconfigured, World};
use oms_runtime::Function;
use oms_runtime::http::{Answer, Problem, Request};
use serde::Serialize;
use utoipa::ToSchema;

/// Health of the service.
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({"status": "ok"})))]
pub struct HealthView {
    /// ok or unavailable.
    status: &'static str,
    /// With `/health/ready`: the status of each dependency.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    dependencies: BTreeMap<String, &'static str>,
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let health = Health::new(world.probes()?);
    Ok(Function::http(health, handle))
}

/// Reports that the service is alive.
#[utoipa::path(
    get, path = "/health", tag = "health", operation_id = "health", security(()),
    responses((status = 200, description = "the service is alive", body = HealthView)),
)]
pub async fn handle(health: Arc<Health>, request: Request) -> Result<Answer, Problem> {
    if request.path.ends_with("/ready") { ready(health).await } else { Answer::ok(&HealthView::ok()) }
}

/// Reports whether the service and its dependencies are ready.
#[utoipa::path(
    get, path = "/health/ready", tag = "health", operation_id = "ready", security(()),
    responses(
        (status = 200, description = "the service is ready", body = HealthView),
        (status = 503, description = "a dependency is not ready", body = HealthView),
    ),
)]
pub async fn ready(health: Arc<Health>) -> Result<Answer, Problem> {
    let dependencies = health.ready().await;
    let all = dependencies.iter().all(|dependency| dependency.ready);
    let word = |ready: bool| if ready { "ok" } else { "unavailable" };
    let view = HealthView {
        status: word(all),
        dependencies: dependencies.into_iter().map(|dependency| (dependency.name, word(dependency.ready))).collect(),
    };
    Answer::json(if all { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, &view)
}

impl HealthView {
    fn ok() -> Self {
        HealthView { status: "ok", dependencies: BTreeMap::new() }
    }
}
