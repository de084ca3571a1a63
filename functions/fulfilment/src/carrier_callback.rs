//! `POST /api/carriers/callback/{carrier}`: a carrier tells where parcels are.

use std::sync::Arc;

use oms_app::fulfilment::carrier_callback::{self, CarrierCallback, Taken};
use oms_app::world::{CarrierWorld, Misconfigured};
use oms_runtime::Function;
use oms_runtime::http::{Answer, Problem, Request};
use serde::Serialize;
use utoipa::ToSchema;

/// Answer to the carrier.
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({"result": "noted"})))]
pub struct PushView {
    #[schema(value_type = PushResult)]
    result: &'static str,
}

/// What becomes of a push.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum PushResult {
    Noted,
    /// All of it was known, or is not about parcels of this shop.
    Ignored,
    /// A question whether pushes are wanted was answered.
    Accepted,
}

/// Who calls.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum CallbackCarrier {
    Fedex,
    Ups,
    Dhl,
    Sandbox,
}

pub fn wired<W: CarrierWorld>(world: &W) -> Result<Function, Misconfigured> {
    let callback = CarrierCallback::new(world.orders(), world.parcels(), world.trackers(), world.clock());
    Ok(Function::http(callback, handle))
}

/// Receives a carrier's push.
///
/// Authenticated by the carrier's own proof, not by a token. The times of scans count, and not when they come: late and repeated
/// ones change nothing. A success is returned only once all of it is stored.
#[utoipa::path(
    post, path = "/api/carriers/callback/{carrier}", tag = "shipments", operation_id = "carrierCallback",
    security(()),
    params(("carrier" = inline(CallbackCarrier), Path, description = "carrier; only those that are configured")),
    request_body(
        content = String, content_type = "application/json", description = "as defined by the carrier",
        example = json!("{\"parcels\":[]}")
    ),
    responses(
        (status = 200, description = "stored, or nothing to do", body = PushView),
        (status = 401, description = "unauthenticated: the carrier's proof is not valid"),
        (status = 404, description = "not_found: the carrier is not configured"),
        (status = 409, description = "version_conflict: too much is told of the parcel at once; push again"),
        (status = 503, description = "unavailable"),
    ),
)]
pub async fn handle(callback: Arc<CarrierCallback>, request: Request) -> Result<Answer, Problem> {
    request.bounded_body()?;
    let carrier = request.path_parameters.get("carrier").cloned().unwrap_or_default();
    let pushed = carrier_callback::Request {
        carrier,
        headers: request.headers,
        body: request.body,
        correlation_id: request.correlation_id,
    };
    let result = match callback.run(&pushed).await? {
        Taken::Noted => "noted",
        Taken::Ignored => "ignored",
        Taken::Accepted => "accepted",
    };
    Answer::ok(&PushView { result })
}
