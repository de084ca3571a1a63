//! Between the SDK and the network: counts every round trip, reads what it cost, and breaks it on request.
//!
//! The meter asks for consumed capacity in the requests themselves, so the adapters need not know of it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::size::item_bytes;
use crate::fault::{Between, Fault, Faults};
use crate::time::SeededRandom;

/// Operations that say what they consumed when asked.
const METERED: [&str; 9] = [
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "GetItem",
    "PutItem",
    "Query",
    "TransactGetItems",
    "TransactWriteItems",
    "UpdateItem",
];

/// Operations that write.
const WRITES: [&str; 4] = ["DeleteItem", "PutItem", "TransactWriteItems", "UpdateItem"];

/// What calls consumed, in capacity units over tables and indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Capacity {
    /// Units of reads.
    pub read: Decimal,
    /// Units of writes.
    pub write: Decimal,
}

/// An action as roles name it, e.g. `PutItem`, and the table or index (`orders/by_status`) that it concerns.
pub type Use = (String, String);

/// One round trip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// E.g. `Query`.
    pub operation: String,
    /// What a role must allow for it; the parts of a transaction one by one.
    pub uses: BTreeSet<Use>,
    /// What it consumed, if it was answered.
    pub capacity: Capacity,
}

enum Planned {
    Fault(Fault),
    LostThen(Between),
}

/// Faults by chance, each in times per thousand.
struct Chance {
    random: SeededRandom,
    per_mille: Vec<(Fault, u64)>,
}

#[derive(Default)]
struct Readings {
    calls: Vec<Call>,
    /// Largest item put or read so far by the first part of its sort key.
    sizes: BTreeMap<String, usize>,
    planned: VecDeque<Planned>,
    chance: Option<Chance>,
    collisions: Option<Collisions>,
}

/// Transactions that are under way, as the real store sees them: two that write the same item conflict.
#[derive(Default)]
struct Collisions {
    under_way: BTreeSet<String>,
    conflicts: usize,
}

/// A transaction that is under way; over when this is dropped.
struct UnderWay {
    meter: Meter,
    keys: Vec<String>,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some(collisions) = &mut self.meter.readings().collisions {
            self.keys.iter().for_each(|key| {
                collisions.under_way.remove(key);
            });
        }
    }
}

impl Readings {
    fn weigh<'a>(&mut self, items: impl Iterator<Item = &'a Map<String, Value>>) {
        for item in items {
            let sort_key =
                item.get("sk").and_then(|value| value.pointer("/S")).and_then(Value::as_str).unwrap_or_default();
            let kind = sort_key.split('#').next().unwrap_or_default().to_owned();
            let largest = self.sizes.entry(kind).or_default();
            *largest = (*largest).max(item_bytes(item));
        }
    }
}

/// Counts, measures and disturbs the calls of one client. Clones share the readings.
#[derive(Clone, Default)]
pub struct Meter(Arc<Mutex<Readings>>);

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meter")
    }
}

impl Meter {
    pub(super) fn new() -> Self {
        Meter::default()
    }

    /// The network as this meter sees it.
    pub(super) fn around(&self, inner: SharedHttpClient) -> SharedHttpClient {
        SharedHttpClient::new(MeteredClient { inner, meter: self.clone() })
    }

    fn readings(&self) -> MutexGuard<'_, Readings> {
        self.0.lock().unwrap()
    }

    /// Forgets what was counted and measured; faults stay planned.
    pub fn reset(&self) {
        let mut readings = self.readings();
        readings.calls.clear();
        readings.sizes.clear();
    }

    /// Every round trip since the last reset, also those that failed.
    pub fn calls(&self) -> Vec<Call> {
        self.readings().calls.clone()
    }

    /// Their operations.
    pub fn operations(&self) -> Vec<String> {
        self.readings().calls.iter().map(|call| call.operation.clone()).collect()
    }

    /// What a role must allow for all of them.
    pub fn uses(&self) -> BTreeSet<Use> {
        self.readings().calls.iter().flat_map(|call| call.uses.clone()).collect()
    }

    /// How many there were.
    pub fn round_trips(&self) -> usize {
        self.readings().calls.len()
    }

    /// What they consumed together.
    pub fn capacity(&self) -> Capacity {
        self.readings().calls.iter().fold(Capacity::default(), |sum, call| Capacity {
            read: sum.read + call.capacity.read,
            write: sum.write + call.capacity.write,
        })
    }

    /// Largest item put or read since the last reset, in bytes, by the first part of its sort key (`ORDER`, `EVENT`, …).
    pub fn item_sizes(&self) -> BTreeMap<String, usize> {
        self.readings().sizes.clone()
    }

    /// From now on faults happen by chance, each in so many of a thousand calls that it can strike.
    pub fn disturb(&self, seed: u64, per_mille: &[(Fault, u64)]) {
        self.readings().chance = Some(Chance { random: SeededRandom::new(seed), per_mille: per_mille.to_vec() });
    }

    /// From now on two transactions that write the same item at the same time conflict, as in the real store; the
    /// embedded one runs them one after the other.
    pub fn collide(&self) {
        self.readings().collisions = Some(Collisions::default());
    }

    /// How often transactions have collided.
    pub fn conflicts(&self) -> usize {
        self.readings().collisions.as_ref().map_or(0, |collisions| collisions.conflicts)
    }

    /// Begins a transaction, or tells which of its items somebody else is writing.
    fn begin(&self, operation: &str, request: &Map<String, Value>) -> Result<Option<UnderWay>, Vec<bool>> {
        let mut readings = self.readings();
        let Some(collisions) = readings.collisions.as_mut().filter(|_| operation == "TransactWriteItems") else {
            return Ok(None);
        };
        let items = request.get("TransactItems").and_then(Value::as_array);
        let keys: Vec<String> = items.into_iter().flatten().map(written_key).collect();
        let taken: Vec<bool> = keys.iter().map(|key| collisions.under_way.contains(key)).collect();
        if taken.contains(&true) {
            collisions.conflicts += 1;
            return Err(taken);
        }
        collisions.under_way.extend(keys.iter().cloned());
        Ok(Some(UnderWay { meter: self.clone(), keys }))
    }

    /// No more faults, neither planned nor by chance.
    pub fn calm(&self) {
        let mut readings = self.readings();
        readings.chance = None;
        readings.planned.clear();
    }

    /// What is to happen to this call.
    fn plan(&self, operation: &str) -> Option<Planned> {
        let strikes = |fault: Fault| match fault {
            Fault::Conflict => operation == "TransactWriteItems",
            Fault::LostAcknowledgement => WRITES.contains(&operation),
            Fault::Throttle | Fault::Unavailable => true,
        };
        let mut readings = self.readings();
        let next = match readings.planned.front() {
            Some(Planned::Fault(fault)) => strikes(*fault),
            Some(Planned::LostThen(_)) => operation == "TransactWriteItems",
            None => false,
        };
        if next {
            return readings.planned.pop_front();
        }
        let chance = readings.chance.as_ref()?;
        let mut possible = chance.per_mille.iter().filter(|(fault, _)| strikes(*fault));
        let struck = possible.find(|(_, per_mille)| chance.random.happens(*per_mille));
        struck.map(|(fault, _)| Planned::Fault(*fault))
    }

    fn measure(&self, operation: &str, request: &Map<String, Value>) {
        let put = request.get("Item").into_iter();
        let transacted = request.get("TransactItems").and_then(Value::as_array).into_iter().flatten();
        let items = put.chain(transacted.filter_map(|part| part.pointer("/Put/Item"))).filter_map(Value::as_object);
        let mut readings = self.readings();
        for item in items {
            let sort_key =
                item.get("sk").and_then(|value| value.pointer("/S")).and_then(Value::as_str).unwrap_or_default();
            let kind = sort_key.split('#').next().unwrap_or_default().to_owned();
            let largest = readings.sizes.entry(kind).or_default();
            *largest = (*largest).max(item_bytes(item));
        }
        let uses = uses(operation, request);
        readings.calls.push(Call { operation: operation.to_owned(), uses, capacity: Capacity::default() });
    }

    /// Adds what the answer says to the last call of this operation; with calls in parallel sums stay right.
    fn cost(&self, operation: &str, answer: &Value) {
        let consumed = match answer.get("ConsumedCapacity") {
            Some(Value::Array(tables)) => tables.iter().map(units).sum(),
            Some(table) => units(table),
            None => Decimal::ZERO,
        };
        let writes = WRITES.contains(&operation) || operation == "BatchWriteItem";
        let items = answer.get("Items").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
        let mut readings = self.readings();
        readings.weigh(items);
        if let Some(call) = readings.calls.iter_mut().rev().find(|call| call.operation == operation) {
            let side = if writes { &mut call.capacity.write } else { &mut call.capacity.read };
            *side += consumed;
        }
    }
}

/// What a role must allow for a call. A transaction is judged by its parts.
fn uses(operation: &str, request: &Map<String, Value>) -> BTreeSet<Use> {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
    if let Some(tables) = request.get("RequestItems").and_then(Value::as_object) {
        return tables.keys().map(|table| (operation.to_owned(), table.clone())).collect();
    }
    if let Some(parts) = request.get("TransactItems").and_then(Value::as_array) {
        let parts = parts.iter().filter_map(Value::as_object).flatten();
        let named = parts.map(|(kind, part)| {
            let action = if kind == "ConditionCheck" { "ConditionCheckItem".to_owned() } else { format!("{kind}Item") };
            (action, text(part, "TableName").unwrap_or_default())
        });
        return named.collect();
    }
    let request = Value::Object(request.clone());
    let table = text(&request, "TableName").unwrap_or_default();
    let place = text(&request, "IndexName").map_or(table.clone(), |index| format!("{table}/{index}"));
    BTreeSet::from([(operation.to_owned(), place)])
}

fn units(table: &Value) -> Decimal {
    table.get("CapacityUnits").and_then(|units| units.to_string().parse().ok()).unwrap_or_default()
}

impl Faults for Meter {
    fn inject(&self, fault: Fault, times: usize) {
        let mut readings = self.readings();
        (0..times).for_each(|_| readings.planned.push_back(Planned::Fault(fault)));
    }

    fn lose_acknowledgement_then(&self, between: Between) {
        self.readings().planned.push_back(Planned::LostThen(between));
    }
}

#[derive(Debug)]
struct MeteredClient {
    inner: SharedHttpClient,
    meter: Meter,
}

impl HttpClient for MeteredClient {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(MeteredConnector { inner, meter: self.meter.clone() })
    }
}

#[derive(Debug)]
struct MeteredConnector {
    inner: SharedHttpConnector,
    meter: Meter,
}

impl HttpConnector for MeteredConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (inner, meter) = (self.inner.clone(), self.meter.clone());
        HttpConnectorFuture::new(async move { pass(&inner, &meter, request).await })
    }
}

async fn pass(
    inner: &SharedHttpConnector,
    meter: &Meter,
    mut request: HttpRequest,
) -> Result<HttpResponse, ConnectorError> {
    let operation = operation(&request);
    let body = ask_for_capacity(&mut request, &operation);
    meter.measure(&operation, &body);
    let lost = match meter.plan(&operation) {
        Some(Planned::Fault(Fault::LostAcknowledgement)) => Some(None),
        Some(Planned::LostThen(between)) => Some(Some(between)),
        Some(Planned::Fault(fault)) => return Ok(refusal(fault, &body)),
        None => None,
    };
    let under_way = match meter.begin(&operation, &body) {
        Ok(under_way) => under_way,
        Err(taken) => return Ok(answer_of(400, &cancelled(&taken))),
    };
    let response = inner.call(request).await?;
    drop(under_way);
    let answer = read_answer(meter, &operation, response).await?;
    match lost {
        None => Ok(answer),
        Some(between) => {
            if let Some(between) = between {
                between.await;
            }
            Err(ConnectorError::io("a fault that the test asked for: the answer is lost".into()))
        }
    }
}

fn operation(request: &HttpRequest) -> String {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default().to_owned()
}

/// Asks the store to say what the call consumes; the embedded store does not check signatures.
fn ask_for_capacity(request: &mut HttpRequest, operation: &str) -> Map<String, Value> {
    let bytes = request.body().bytes().unwrap_or_default();
    let Ok(Value::Object(mut body)) = serde_json::from_slice(bytes) else { return Map::new() };
    if METERED.contains(&operation) {
        body.insert("ReturnConsumedCapacity".into(), "TOTAL".into());
        let text = serde_json::to_string(&body).unwrap();
        request.headers_mut().insert("content-length", text.len().to_string());
        *request.body_mut() = SdkBody::from(text);
    }
    body
}

async fn read_answer(
    meter: &Meter,
    operation: &str,
    mut response: HttpResponse,
) -> Result<HttpResponse, ConnectorError> {
    use aws_smithy_types::byte_stream::ByteStream;
    let collected = ByteStream::new(response.take_body()).collect().await;
    let bytes = collected.map_err(|error| ConnectorError::io(error.into()))?.into_bytes();
    if let Ok(answer) = serde_json::from_slice::<Value>(&bytes) {
        meter.cost(operation, &answer);
    }
    *response.body_mut() = SdkBody::from(bytes);
    Ok(response)
}

/// What the store would answer.
fn refusal(fault: Fault, request: &Map<String, Value>) -> HttpResponse {
    match fault {
        Fault::Conflict => {
            // The last item: in most changes that is a product's stock.
            let items = request.get("TransactItems").and_then(Value::as_array).map_or(0, Vec::len);
            let taken: Vec<bool> = (1..=items).map(|position| position == items).collect();
            answer_of(400, &cancelled(&taken))
        }
        Fault::Throttle => {
            answer_of(400, &json!({ "__type": named("ThrottlingException"), "message": "Rate exceeded" }))
        }
        Fault::Unavailable | Fault::LostAcknowledgement => {
            answer_of(500, &json!({ "__type": named("InternalServerError"), "message": "Internal server error" }))
        }
    }
}

fn named(name: &str) -> String {
    format!("com.amazonaws.dynamodb.v20120810#{name}")
}

fn answer_of(status: u16, body: &Value) -> HttpResponse {
    let mut response = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body.to_string()));
    response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
    response
}

/// A cancellation that says which items were being written by somebody else.
fn cancelled(taken: &[bool]) -> Value {
    let reason = |taken: &bool| json!({ "Code": if *taken { "TransactionConflict" } else { "None" } });
    let reasons: Vec<Value> = taken.iter().map(reason).collect();
    let message = "Transaction cancelled, please refer cancellation reasons for specific reasons";
    json!({ "__type": named("TransactionCanceledException"), "Message": message, "CancellationReasons": reasons })
}

/// Table and key of one item of a transaction.
fn written_key(item: &Value) -> String {
    let part = item.as_object().and_then(|parts| parts.values().next()).unwrap_or(&Value::Null);
    let key = part.get("Key").or_else(|| part.get("Item")).unwrap_or(&Value::Null);
    let text = |pointer: &str| key.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let table = part.get("TableName").and_then(Value::as_str).unwrap_or_default();
    format!("{table}/{}/{}", text("/pk/S"), text("/sk/S"))
}
