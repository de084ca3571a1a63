//! A bad network between functions and store: an HTTP proxy that turns calls away and loses calls and answers, by chance.
//!
//! Which calls are struck follows from a seed and the order in which they arrive; with many clients at once that order is
//! not the same twice.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use crate::chaos::Dice;

/// Of a hundred calls, so many are turned away as too many; nothing is done.
const THROTTLED: u64 = 20;
/// Of a hundred calls, the answers of so many are lost; what was asked is done.
const LOST: u64 = 10;
/// Of a hundred calls, so many never arrive. Who asked sees the same as of a lost answer, and nothing is done.
const UNHEARD: u64 = 3;

/// Headers of one connection, not of the call.
const OF_THE_CONNECTION: [HeaderName; 4] =
    [http::header::HOST, http::header::CONNECTION, http::header::CONTENT_LENGTH, http::header::TRANSFER_ENCODING];

/// What was done to calls.
#[derive(Debug, Default, Clone)]
pub(crate) struct OrderCount {
    pub(crate) calls: u64,
    pub(crate) throttled: u64,
    /// Of these, as a transaction's cancellation.
    pub(crate) cancelled: u64,
    pub(crate) lost: u64,
    /// Of these, answers to writes.
    pub(crate) lost_writes: u64,
    pub(crate) unheard: u64,
}

/// The proxy; a cheap handle.
#[derive(Clone)]
pub(crate) struct Proxy(Arc<Shared>);

struct Shared {
    http: reqwest::Client,
    store: Mutex<String>,
    bad: AtomicBool,
    dice: Mutex<Dice>,
    tally: Mutex<OrderCount>,
}

enum Fate {
    Passes,
    Throttled { cancelled: bool },
    Lost { broken_off: bool },
    Unheard { broken_off: bool },
}

impl Proxy {
    pub(crate) fn new(seed: u64) -> Self {
        Proxy(Arc::new(Shared {
            http: reqwest::Client::new(),
            store: Mutex::default(),
            bad: AtomicBool::new(false),
            dice: Mutex::new(Dice(seed)),
            tally: Mutex::default(),
        }))
    }

    /// Begins to stand before a store, and answers with the endpoint to use instead of its own.
    pub(crate) fn before(&self, store: &str) -> String {
        store.clone_into(&mut self.0.store.lock().unwrap());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let router = Router::new().fallback(pass).with_state(self.clone());
        // It ends with the test's runtime.
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    /// Whether calls are struck from now on.
    pub(crate) fn be_bad(&self, bad: bool) {
        self.0.bad.store(bad, Ordering::SeqCst);
    }

    pub(crate) fn tally(&self) -> OrderCount {
        self.0.tally.lock().unwrap().clone()
    }

    fn fate(&self, operation: &str) -> Fate {
        let mut tally = self.0.tally.lock().unwrap();
        tally.calls += 1;
        if !self.0.bad.load(Ordering::SeqCst) {
            return Fate::Passes;
        }
        let mut dice = self.0.dice.lock().unwrap();
        let (roll, coin) = (dice.roll(100), dice.roll(2) == 0);
        if roll < THROTTLED {
            let cancelled = coin && operation == "TransactWriteItems";
            tally.throttled += 1;
            tally.cancelled += u64::from(cancelled);
            Fate::Throttled { cancelled }
        } else if roll < THROTTLED + LOST {
            let writes = ["TransactWriteItems", "PutItem", "UpdateItem", "DeleteItem"].contains(&operation);
            tally.lost += 1;
            tally.lost_writes += u64::from(writes);
            Fate::Lost { broken_off: coin }
        } else if roll < THROTTLED + LOST + UNHEARD {
            tally.unheard += 1;
            Fate::Unheard { broken_off: coin }
        } else {
            Fate::Passes
        }
    }

    /// What the store answers.
    async fn ask(&self, headers: HeaderMap, body: Bytes) -> reqwest::Result<Response> {
        let store = self.0.store.lock().unwrap().clone();
        let headers: HeaderMap = without(headers);
        let answer = self.0.http.post(store).headers(headers).body(body).send().await?;
        let (status, headers) = (answer.status(), without(answer.headers().clone()));
        let mut response = Response::new(Body::from(answer.bytes().await?));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

fn without(mut headers: HeaderMap) -> HeaderMap {
    for name in OF_THE_CONNECTION {
        headers.remove(name);
    }
    headers
}

async fn pass(State(proxy): State<Proxy>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    match proxy.fate(&operation) {
        Fate::Throttled { cancelled: true } => refusal(400, &cancellation(&body)),
        Fate::Throttled { cancelled: false } => {
            let kinds = ["ProvisionedThroughputExceededException", "ThrottlingException"];
            let kind = kinds[body.len() % kinds.len()];
            refusal(400, &json!({"__type": named(kind), "message": "too many requests"}))
        }
        Fate::Passes => proxy.ask(headers, body).await.unwrap_or_else(|_| failure()),
        Fate::Lost { broken_off } => {
            let done = proxy.ask(headers, body).await;
            no_answer(broken_off && done.is_ok())
        }
        Fate::Unheard { broken_off } => no_answer(broken_off),
    }
}

fn named(kind: &str) -> String {
    format!("com.amazonaws.dynamodb.v20120810#{kind}")
}

fn refusal(status: u16, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response.headers_mut().insert("content-type", "application/x-amz-json-1.0".parse().unwrap());
    response
}

/// What is seen of a call whose outcome nobody can know.
fn no_answer(broken_off: bool) -> Response {
    if broken_off { cut_short() } else { failure() }
}

fn failure() -> Response {
    refusal(500, &json!({"__type": named("InternalServerError"), "message": "internal server error"}))
}

/// An answer whose connection ends in the middle of it.
fn cut_short() -> Response {
    let broken = futures::stream::iter([Ok(Bytes::from_static(b"{")), Err(io::Error::other("the line is cut"))]);
    let mut response = Response::new(Body::from_stream(broken));
    response.headers_mut().insert("content-length", 100.into());
    response
}

/// A transaction that is cancelled because one of its items is asked for too often.
fn cancellation(body: &[u8]) -> Value {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let items = request["TransactItems"].as_array().map_or(1, Vec::len);
    let reason = |item| match item {
        0 => json!({"Code": "ThrottlingError", "Message": "throughput exceeds the current capacity"}),
        _ => json!({"Code": "None"}),
    };
    let reasons: Vec<Value> = (0..items).map(reason).collect();
    let message = "Transaction cancelled, please refer cancellation reasons for specific reasons";
    json!({"__type": named("TransactionCanceledException"), "Message": message, "CancellationReasons": reasons})
}
