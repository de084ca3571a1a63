//! Our UPS as a process of its own: `ups PORT WEBHOOK_URL`.
//!
//! Beside UPS's own routes: `GET /busy` lists nothing, as nothing is due by itself, and `POST /parcels/{number}` with `{"event": "delivered"}` has something happen to a parcel, and pushes it.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use jiff::Timestamp;
use oms_fakes::ups::{Event, Sequence, UpsFake};
use serde::Deserialize;
use serde_json::json;

/// What may happen, in UPS's words.
const EVENTS: [(&str, &str); 6] = [
    ("in_transit", "I/AR/005"),
    ("out_for_delivery", "I/OT/021"),
    ("delivered", "D/FS/011"),
    ("failed", "D/53/022"),
    ("return_to_sender", "D/B0/011"),
    ("lost", "X//129"),
];

#[derive(Deserialize)]
struct Happens {
    event: String,
}

#[derive(Clone)]
struct Desk {
    fake: UpsFake,
    webhook_url: String,
}

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn now() -> Timestamp {
    Timestamp::now()
}

/// Answers with what the shop answered.
async fn happens(desk: State<Desk>, number: Path<String>, text: String) -> (StatusCode, String) {
    let pushed = push(&desk.0, &number.0, &text).await;
    (pushed, json!({ "pushed": pushed.as_u16() }).to_string())
}

async fn push(desk: &Desk, number: &str, text: &str) -> StatusCode {
    let told: Option<Happens> = serde_json::from_str(text).ok();
    let known = told.and_then(|told| EVENTS.into_iter().find(|(event, _)| *event == told.event));
    let Some((_, code)) = known else { return StatusCode::BAD_REQUEST };
    desk.fake.happens(number, Event::new(now(), code));
    let Some(push) = desk.fake.deliveries(number, Sequence::AsFiled).pop() else { return StatusCode::NOT_FOUND };
    let mut call = reqwest::Client::new().post(&desk.webhook_url).header("content-type", "application/json");
    for (name, value) in push.headers {
        call = call.header(name, value);
    }
    let answer = call.body(push.body).send().await;
    let status = answer.map_or(502, |answer| answer.status().as_u16());
    StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [port, webhook_url] = arguments.as_slice() else {
        return Err(std::io::Error::other("usage: ups PORT WEBHOOK_URL"));
    };
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    let fake = UpsFake::new(Arc::new(now), &format!("http://{}", listener.local_addr()?));
    let desk = Desk { fake: fake.clone(), webhook_url: webhook_url.clone() };
    let ours =
        Router::new().route("/busy", get(async || "[]")).route("/parcels/{number}", post(happens)).with_state(desk);
    axum::serve(listener, fake.routes().merge(ours)).await
}
