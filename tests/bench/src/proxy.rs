//! Between a function and the store: a way that takes time, and one that counts.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt as _;
use serde_json::{Value, json};

use crate::Fail;

/// One call as it was seen on the wire.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// E.g. `Query`.
    pub(crate) operation: String,
    /// The request as the function sent it.
    pub(crate) body: Value,
    /// Bytes of both bodies.
    bytes: usize,
    /// Capacity units as the store tells them.
    units: f64,
}

impl Call {
    fn writes(&self) -> bool {
        !["Query", "GetItem", "BatchGetItem", "TransactGetItems"].contains(&self.operation.as_str())
    }
}

/// What the calls of a request come to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Cost {
    pub(crate) round_trips: usize,
    pub(crate) read_units: f64,
    pub(crate) write_units: f64,
    pub(crate) bytes: usize,
}

impl Cost {
    /// Of these calls.
    pub(crate) fn of(calls: &[Call]) -> Cost {
        calls.iter().fold(Cost::default(), |sum, call| Cost {
            round_trips: sum.round_trips + 1,
            read_units: sum.read_units + if call.writes() { 0.0 } else { call.units },
            write_units: sum.write_units + if call.writes() { call.units } else { 0.0 },
            bytes: sum.bytes + call.bytes,
        })
    }
}

struct Way {
    target: String,
    client: reqwest::Client,
    /// `None` to count instead.
    delay: Option<Duration>,
    seen: Mutex<Vec<Call>>,
}

impl Way {
    fn seen(&self) -> MutexGuard<'_, Vec<Call>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A way to the store with an address of its own.
pub(crate) struct Proxy {
    pub(crate) endpoint: String,
    way: Arc<Way>,
}

impl Proxy {
    /// Passes everything on after this time.
    pub(crate) async fn delaying(target: &str, delay: Duration) -> Result<Proxy, Fail> {
        Proxy::open(target, Some(delay)).await
    }

    /// Passes everything on at once, and remembers it with what it cost.
    pub(crate) async fn counting(target: &str) -> Result<Proxy, Fail> {
        Proxy::open(target, None).await
    }

    async fn open(target: &str, delay: Option<Duration>) -> Result<Proxy, Fail> {
        let client = reqwest::Client::new();
        let way = Arc::new(Way { target: target.to_owned(), client, delay, seen: Mutex::default() });
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let routes = Router::new().fallback(pass).with_state(way.clone());
        let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(Proxy { endpoint, way })
    }

    /// The calls since this was asked last.
    pub(crate) fn taken(&self) -> Vec<Call> {
        std::mem::take(&mut self.way.seen())
    }
}

async fn pass(State(way): State<Arc<Way>>, headers: HeaderMap, body: Bytes) -> Response {
    let passed = match way.delay {
        Some(delay) => {
            tokio::time::sleep(delay).await;
            forward(&way, headers, body).await
        }
        None => counted(&way, headers, body).await,
    };
    passed.unwrap_or_else(|error| (StatusCode::BAD_GATEWAY, error.to_string()).into_response())
}

async fn forward(way: &Way, mut headers: HeaderMap, body: Bytes) -> Result<Response, Fail> {
    // They belong to the connection that the request came on.
    for name in ["host", "content-length", "connection"] {
        headers.remove(name);
    }
    let answer = way.client.post(&way.target).headers(headers).body(body).send().await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    Ok((status, headers, answer.bytes().await?).into_response())
}

async fn counted(way: &Way, headers: HeaderMap, body: Bytes) -> Result<Response, Fail> {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    let request: Value = serde_json::from_slice(&body)?;
    let mut asking = request.clone();
    asking["ReturnConsumedCapacity"] = json!("TOTAL");
    let answer = forward(way, headers, Bytes::from(asking.to_string())).await?;
    let (parts, answered) = answer.into_parts();
    let answered = axum::body::to_bytes(answered, usize::MAX).await?;
    let mut told: Value = serde_json::from_slice(&answered)?;
    let consumed = told.as_object_mut().and_then(|told| told.remove("ConsumedCapacity")).unwrap_or_default();
    let bytes = body.len() + told.to_string().len();
    way.seen().push(Call { operation, body: request, bytes, units: units(&consumed) });
    Ok((parts, answered).into_response())
}

fn units(consumed: &Value) -> f64 {
    match consumed.as_array() {
        Some(tables) => tables.iter().map(units).sum(),
        None => consumed["CapacityUnits"].as_f64().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(operation: &str, units: f64) -> Call {
        Call { operation: operation.into(), body: Value::Null, bytes: 100, units }
    }

    #[test]
    fn reads_and_writes_are_added_up_apart() {
        let cost = Cost::of(&[call("Query", 0.5), call("TransactWriteItems", 12.0)]);
        assert_eq!(cost, Cost { round_trips: 2, read_units: 0.5, write_units: 12.0, bytes: 200 });
    }

    #[test]
    fn a_transaction_tells_its_units_table_by_table() {
        assert_eq!(units(&json!([{ "CapacityUnits": 4.0 }, { "CapacityUnits": 2.5 }])), 6.5);
        assert_eq!(units(&json!({ "CapacityUnits": 0.5 })), 0.5);
        assert_eq!(units(&Value::Null), 0.0);
    }
}
