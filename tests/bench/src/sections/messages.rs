//! From a commit over stream, topic and queue to the customer.
//!
//! The harness is stream and queue: it reads the store's stream as often as Lambda does and hands `relay` what the
//! template's filter lets through; what `relay` publishes it hands to `notify`, filtered as the subscription says.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::encode_shard_iterator;
use oms_testkit::builders::user;
use oms_testkit::store::ORDERS;
use serde_json::{Value, json};

use crate::lambda::Pool;
use crate::report::{Row, Target};
use crate::services::{Message, News, Services, queue_event};
use crate::stats::Sample;
use crate::store::{Keeps, Store};
use crate::{Context, Fail, clock, requests};

const SECTION: &str = "Messages";

/// How often Lambda looks at a stream's shard: four times a second.
const POLL_MILLIS: u64 = 250;

/// Records of one batch, as in the template.
const BATCH: usize = 100;

/// Messages of one batch of the queue.
const QUEUE_BATCH: usize = 10;

/// Between two orders, in milliseconds.
const ORDER_EVERY_MILLIS: u64 = 97;

/// How long the last messages may take.
const PATIENCE_SECONDS: u64 = 20;

/// E-mail and text message.
const CHANNELS: usize = 2;

/// Public sequence numbers are the stored ones plus this.
const SEQUENCE_OFFSET: i128 = 100_000_000_000_000_000_000;

/// An order on its way to its customer.
#[derive(Default)]
struct Journey {
    asked: Option<Instant>,
    answered: Option<Instant>,
    published: Option<Instant>,
    sent: Vec<Instant>,
}

type Journeys = HashMap<String, Journey>;

pub(crate) async fn run(context: &Context) -> Result<Vec<Row>, Fail> {
    let store = Store::start(Keeps::Memory, true).await?;
    let mut services = Services::start().await?;
    let told = context.binaries.template().told()?;
    let start = |package: &'static str| {
        let program = context.binaries.function(package, &store.endpoint, &services.endpoint);
        async move { Pool::start(&program?, 1).await }
    };
    let (create, relay, notify) = (start("create-order").await?, start("relay").await?, start("notify").await?);
    let orders = context.pick(300, 30);
    let (queue, mut queued) = tokio::sync::mpsc::unbounded_channel::<Message>();
    let mut journeys = Journeys::new();
    {
        let work = async {
            tokio::select! {
                ended = stream(&store, &relay) => ended,
                ended = deliver(&notify, &mut queued) => ended,
            }
        };
        let placing = place(&create, orders);
        tokio::pin!(work, placing);
        let mut placed = false;
        let mut deadline = clock::now() + Duration::from_hours(1);
        loop {
            tokio::select! {
                ended = &mut work => return Err(ended.err().unwrap_or_else(|| "the stream ended".into())),
                all = &mut placing, if !placed => {
                    placed = true;
                    for (id, asked, answered) in all? {
                        let journey = journeys.entry(id).or_default();
                        (journey.asked, journey.answered) = (Some(asked), Some(answered));
                    }
                    deadline = clock::now() + Duration::from_secs(PATIENCE_SECONDS);
                }
                Some(news) = services.news.recv() => note(&mut journeys, news, &told, &queue)?,
                () = tokio::time::sleep(Duration::from_millis(20)) => {}
            }
            let done = placed && journeys.values().all(|journey| journey.sent.len() >= CHANNELS);
            if done || clock::now() > deadline {
                break;
            }
        }
    }
    for pool in [create, relay, notify] {
        pool.stop().await?;
    }
    rows(&journeys, orders)
}

/// Places orders one after the other; when each was asked for and answered.
async fn place(create: &Pool, orders: usize) -> Result<Vec<(String, Instant, Instant)>, Fail> {
    let mut placed = Vec::with_capacity(orders);
    for number in 0..orders {
        let asked = clock::now();
        let event = requests::create(&user(&format!("customer-{number}")), "first");
        let body = requests::expect(&create.invoke(event).await?, 201)?;
        placed.push((requests::shown_id(&body)?.to_string(), asked, clock::now()));
        tokio::time::sleep(Duration::from_millis(ORDER_EVERY_MILLIS)).await;
    }
    Ok(placed)
}

/// Reads the stream and hands stored events to `relay`, for ever.
async fn stream(store: &Store, relay: &Pool) -> Result<(), Fail> {
    let mut position = 0;
    let shard = dynoxide::streams::shard_id(ORDERS.name);
    loop {
        let shard_iterator = encode_shard_iterator(ORDERS.name, &shard, position);
        let read = store.database.get_records(GetRecordsRequest { shard_iterator, limit: Some(BATCH) })?;
        let full = read.records.len() == BATCH;
        let mut wanted = Vec::new();
        for record in read.records {
            let number: i128 = record.dynamodb.sequence_number.parse()?;
            position = i64::try_from(number - SEQUENCE_OFFSET)?;
            let mut record = serde_json::to_value(record)?;
            record["eventSourceARN"] = "arn:aws:dynamodb:eu-central-1:123456789012:table/orders/stream/bench".into();
            if is_new_event(&record) {
                wanted.push(record);
            }
        }
        if !wanted.is_empty() {
            let answer = relay.invoke(Bytes::from(json!({ "Records": wanted }).to_string())).await?;
            nothing_failed(&answer)?;
        }
        if !full {
            tokio::time::sleep(Duration::from_millis(POLL_MILLIS)).await;
        }
    }
}

/// The filter of the template's event source.
fn is_new_event(record: &Value) -> bool {
    let sort_key = record["dynamodb"]["NewImage"]["sk"]["S"].as_str().unwrap_or_default();
    record["eventName"] == "INSERT" && sort_key.starts_with("EVENT#")
}

fn nothing_failed(answer: &Bytes) -> Result<(), Fail> {
    let answer: Value = serde_json::from_slice(answer)?;
    match answer["batchItemFailures"].as_array() {
        Some(failures) if !failures.is_empty() => Err(format!("a batch failed: {answer}").into()),
        _ => Ok(()),
    }
}

/// Hands messages to `notify` as they come, for ever.
async fn deliver(notify: &Pool, queued: &mut tokio::sync::mpsc::UnboundedReceiver<Message>) -> Result<(), Fail> {
    let mut batch = Vec::with_capacity(QUEUE_BATCH);
    while queued.recv_many(&mut batch, QUEUE_BATCH).await > 0 {
        nothing_failed(&notify.invoke(queue_event(&batch)).await?)?;
        batch.clear();
    }
    Ok(())
}

fn note(
    journeys: &mut Journeys,
    news: News,
    told: &[String],
    queue: &tokio::sync::mpsc::UnboundedSender<Message>,
) -> Result<(), Fail> {
    match news {
        News::Published(message) if told.contains(&message.kind) => {
            journeys.entry(message.group.clone()).or_default().published.get_or_insert(message.at);
            queue.send(message)?;
        }
        News::Published(_) => {}
        News::Sent { text, at } => {
            if let Some(id) = order_of(&text) {
                journeys.entry(id).or_default().sent.push(at);
            }
        }
    }
    Ok(())
}

/// The order that a message links to.
fn order_of(text: &str) -> Option<String> {
    const ID: usize = 36;
    let (_, rest) = text.split_once("/orders/")?;
    rest.get(..ID).map(str::to_owned)
}

fn rows(journeys: &Journeys, orders: usize) -> Result<Vec<Row>, Fail> {
    let between = |from: fn(&Journey) -> Option<Instant>, to: fn(&Journey) -> Option<Instant>| {
        let spans =
            journeys.values().filter_map(move |journey| Some(to(journey)?.saturating_duration_since(from(journey)?)));
        Sample::of(spans.map(clock::millis))
    };
    let complete = journeys.values().filter(|journey| journey.sent.len() == CHANNELS).count();
    if complete != orders {
        return Err(format!("{complete} of {orders} orders were told of on both channels").into());
    }
    let last: fn(&Journey) -> Option<Instant> = |journey| journey.sent.iter().max().copied();
    let steps = [
        ("commit to published", between(|journey| journey.answered, |journey| journey.published)),
        ("published to sent, both channels", between(|journey| journey.published, last)),
        ("commit to sent", between(|journey| journey.answered, last)),
        ("request to sent", between(|journey| journey.asked, last)),
    ];
    let mut rows = Vec::new();
    for (name, sample) in steps {
        rows.push(Row::new(SECTION, name, "p50", sample.median(), "ms"));
        let row = Row::new(SECTION, name, "P95", sample.percentile(95), "ms");
        rows.push(if name == "request to sent" { row.at_most(Target::Below(1_000.0)) } else { row });
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_new_events_pass_the_filter() {
        let record =
            |name: &str, sk: &str| json!({ "eventName": name, "dynamodb": { "NewImage": { "sk": { "S": sk } } } });
        assert!(is_new_event(&record("INSERT", "EVENT#0000000001")));
        assert!(!is_new_event(&record("MODIFY", "EVENT#0000000001")) && !is_new_event(&record("INSERT", "ORDER")));
    }

    #[test]
    fn a_message_names_its_order_by_its_link() {
        let text = "has been placed. https://shop.example.com/orders/9bf1b61a-796e-806d-bcd2-ce7c1603db90\\n";
        assert_eq!(order_of(text).as_deref(), Some("9bf1b61a-796e-806d-bcd2-ce7c1603db90"));
        assert_eq!(order_of("nothing"), None);
    }
}
