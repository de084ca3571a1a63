//! The page on which a customer approves: `GET /checkoutnow?token=…` shows it, its buttons send `decision=approve` or
//! `decision=cancel`, and the customer goes back to the shop.

use axum::body::Body;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;

use super::PayPalFake;
use super::books::{OrderState, Problem};
use super::http::{Asked, reply};
use super::wire::problem;

pub(super) fn respond(fake: &PayPalFake, asked: &Asked, token: &str) -> Response {
    let order = fake.books().orders.get(token).cloned();
    let Some(order) = order else { return reply(404, &problem(Problem::MISSING)) };
    if asked.method == Method::POST {
        return match asked.body.as_ref() {
            b"decision=approve" => {
                fake.approve(token);
                redirect(&back(&order.return_url, &format!("token={token}&PayerID=FAKEPAYER0001")))
            }
            b"decision=cancel" => redirect(&back(&order.cancel_url, &format!("token={token}"))),
            _ => reply(400, &problem(Problem::malformed("INVALID_PARAMETER_VALUE"))),
        };
    }
    // Every value on the page is an id, a number or a code: nothing on it needs escaping.
    let body = match order.state {
        OrderState::Waiting => format!(
            "<form method=\"post\"><button name=\"decision\" value=\"approve\">Pay {}</button> \
             <button name=\"decision\" value=\"cancel\">Back to the shop</button></form>",
            order.money
        ),
        OrderState::Approved => "<p>You have approved this payment.</p>".to_owned(),
        OrderState::Completed => "<p>This payment is done.</p>".to_owned(),
    };
    let text = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Not PayPal</title>\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <style>body{{font:16px/1.5 system-ui;max-width:28rem;margin:4rem auto;padding:0 1rem}}\
         button{{font:inherit;padding:.5rem 1rem}}</style>\
         <h1>Not PayPal</h1><p>Order {token}</p><p>A stand-in for tests: no money moves here.</p>{body}</html>"
    );
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

fn back(url: &str, query: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{query}")
}

fn redirect(to: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(to) = HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    response
}
