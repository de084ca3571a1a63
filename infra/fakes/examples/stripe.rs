//! Our Stripe as a process of its own: `stripe PORT WEBHOOK_URL`.
//!
//! Beside Stripe's own routes: `GET /busy` lists the webhooks that are due, `POST /away` with `{"away": true}` takes it
//! away until it is told otherwise.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use jiff::Timestamp;
use oms_fakes::stripe::{Options, StripeFake};
use serde::Deserialize;
use serde_json::json;

/// How often it looks whether a webhook has come due: the machine's clock may be moved under it.
const LOOK_EVERY: Duration = Duration::from_millis(50);

#[derive(Deserialize)]
struct Away {
    away: bool,
}

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn now() -> Timestamp {
    Timestamp::now()
}

async fn busy(State(fake): State<StripeFake>) -> String {
    let due = fake.next_due().filter(|due| *due <= now());
    let reasons: Vec<String> = due.map(|due| format!("a webhook that was due at {due}")).into_iter().collect();
    json!(reasons).to_string()
}

async fn away(State(fake): State<StripeFake>, text: String) -> String {
    let away = serde_json::from_str::<Away>(&text).is_ok_and(|told| told.away);
    fake.stay_away(away);
    json!({ "away": away }).to_string()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [port, webhook_url] = arguments.as_slice() else {
        return Err(std::io::Error::other("usage: stripe PORT WEBHOOK_URL"));
    };
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    let options = Options { webhook_url: Some(webhook_url.clone()), ..Options::new(Arc::new(now)) };
    let fake = StripeFake::new(options, &format!("http://{}", listener.local_addr()?));
    let carried = fake.clone();
    tokio::spawn(async move {
        loop {
            carried.deliver_due().await;
            // What has been filed is looked at once more; nothing is lost by the wait.
            let _ = tokio::time::timeout(LOOK_EVERY, carried.filed()).await;
        }
    });
    let ours = Router::new().route("/busy", get(busy)).route("/away", post(away)).with_state(fake.clone());
    axum::serve(listener, fake.routes().merge(ours)).await
}
