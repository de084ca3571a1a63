//! The hosted checkout page: `GET /c/pay/{session}` shows it; `POST` with `outcome` `succeeded`, `failed` or
//! `processing`, as JSON or by the page's own form, acts on it. A browser is sent back to the shop.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;

use super::StripeFake;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Succeeded,
    Failed,
    Processing,
}

#[derive(Debug, Deserialize)]
struct Settlement {
    outcome: Outcome,
}

pub(super) fn routes(fake: StripeFake) -> Router {
    Router::new().route("/c/pay/{session}", get(show).post(settle)).with_state(fake)
}

fn answer(status: u16, kind: &str, body: String) -> Response {
    Response::builder().status(status).header(header::CONTENT_TYPE, kind).body(Body::from(body)).unwrap_or_default()
}

fn problem(status: u16, detail: &str) -> Response {
    answer(status, "application/problem+json", json!({"status": status, "detail": detail}).to_string())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

async fn show(State(fake): State<StripeFake>, Path(id): Path<String>) -> Response {
    fake.expire_due();
    let state = fake.state();
    let Ok((session, intent, _)) = state.books.session(&id) else { return problem(404, "there is no such page") };
    let declined = intent.is_some_and(|intent| intent.decline_code.is_some());
    let wanted = &session.wanted;
    let body = match (session.status, declined) {
        ("open", declined) => format!(
            "{}<form method=\"post\"><button name=\"outcome\" value=\"succeeded\">Pay</button> \
             <button name=\"outcome\" value=\"failed\">Decline</button> \
             <button name=\"outcome\" value=\"processing\">Pay by bank, takes days</button></form>",
            if declined { "<p>Your card was declined. Try again?</p>" } else { "" }
        ),
        ("complete", _) => "<p><strong>Done. Thank you!</strong></p>".to_owned(),
        _ => "<p>This page is closed. Nothing was paid.</p>".to_owned(),
    };
    let text = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Checkout</title>\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <style>body{{font:16px/1.5 system-ui;max-width:28rem;margin:4rem auto;padding:0 1rem}}\
         button{{font:inherit;padding:.5rem 1rem}}</style>\
         <h1>Stripe, imitated</h1><p>{}: {} {}, in minor units</p><p>No money moves here.</p>{body}</html>",
        escaped(&wanted.name),
        wanted.amount,
        wanted.currency,
    );
    answer(200, "text/html; charset=utf-8", text)
}

async fn settle(State(fake): State<StripeFake>, Path(id): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let by_form = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"))
        && !body.starts_with(b"{");
    let read: Option<Settlement> =
        if by_form { serde_urlencoded::from_bytes(&body).ok() } else { serde_json::from_slice(&body).ok() };
    let Some(Settlement { outcome }) = read else {
        return problem(400, "outcome must be succeeded, failed or processing");
    };
    let done = match outcome {
        Outcome::Succeeded => fake.pay(&id),
        Outcome::Failed => fake.decline(&id, "generic_decline"),
        Outcome::Processing => fake.pay_later(&id),
    };
    if let Err(why) = done {
        return problem(409, &why.0);
    }
    let state = fake.state();
    let Ok((session, ..)) = state.books.session(&id) else { return problem(404, "there is no such page") };
    if !by_form {
        let told = json!({"id": id, "status": session.status, "payment_status": session.payment_status});
        return answer(200, "application/json", told.to_string());
    }
    // A declined customer stays on the page.
    let to = match outcome {
        Outcome::Succeeded | Outcome::Processing => session.wanted.success_url.clone(),
        Outcome::Failed => super::render::page_url(fake.base_url(), &id),
    };
    Response::builder().status(303).header(header::LOCATION, to).body(Body::empty()).unwrap_or_default()
}
