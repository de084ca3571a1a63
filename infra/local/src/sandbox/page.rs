//! The hosted checkout page: `GET /dev/pay/{payment_id}` shows it, `POST` with `{"outcome": "succeeded" | "failed"}`
//! (or the page's own form) settles it.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use oms_domain::money::{Amount, Currency, Money};
use serde::Deserialize;
use serde_json::json;

use super::Sandbox;
use super::books::{Entry, PageStatus};
use super::gateway::{Wire, WireData};
use crate::own;
use crate::problem::{Problem, json_response};
use crate::state::StateError;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Succeeded,
    Failed,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settlement {
    outcome: Outcome,
}

pub(super) fn routes(sandbox: Sandbox) -> Router {
    Router::new().route("/dev/pay/{payment_id}", get(show).post(settle)).with_state(sandbox)
}

async fn show(State(sandbox): State<Sandbox>, Path(payment_id): Path<String>) -> Response {
    match sandbox.books.page(&payment_id) {
        Ok(Some(page)) => html(&page),
        Ok(None) => problem(Problem::not_found("payment not found")),
        Err(error) => internal(&error),
    }
}

async fn settle(
    State(sandbox): State<Sandbox>,
    Path(payment_id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = own::form::<Settlement>(&headers, &body);
    let by_form = form.is_some();
    let json = || serde_json::from_slice(&body).map_err(|error| Problem::malformed(&error.to_string()));
    let Settlement { outcome } = match form.unwrap_or_else(json) {
        Ok(settlement) => settlement,
        Err(refused) => return problem(refused),
    };
    let page = match sandbox.books.page(&payment_id) {
        Ok(Some(page)) => page,
        Ok(None) => return problem(Problem::not_found("payment not found")),
        Err(error) => return internal(&error),
    };
    let webhook = announcement(&page, outcome).filed(sandbox.clock.now());
    let status = match outcome {
        Outcome::Succeeded | Outcome::Failed if page.status == PageStatus::Closed => PageStatus::Closed,
        Outcome::Succeeded => PageStatus::Succeeded,
        Outcome::Failed => PageStatus::Failed,
    };
    match sandbox.books.settle(&payment_id, status, &webhook) {
        Ok(true) => sandbox.delivery.deliver_now().await,
        Ok(false) if outcome == Outcome::Succeeded => {}
        Ok(false) => return problem(Problem::invalid("/outcome", "the payment has already succeeded")),
        Err(error) => return internal(&error),
    }
    if by_form {
        let to = page.return_url.unwrap_or_else(|| format!("/dev/pay/{payment_id}"));
        return redirect(&to);
    }
    let answer = json!({"payment_id": payment_id, "order_id": page.order_id, "status": status.name()});
    json_response(StatusCode::OK, &answer).map(Body::from)
}

fn announcement(page: &Entry, outcome: Outcome) -> Wire {
    let data = WireData {
        order_id: page.order_id.clone(),
        payment_id: Some(page.payment_id.clone()),
        amount: Some(amount(page)),
        currency: Some(code(page)),
        ..WireData::default()
    };
    match outcome {
        Outcome::Succeeded => Wire {
            kind: "payment.succeeded".to_owned(),
            id: format!("evt-paid-{}", page.payment_id),
            data: WireData { reference: Some(page.reference()), method: page.kept(), ..data },
        },
        Outcome::Failed => Wire {
            kind: "payment.failed".to_owned(),
            // Every declined try is an event of its own.
            id: format!("evt-failed-{}", crate::random::uuid()),
            data: WireData { reason: Some("card_declined".to_owned()), ..data },
        },
    }
}

fn code(page: &Entry) -> String {
    Currency::from_stored(&page.currency).map_or_else(|| page.currency.clone(), |currency| currency.code().to_owned())
}

fn amount(page: &Entry) -> String {
    match Currency::from_stored(&page.currency) {
        Some(currency) => Money::new(Amount::from_minor(page.amount_minor), currency).decimal(),
        None => page.amount_minor.to_string(),
    }
}

fn html(page: &Entry) -> Response {
    // Every value on the page is an id, a number or a code: nothing on it needs escaping.
    let body = match page.status {
        PageStatus::Succeeded => "<p><strong>Payment received. Thank you!</strong></p>".to_owned(),
        PageStatus::Closed => "<p>This checkout has been closed. You have not been charged.</p>".to_owned(),
        PageStatus::Open | PageStatus::Failed => {
            let declined = if page.status == PageStatus::Failed {
                "<p>Your payment was declined. Please try again.</p>"
            } else {
                ""
            };
            format!(
                "{declined}{}<form method=\"post\">\
                 <button name=\"outcome\" value=\"succeeded\">Pay {} {}</button> \
                 <button name=\"outcome\" value=\"failed\">Decline</button></form>",
                if page.keep { "<p>We will save this payment method for your next order.</p>" } else { "" },
                amount(page),
                code(page)
            )
        }
    };
    let text = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sandbox checkout</title>\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <style>body{{font:16px/1.5 system-ui;max-width:28rem;margin:4rem auto;padding:0 1rem}}\
         button{{font:inherit;padding:.5rem 1rem}}</style>\
         <h1>Sandbox checkout</h1><p>Order {}</p><p>This is a test page: no money moves.</p>{body}</html>",
        page.order_id
    );
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

fn redirect(to: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(to) = HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    response
}

fn problem(problem: Problem) -> Response {
    problem.response(&crate::random::uuid().to_string()).map(Body::from)
}

fn internal(error: &StateError) -> Response {
    tracing::error!(%error, "the sandbox cannot read or write its books");
    problem(Problem::internal())
}
