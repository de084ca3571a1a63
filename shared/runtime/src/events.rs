//! Event sources other than HTTP: the stream, queues, the schedule.

use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;

use aws_lambda_events::event::dynamodb;
use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use aws_lambda_events::event::streams::{KinesisBatchItemFailure, KinesisEventResponse};
use oms_app::Error;
use oms_app::catalog::alert_stock::Touched;
use oms_app::platform::relay::StreamRecord;
use oms_domain::public_event::CloudEvent;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::function::{Failure, Function};
use crate::watch::{Outcome, Verdict, Watch};

/// A handler and what it works with.
type Wired<S, E, F> = (Arc<S>, fn(Arc<S>, E) -> F);

fn read<T: DeserializeOwned>(event: Value, what: &str) -> Result<T, Failure> {
    serde_json::from_value(event).map_err(|error| Failure(format!("not {what}: {error}")))
}

/// A function behind a FIFO queue of public events; each message succeeds or fails by itself.
///
/// A message that fails keeps those behind it of the same group, so that order is kept per order. A message that cannot
/// be read fails until its tries end in the dead-letter queue.
pub fn queue<S, F>(state: S, handler: fn(Arc<S>, CloudEvent) -> F) -> Function
where
    S: Send + Sync + 'static,
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    Function::event((state.into(), handler), run_queue)
}

async fn run_queue<S, F>(parts: Arc<Wired<S, CloudEvent, F>>, event: Value, watch: Watch) -> Result<Value, Failure>
where
    S: Send + Sync + 'static,
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    let (state, handler) = parts.as_ref();
    each_message(event, &watch, |event, _| handler(state.clone(), event)).await
}

/// The same, for a handler that wants to know for which time a message is delivered: 1 for the first.
pub fn counted_queue<S, F>(state: S, handler: fn(Arc<S>, Counted) -> F) -> Function
where
    S: Send + Sync + 'static,
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    Function::event((state.into(), handler), run_counted_queue)
}

/// An event and for which time it is delivered.
pub type Counted = (CloudEvent, u32);

async fn run_counted_queue<S, F>(parts: Arc<Wired<S, Counted, F>>, event: Value, watch: Watch) -> Result<Value, Failure>
where
    S: Send + Sync + 'static,
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    let (state, handler) = parts.as_ref();
    each_message(event, &watch, |event, delivery| handler(state.clone(), (event, delivery))).await
}

async fn each_message<F>(event: Value, watch: &Watch, handler: impl Fn(CloudEvent, u32) -> F) -> Result<Value, Failure>
where
    F: Future<Output = Result<(), Error>>,
{
    let batch: SqsEvent = read(event, "a queue event")?;
    let mut stuck: HashSet<String> = HashSet::new();
    let mut response = SqsBatchResponse::default();
    for message in batch.records {
        let group = message.attributes.get("MessageGroupId").cloned().unwrap_or_default();
        let done = !stuck.contains(&group) && handle(&message, watch, &handler).await;
        if !done {
            stuck.insert(group);
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = message.message_id.unwrap_or_default();
            response.batch_item_failures.push(failure);
        }
    }
    serde_json::to_value(response).map_err(|error| Failure(error.to_string()))
}

async fn handle<F>(message: &SqsMessage, watch: &Watch, handler: &impl Fn(CloudEvent, u32) -> F) -> bool
where
    F: Future<Output = Result<(), Error>>,
{
    let message_id = message.message_id.as_deref().unwrap_or_default();
    let tries = message.attributes.get("ApproximateReceiveCount").map_or("", String::as_str);
    let read = serde_json::from_str::<CloudEvent>(message.body.as_deref().unwrap_or_default());
    let (event_id, cause) = match &read {
        Ok(event) => (event.id.clone(), event.correlationid.clone()),
        Err(_) => (String::new(), message_id.to_owned()),
    };
    let work = async {
        let event = read.map_err(|error| {
            tracing::error!(message_id, tries, %error, "message cannot be read");
        })?;
        handler(event, tries.parse().unwrap_or(1)).await.map_err(|error| {
            if error.is_transient() {
                tracing::warn!(message_id, tries, event_id, %error, "message comes again");
            } else {
                tracing::error!(message_id, tries, event_id, %error, "message failed");
            }
        })
    };
    let facts = || vec![("event_id", event_id.clone()), ("tries", tries.to_owned())];
    watch.over(&cause, work, |done| (failed_unless(done.is_ok()), facts())).await.is_ok()
}

fn failed_unless(done: bool) -> Outcome {
    if done { Outcome::Done } else { Outcome::Failed }
}

/// A function behind the stream of stored events; answers with the records that must come again.
pub fn stream<S, F>(state: S, handler: fn(Arc<S>, Vec<StreamRecord>) -> F) -> Function
where
    S: Send + Sync + 'static,
    F: Future<Output = Vec<String>> + Send + 'static,
{
    Function::event((state.into(), handler), run_stream)
}

async fn run_stream<S, F>(
    parts: Arc<Wired<S, Vec<StreamRecord>, F>>,
    event: Value,
    watch: Watch,
) -> Result<Value, Failure>
where
    S: Send + Sync + 'static,
    F: Future<Output = Vec<String>> + Send + 'static,
{
    let (state, handler) = parts.as_ref();
    let batch: dynamodb::Event = read(event, "a stream event")?;
    let records: Vec<StreamRecord> = batch.records.into_iter().map(stored_event).collect();
    let first = records.first().map(|record| record.sequence_number.clone());
    batch_of(&watch, first, records.len(), handler(state.clone(), records)).await
}

/// Records of many requests: the batch goes by the place of its first record in the stream.
async fn batch_of(
    watch: &Watch,
    first: Option<String>,
    records: usize,
    work: impl Future<Output = Vec<String>>,
) -> Result<Value, Failure> {
    let verdict = |failed: &Vec<String>| -> Verdict {
        let facts = vec![("records", records.to_string()), ("failed", failed.len().to_string())];
        (failed_unless(failed.is_empty()), facts)
    };
    unfinished(watch.over(&format!("stream-{}", first.unwrap_or_default()), work, verdict).await)
}

fn unfinished(sequence_numbers: Vec<String>) -> Result<Value, Failure> {
    let mut response = KinesisEventResponse::default();
    for sequence_number in sequence_numbers {
        let mut failure = KinesisBatchItemFailure::default();
        failure.item_identifier = Some(sequence_number);
        response.batch_item_failures.push(failure);
    }
    serde_json::to_value(response).map_err(|error| Failure(error.to_string()))
}

/// A text of an image or a key.
fn image_text(image: &impl serde::Serialize, name: &str) -> Option<String> {
    let image = serde_json::to_value(image).ok()?;
    let attribute = image.get(name)?;
    attribute.get("S").and_then(Value::as_str).or_else(|| attribute.as_str()).map(ToOwned::to_owned)
}

/// What the relay needs of a record; a record without it is passed on to be reported, never dropped.
fn stored_event(record: dynamodb::EventRecord) -> StreamRecord {
    let change = record.change;
    let text = |name: &str| image_text(&change.new_image, name);
    let order_id = text("pk").and_then(|key| key.strip_prefix("ORDER#").and_then(|id| id.parse().ok()));
    let version = text("sk").and_then(|key| key.strip_prefix("EVENT#").and_then(|version| version.parse().ok()));
    StreamRecord {
        order_id,
        version,
        body: text("body").unwrap_or_default(),
        sequence_number: change.sequence_number.unwrap_or_default(),
    }
}

/// A function behind the stream of products; answers with the records that must come again.
pub fn products<S, F>(state: S, handler: fn(Arc<S>, Vec<Touched>) -> F) -> Function
where
    S: Send + Sync + 'static,
    F: Future<Output = Vec<String>> + Send + 'static,
{
    Function::event((state.into(), handler), run_products)
}

async fn run_products<S, F>(parts: Arc<Wired<S, Vec<Touched>, F>>, event: Value, watch: Watch) -> Result<Value, Failure>
where
    S: Send + Sync + 'static,
    F: Future<Output = Vec<String>> + Send + 'static,
{
    let (state, handler) = parts.as_ref();
    let batch: dynamodb::Event = read(event, "a stream event")?;
    let records: Vec<Touched> = batch.records.into_iter().map(touched).collect();
    let first = records.first().map(|record| record.sequence_number.clone());
    batch_of(&watch, first, records.len(), handler(state.clone(), records)).await
}

fn touched(record: dynamodb::EventRecord) -> Touched {
    let key = image_text(&record.change.keys, "pk");
    Touched {
        product_id: key.and_then(|key| key.strip_prefix("PRODUCT#").and_then(|id| id.parse().ok())),
        sequence_number: record.change.sequence_number.unwrap_or_default(),
    }
}

/// What a scheduled run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ran {
    /// There was nothing to do.
    Idle,
    /// There was.
    Worked,
}

/// A function behind a schedule; gets the correlation id of its run.
pub fn schedule<S, F>(state: S, handler: fn(Arc<S>, String) -> F) -> Function
where
    S: Send + Sync + 'static,
    F: Future<Output = Result<Ran, Error>> + Send + 'static,
{
    Function::event((state.into(), handler), run_schedule)
}

async fn run_schedule<S, F>(parts: Arc<Wired<S, String, F>>, event: Value, watch: Watch) -> Result<Value, Failure>
where
    S: Send + Sync + 'static,
    F: Future<Output = Result<Ran, Error>> + Send + 'static,
{
    let (state, handler) = parts.as_ref();
    let id = event.get("id").and_then(Value::as_str).unwrap_or("schedule").to_owned();
    let work = async {
        handler(state.clone(), id.clone()).await.map_err(|error| {
            tracing::error!(%error, "scheduled run failed");
            Failure(error.to_string())
        })
    };
    let verdict = |ran: &Result<Ran, Failure>| -> Verdict {
        let outcome = match ran {
            Ok(Ran::Idle) => Outcome::Idle,
            Ok(Ran::Worked) => Outcome::Done,
            Err(_) => Outcome::Failed,
        };
        (outcome, Vec::new())
    };
    watch.over(&id, work, verdict).await.map(|_| Value::Null)
}
