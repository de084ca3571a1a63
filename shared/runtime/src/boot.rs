//! Start of a function: fail at once and clearly, or run.

use lambda_http::{Adapter, service_fn};
use lambda_runtime::LambdaEvent;
use serde::de::DeserializeOwned;
use serde_json::Value;

use oms_app::world::World;

use crate::function::{Function, Kind, Wired};
use crate::http::{RoleNames, serve_request};
use crate::log;
use crate::metrics::Place;

/// Why a function did not start, or stopped.
pub type BootError = lambda_runtime::Error;

/// Reads the configuration from given variables, as the local cloud finds them in the template.
pub fn config_from<T: DeserializeOwned>(variables: impl IntoIterator<Item = (String, String)>) -> Result<T, BootError> {
    Ok(envy::from_iter(variables)?)
}

/// Wires a function and runs it until the platform ends it. Logs are JSON lines at the level of `AWS_LAMBDA_LOG_LEVEL`.
pub async fn serve<W: World>(world: &W, wired: Wired<W>) -> Result<(), BootError> {
    log::begin();
    let place: Place = world.setting()?;
    let Function { kind, watch, .. } = wired(world)?.watched(place.function(), world.metrics()?);
    let roles: RoleNames = world.setting()?;
    match kind {
        Kind::Http(handler) => {
            let service = service_fn(move |request: lambda_http::Request| {
                let (handler, watch, roles) = (handler.clone(), watch.clone(), roles.clone());
                async move { Ok::<_, BootError>(serve_request(handler.as_ref(), request, &watch, &roles).await) }
            });
            lambda_runtime::run(Adapter::from(service)).await
        }
        Kind::Event(handler) => {
            let service = service_fn(move |event: LambdaEvent<Value>| {
                let running = handler(event.payload, watch.clone());
                async move { running.await.map_err(BootError::from) }
            });
            lambda_runtime::run(service).await
        }
    }
}
