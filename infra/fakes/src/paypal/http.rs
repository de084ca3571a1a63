//! The REST API, as far as shops use it here.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::books::{Books, Order, OrderState, Problem, Refund, Stored};
use super::script::{CaptureEnd, Fault, Operation, RefundEnd, Seen};
use super::wire::{NewOrder, NewRefund, Writer, problem};
use super::{CLIENT_ID, CLIENT_SECRET, PayPalFake, page};

/// How long a token lives.
pub const TOKEN_SECONDS: i64 = 32_400;

/// Most bytes of one request that are read.
const MAX_REQUEST_BYTES: usize = 1 << 20;

pub(super) fn router(fake: PayPalFake) -> Router {
    Router::new().fallback(handle).with_state(fake)
}

/// One request, as the fake sees it.
pub(super) struct Asked {
    operation: Operation,
    /// The id in the path, if the path has one.
    pub(super) id: String,
    pub(super) method: Method,
    path: String,
    query: String,
    request_id: Option<String>,
    authorization: String,
    pub(super) body: Bytes,
}

fn route(method: &Method, path: &str) -> Option<(Operation, String)> {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let (operation, id) = match (method.as_str(), parts.as_slice()) {
        ("POST", ["v1", "oauth2", "token"]) => (Operation::Token, ""),
        ("GET", ["v1", "notifications", "certs", id]) => (Operation::Certificate, *id),
        ("POST", ["v2", "checkout", "orders"]) => (Operation::CreateOrder, ""),
        ("GET", ["v2", "checkout", "orders", id]) => (Operation::ShowOrder, *id),
        ("POST", ["v2", "checkout", "orders", id, "capture"]) => (Operation::Capture, *id),
        ("GET", ["v2", "payments", "captures", id]) => (Operation::ShowCapture, *id),
        ("POST", ["v2", "payments", "captures", id, "refund"]) => (Operation::Refund, *id),
        ("GET", ["v2", "payments", "refunds", id]) => (Operation::ShowRefund, *id),
        ("GET", ["v1", "customer", "disputes", id]) => (Operation::ShowDispute, *id),
        ("DELETE", ["v3", "vault", "payment-tokens", id]) => (Operation::Forget, *id),
        ("GET" | "POST", ["checkoutnow"]) => (Operation::Page, ""),
        _ => return None,
    };
    Some((operation, id.to_owned()))
}

async fn handle(State(fake): State<PayPalFake>, method: Method, uri: Uri, headers: HeaderMap, body: Body) -> Response {
    let Some((operation, id)) = route(&method, uri.path()) else { return reply(404, &problem(Problem::MISSING)) };
    let Ok(body) = axum::body::to_bytes(body, MAX_REQUEST_BYTES).await else { return broken() };
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
    let asked = Asked {
        operation,
        id,
        method,
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        request_id: text("paypal-request-id"),
        authorization: text("authorization").unwrap_or_default(),
        body,
    };
    let fault = fake.note(&asked);
    match fault {
        Some(Fault::Fails(status)) => {
            return reply(status, &problem(Problem { status, name: "INTERNAL_SERVER_ERROR", issue: "SCRIPTED" }));
        }
        Some(Fault::Busy(retry_after)) => {
            let busy = Problem { status: 429, name: "RATE_LIMIT_REACHED", issue: "SCRIPTED" };
            return ([("retry-after", retry_after)], reply(429, &problem(busy))).into_response();
        }
        Some(Fault::LosesRequest) => return broken(),
        Some(Fault::FailsForGood) => fake.store_failure(&asked),
        Some(Fault::LosesAnswer | Fault::NeverAnswers) | None => {}
    }
    let response = respond(&fake, &asked);
    match fault {
        Some(Fault::LosesAnswer) => broken(),
        Some(Fault::NeverAnswers) => std::future::pending().await,
        Some(Fault::Fails(_) | Fault::Busy(_) | Fault::FailsForGood | Fault::LosesRequest) | None => response,
    }
}

fn respond(fake: &PayPalFake, asked: &Asked) -> Response {
    let answer = match asked.operation {
        Operation::Page => {
            let token = asked.query.split('&').find_map(|pair| pair.strip_prefix("token=")).unwrap_or_default();
            return page::respond(fake, asked, token);
        }
        Operation::Certificate => return certificate(fake, &asked.id),
        Operation::Token => token(fake, asked),
        Operation::CreateOrder
        | Operation::ShowOrder
        | Operation::Capture
        | Operation::ShowCapture
        | Operation::Refund
        | Operation::ShowRefund
        | Operation::ShowDispute
        | Operation::Forget => authorised(fake, asked),
    };
    match answer {
        Ok((status, body)) => reply(status, &body),
        Err(refusal) => reply(refusal.status, &problem(refusal)),
    }
}

type Answer = Result<(u16, Value), Problem>;

const UNAUTHORISED: Problem = Problem { status: 401, name: "AUTHENTICATION_FAILURE", issue: "INVALID_TOKEN" };

fn token(fake: &PayPalFake, asked: &Asked) -> Answer {
    let expected = format!("Basic {}", STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}")));
    if asked.authorization != expected {
        return Err(Problem { status: 401, name: "invalid_client", issue: "INVALID_CLIENT" });
    }
    if asked.body.as_ref() != b"grant_type=client_credentials" {
        return Err(Problem::malformed("unsupported_grant_type"));
    }
    let now = fake.now();
    let mut books = fake.books();
    let token = books.new_id("A21AA");
    let until = now.saturating_add(SignedDuration::from_secs(TOKEN_SECONDS)).unwrap_or(now);
    books.tokens.insert(token.clone(), until);
    Ok((200, json!({"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS, "app_id": "APP-FAKE"})))
}

fn certificate(fake: &PayPalFake, id: &str) -> Response {
    match fake.identity(id) {
        Some(identity) => {
            let mut response = Response::new(Body::from(identity.chain_pem().to_owned()));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-pem-file"));
            response
        }
        None => reply(404, &problem(Problem::MISSING)),
    }
}

fn authorised(fake: &PayPalFake, asked: &Asked) -> Answer {
    let now = fake.now();
    let known = |token: &str| fake.books().tokens.get(token).is_some_and(|until| now < *until);
    if !asked.authorization.strip_prefix("Bearer ").is_some_and(known) {
        return Err(UNAUTHORISED);
    }
    match asked.operation {
        Operation::CreateOrder | Operation::Capture | Operation::Refund => once(fake, asked),
        Operation::ShowOrder => show(fake, |writer| Some(writer.order(writer.books.orders.get(&asked.id)?))),
        Operation::ShowCapture => show(fake, |writer| Some(writer.capture(writer.books.captures.get(&asked.id)?))),
        Operation::ShowRefund => show(fake, |writer| Some(writer.refund(writer.books.refunds.get(&asked.id)?))),
        Operation::ShowDispute => show(fake, |writer| Some(writer.dispute(writer.books.disputes.get(&asked.id)?))),
        Operation::Forget => {
            if fake.books().kept.remove(&asked.id) {
                Ok((204, Value::Null))
            } else {
                Err(Problem::MISSING)
            }
        }
        Operation::Token | Operation::Certificate | Operation::Page => Err(Problem::MISSING),
    }
}

fn show(fake: &PayPalFake, find: impl Fn(&Writer<'_>) -> Option<Value>) -> Answer {
    let books = fake.books();
    let found = find(&Writer { books: &books, base: fake.base_url() });
    found.map(|body| (200, body)).ok_or(Problem::MISSING)
}

/// Does a request that has an id once, and answers its repeats with what was answered first.
fn once(fake: &PayPalFake, asked: &Asked) -> Answer {
    let request: Value =
        serde_json::from_slice(&asked.body).map_err(|_| Problem::malformed("MALFORMED_REQUEST_JSON"))?;
    let id = asked.request_id.clone().ok_or(Problem::malformed("PAYPAL_REQUEST_ID_REQUIRED"))?;
    let key = (asked.operation, id);
    let mut books = fake.books();
    if let Some(stored) = books.answers.get(&key) {
        if stored.status >= 400 {
            return Ok((stored.status, stored.answer.clone()));
        }
        if stored.request != request || stored.path != asked.path {
            return Err(Problem::semantic("DUPLICATE_REQUEST_ID"));
        }
        // An order is answered as it is now, anything else as it was.
        let order = stored.answer["id"].as_str().and_then(|id| books.orders.get(id));
        let answer = match order {
            Some(order) => Writer { books: &books, base: fake.base_url() }.order(order),
            None => stored.answer.clone(),
        };
        return Ok((200, answer));
    }
    let result = if asked.operation == Operation::CreateOrder {
        create(fake, &mut books, request.clone())
    } else if asked.operation == Operation::Capture {
        capture(fake, &mut books, &asked.id)
    } else {
        refund(fake, &mut books, asked, request.clone())
    };
    let store = |status, answer: Value| Stored { request, path: asked.path.clone(), status, answer };
    match &result {
        Ok((status, answer)) => {
            books.answers.insert(key, store(*status, answer.clone()));
        }
        // A decline is an answer of the customer's bank, and stays. Other refusals are judged anew.
        Err(refusal) if refusal.issue == "INSTRUMENT_DECLINED" => {
            books.answers.insert(key, store(refusal.status, problem(*refusal)));
        }
        Err(_) => {}
    }
    drop(books);
    fake.wake();
    result
}

fn create(fake: &PayPalFake, books: &mut Books, request: Value) -> Answer {
    let new: NewOrder =
        serde_json::from_value(request).map_err(|_| Problem::malformed("MISSING_REQUIRED_PARAMETER"))?;
    let unit = new.purchase_units.into_iter().next().ok_or(Problem::malformed("MISSING_REQUIRED_PARAMETER"))?;
    if new.intent != "CAPTURE" {
        return Err(Problem::malformed("INVALID_PARAMETER_VALUE"));
    }
    let wallet = new.payment_source.paypal;
    let order = Order {
        id: books.new_id("ORD"),
        state: OrderState::Waiting,
        custom_id: unit.custom_id,
        invoice_id: unit.invoice_id,
        money: unit.amount.money()?,
        return_url: wallet.experience_context.return_url,
        cancel_url: wallet.experience_context.cancel_url,
        keeps: wallet.attributes["vault"]["store_in_vault"] == "ON_SUCCESS",
        kept: None,
        captures: Vec::new(),
        created_at: fake.now(),
    };
    books.orders.insert(order.id.clone(), order.clone());
    Ok((201, Writer { books, base: fake.base_url() }.order(&order)))
}

fn capture(fake: &PayPalFake, books: &mut Books, order_id: &str) -> Answer {
    let capture = books.capture(order_id, fake.now())?;
    let kind = match capture.end {
        CaptureEnd::Completed => "PAYMENT.CAPTURE.COMPLETED",
        CaptureEnd::Pending => "PAYMENT.CAPTURE.PENDING",
        CaptureEnd::Declined | CaptureEnd::InstrumentDeclined => "PAYMENT.CAPTURE.DENIED",
    };
    fake.file(books, kind, |writer| writer.capture(&capture));
    let order = books.orders.get(order_id).ok_or(Problem::MISSING)?;
    Ok((201, Writer { books, base: fake.base_url() }.order(order)))
}

fn refund(fake: &PayPalFake, books: &mut Books, asked: &Asked, request: Value) -> Answer {
    let new: NewRefund = serde_json::from_value(request).map_err(|_| Problem::malformed("INVALID_PARAMETER_VALUE"))?;
    let capture = books.captures.get(&asked.id).ok_or(Problem::MISSING)?;
    let refund = Refund {
        id: String::new(),
        capture: capture.id.clone(),
        end: books.refund_ends.front().copied().unwrap_or(RefundEnd::Completed),
        money: new.amount.map_or(Ok(capture.money), |amount| amount.money())?,
        custom_id: new.custom_id.unwrap_or_else(|| capture.custom_id.clone()),
        invoice_id: new.invoice_id.unwrap_or_else(|| capture.invoice_id.clone()),
        created_at: fake.now(),
    };
    let refund = books.refund(refund)?;
    books.refund_ends.pop_front();
    fake.file(books, refund_event(refund.end), |writer| writer.refund(&refund));
    Ok((201, Writer { books, base: fake.base_url() }.refund(&refund)))
}

pub(super) fn refund_event(end: RefundEnd) -> &'static str {
    match end {
        RefundEnd::Completed => "PAYMENT.CAPTURE.REFUNDED",
        RefundEnd::Pending => "PAYMENT.REFUND.PENDING",
        RefundEnd::Failed => "PAYMENT.REFUND.FAILED",
    }
}

impl PayPalFake {
    /// Writes a request down, and takes the fault that was scripted for it.
    fn note(&self, asked: &Asked) -> Option<Fault> {
        let credentials = asked.operation == Operation::Token;
        let body = if credentials { String::new() } else { String::from_utf8_lossy(&asked.body).into_owned() };
        let mut books = self.books();
        books.seen.push(Seen {
            operation: asked.operation,
            method: asked.method.to_string(),
            path: asked.path.clone(),
            request_id: asked.request_id.clone(),
            body,
        });
        books.faults.get_mut(&asked.operation).and_then(std::collections::VecDeque::pop_front)
    }

    fn store_failure(&self, asked: &Asked) {
        let failure = Problem { status: 500, name: "INTERNAL_SERVER_ERROR", issue: "STORED" };
        let Some(id) = asked.request_id.clone() else { return };
        let stored =
            Stored { request: Value::Null, path: asked.path.clone(), status: failure.status, answer: problem(failure) };
        self.books().answers.insert((asked.operation, id), stored);
    }
}

pub(super) fn reply(status: u16, body: &Value) -> Response {
    let content = if status == 204 { Body::empty() } else { Body::from(body.to_string()) };
    let mut response = Response::new(content);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// An answer that breaks off: the connection ends before the body does.
fn broken() -> Response {
    let end = futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("the line is cut")) });
    Response::new(Body::from_stream(end))
}
