//! The sandbox carrier: parcels that go where somebody says, told by signed pushes as a carrier tells them.
//!
//! `POST /dev/parcels/{tracking_number}` `{"event": "delivered", "at": "…"}` moves a parcel. The push is sent at once and once; whoever
//! wants it late, twice or out of order asks so. A push that is not taken is answered as such, and is to be asked for again.

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::post;
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use jiff::Timestamp;
use oms_app::ports::{Capabilities, CarrierError, Push, PushError, Tracker, TrackingRef, VoidUntil};
use oms_domain::fulfilment::bare_number;
use oms_domain::fulfilment::scan::{CarrierStatus, ParcelNews, Scan};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::NAME;
use super::signature::Signer;
use crate::clock::Clock;
use crate::gateway::Gateway;
use crate::own;
use crate::problem::{Problem, json_response};

/// Where the pushes go.
const CALLBACK: &str = "/api/carriers/callback/sandbox";

/// What the sandbox pushes.
#[derive(Debug, Serialize, Deserialize)]
struct Wire {
    parcels: Vec<ParcelNews>,
}

/// The running carrier; a cheap handle.
#[derive(Clone)]
pub struct SandboxCarrier {
    signer: Signer,
    clock: Clock,
    gateway: Gateway,
}

/// What may happen to a parcel.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Happening {
    InTransit,
    OutForDelivery,
    ReadyForPickup,
    Delivered,
    /// It could not be handed over.
    Failed,
    Delayed,
    Returning,
    /// It is with the sender again.
    ReturnToSender,
    Lost,
}

impl Happening {
    const fn status(self) -> CarrierStatus {
        match self {
            Happening::InTransit => CarrierStatus::InTransit,
            Happening::OutForDelivery => CarrierStatus::OutForDelivery,
            Happening::ReadyForPickup => CarrierStatus::ReadyForPickup,
            Happening::Delivered => CarrierStatus::Delivered,
            Happening::Failed => CarrierStatus::AttemptFailed,
            Happening::Delayed => CarrierStatus::Exception,
            Happening::Returning => CarrierStatus::Returning,
            Happening::ReturnToSender => CarrierStatus::ReturnedToSender,
            Happening::Lost => CarrierStatus::Lost,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Moved {
    event: Happening,
    /// When it was seen; now, if it is not said.
    at: Option<Timestamp>,
    /// When the carrier means to deliver it.
    estimated_delivery: Option<Timestamp>,
}

impl SandboxCarrier {
    pub(super) fn new(signer: Signer, clock: Clock, gateway: Gateway) -> Self {
        SandboxCarrier { signer, clock, gateway }
    }

    /// How parcels are moved.
    pub fn routes(&self) -> Router {
        Router::new().route("/dev/parcels/{tracking_number}", post(moved)).with_state(self.clone())
    }

    /// Sends a push, and tells what became of it.
    async fn push(&self, news: ParcelNews) -> (StatusCode, Value) {
        let body = serde_json::to_vec(&Wire { parcels: vec![news] }).unwrap_or_default();
        let now = self.clock.now();
        let id = format!("scan_{}", crate::random::uuid());
        let mut request = Request::post(CALLBACK).header(http::header::CONTENT_TYPE, "application/json");
        for (name, value) in self.signer.headers(&id, now, &body) {
            request = request.header(name, value);
        }
        // All parts are ours and valid.
        let answer = self.gateway.call(request.body(Bytes::from(body)).unwrap_or_default()).await;
        let status = answer.status();
        (status, serde_json::from_slice(answer.body()).unwrap_or(Value::Null))
    }
}

async fn moved(
    State(carrier): State<SandboxCarrier>,
    Path(tracking_number): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Moved { event, at, estimated_delivery } = match own::json::<Moved>(&headers, &body) {
        Ok(moved) => moved,
        Err(problem) => return refused(problem),
    };
    if bare_number(&tracking_number).is_empty() {
        return refused(Problem::invalid("/tracking_number", "must be the number of a parcel"));
    }
    let status = event.status();
    let (at, code) = (at.unwrap_or_else(|| carrier.clock.now()), status.name().to_owned());
    let scans = vec![Scan { at, status, code, place: None }];
    let (status, answer) = carrier.push(ParcelNews { tracking_number, scans, estimated_delivery }).await;
    let told = json!({"pushed": status.as_u16(), "answer": answer});
    json_response(if status.is_success() { StatusCode::OK } else { StatusCode::BAD_GATEWAY }, &told).map(Body::from)
}

fn refused(problem: Problem) -> Response {
    problem.response(&crate::random::uuid().to_string()).map(Body::from)
}

#[async_trait]
impl Tracker for SandboxCarrier {
    fn name(&self) -> &str {
        NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            rates: false,
            void: VoidUntil::Never,
            recovers: false,
            signed_push: true,
            track_at_once: 1,
            subscription_days: None,
        }
    }

    /// It has told all that it knows.
    async fn track(&self, _parcels: &[TrackingRef]) -> Result<Vec<ParcelNews>, CarrierError> {
        Ok(Vec::new())
    }

    async fn subscribe(&self, _parcels: &[TrackingRef]) -> Result<Vec<String>, CarrierError> {
        Ok(Vec::new())
    }

    async fn read_push(&self, headers: &[(String, String)], body: &[u8], now: Timestamp) -> Result<Push, PushError> {
        self.signer.verify(headers, body, now).map_err(|_| PushError::Forged)?;
        let wire: Wire = serde_json::from_slice(body).map_err(|error| PushError::Unreadable(error.to_string()))?;
        Ok(Push::News(wire.parcels))
    }

    /// It never asks.
    async fn accept_push(&self, _subscription: &str, _secret: &str) -> Result<(), CarrierError> {
        Ok(())
    }
}
