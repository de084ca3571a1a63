//! Routes that exist on this machine only: the clock and the queues.
//!
//! - `GET /dev/clock`
//! - `POST /dev/clock/advance` `{"seconds": n}` moves the clock, lets run what falls due and answers when it is done
//! - `GET /dev/queues`: the depth of every queue and dead-letter queue
//! - `POST /dev/queues/{name}/redrive`: sends dead letters back to where they came from

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::{Clock, MAX_ADVANCE_SECONDS};
use crate::messaging::{Messaging, MessagingError};
use crate::own;
use crate::problem::{Problem, json_response};
use crate::sources::Settlement;

/// Longest real time that moving the clock waits for what it set off.
const SETTLE_PATIENCE: Duration = Duration::from_secs(30);

#[derive(Clone)]
struct Dev {
    clock: Clock,
    messaging: Messaging,
    settlement: Settlement,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: u64,
}

pub(crate) fn routes(clock: &Clock, messaging: &Messaging, settlement: &Settlement) -> Router {
    Router::new()
        .route("/dev/clock", get(clock_now))
        .route("/dev/clock/advance", post(advance))
        .route("/dev/queues", get(queues))
        .route("/dev/queues/{name}/redrive", post(redrive))
        .with_state(Dev { clock: clock.clone(), messaging: messaging.clone(), settlement: settlement.clone() })
}

async fn clock_now(State(dev): State<Dev>) -> Response {
    answer(Ok(reading(&dev.clock)))
}

fn reading(clock: &Clock) -> Value {
    json!({"now": clock.now().to_string(), "offset_seconds": clock.offset().as_secs()})
}

async fn advance(State(dev): State<Dev>, headers: HeaderMap, body: Bytes) -> Response {
    let seconds = match own::json::<Advance>(&headers, &body) {
        Ok(Advance { seconds }) if seconds <= MAX_ADVANCE_SECONDS => seconds,
        Ok(_) => return answer(Err(Problem::invalid("/seconds", "must be at most a year"))),
        Err(problem) => return answer(Err(problem)),
    };
    if let Err(error) = dev.clock.advance(Duration::from_secs(seconds)) {
        return answer(Err(internal(&error)));
    }
    let settled = dev.settlement.settle(SETTLE_PATIENCE).await;
    let mut reading = reading(&dev.clock);
    reading["settled"] = settled.into();
    answer(Ok(reading))
}

async fn queues(State(dev): State<Dev>) -> Response {
    answer(dev.messaging.depths().map(|depths| json!(depths)).map_err(|error| internal(&error)))
}

async fn redrive(State(dev): State<Dev>, Path(name): Path<String>) -> Response {
    answer(match dev.messaging.redrive(&name) {
        Ok(moved) => Ok(json!({"moved": moved})),
        Err(error @ MessagingError::NoQueue(_)) => Err(Problem::not_found(&error.to_string())),
        Err(error @ MessagingError::Invalid(_)) => Err(Problem::invalid("/name", &error.to_string())),
        Err(error @ (MessagingError::NoTopic(_) | MessagingError::State(_))) => Err(internal(&error)),
    })
}

fn internal(error: &dyn std::fmt::Display) -> Problem {
    tracing::error!("cannot serve a development route: {error}");
    Problem::internal()
}

fn answer(result: Result<Value, Problem>) -> Response {
    let response = match result {
        Ok(body) => json_response(StatusCode::OK, &body),
        Err(problem) => problem.response(&crate::random::uuid().to_string()),
    };
    response.map(Body::from)
}
