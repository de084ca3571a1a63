//! Queues, the stream and the schedule: what succeeds by itself, what comes again, and in which order.

use std::sync::{Arc, Mutex};

use oms_app::Error;
use oms_app::platform::relay::StreamRecord;
use oms_domain::actor::Actor;
use oms_domain::ordering::Status;
use oms_domain::public_event::{CloudEvent, Fact, PublicEvent};
use oms_runtime::events::{self, Ran};
use oms_testkit::builders::order_id;
use oms_testkit::start;
use serde_json::{Value, json};

type Seen = Arc<Mutex<Vec<String>>>;

fn told(order: u64, version: u64) -> CloudEvent {
    let subject = order_id(order);
    CloudEvent {
        specversion: "1.0".into(),
        id: format!("{order}/{version}"),
        source: "/oms/orders".into(),
        kind: "oms.order.delivered.v1".into(),
        subject,
        time: start(),
        datacontenttype: "application/json".into(),
        correlationid: "req-1".into(),
        data: PublicEvent {
            order_number: subject.number().to_string(),
            version,
            status: Status::Delivered,
            actor: Actor::system("test"),
            fact: Fact::Delivered,
        },
    }
}

fn message(id: &str, group: &str, body: &str) -> Value {
    json!({ "messageId": id, "body": body, "attributes": { "MessageGroupId": group, "ApproximateReceiveCount": "1" } })
}

fn of(order: u64, version: u64) -> Value {
    let body = serde_json::to_string(&told(order, version)).unwrap();
    message(&format!("m{order}/{version}"), &order.to_string(), &body)
}

/// Version 13 fails for now, version 14 for good.
async fn handle(seen: Arc<Seen>, event: CloudEvent) -> Result<(), Error> {
    seen.lock().unwrap().push(event.id.clone());
    match event.data.version {
        13 => Err(Error::ServiceUnavailable("not now".into())),
        14 => Err(Error::Internal("never".into())),
        _ => Ok(()),
    }
}

/// Which events were handled, and which messages come again.
async fn delivered(messages: Vec<Value>) -> (Vec<String>, Vec<String>) {
    let seen = Seen::default();
    let answer = events::queue(seen.clone(), handle).invoke(json!({ "Records": messages })).await.unwrap();
    let failures = answer["batchItemFailures"].as_array().unwrap();
    let failed = failures.iter().map(|failure| failure["itemIdentifier"].as_str().unwrap().to_owned()).collect();
    let seen = seen.lock().unwrap().clone();
    (seen, failed)
}

#[tokio::test]
async fn messages_that_are_handled_do_not_come_again() {
    let (seen, failed) = delivered(vec![of(1, 1), of(2, 1), of(1, 2)]).await;
    assert_eq!(seen, ["1/1", "2/1", "1/2"]);
    assert!(failed.is_empty());
}

#[tokio::test]
async fn a_failure_keeps_what_is_behind_it_in_its_group_and_no_other_group() {
    // A customer never hears "delivered" before "shipped".
    for failing in [13, 14] {
        let (seen, failed) = delivered(vec![of(1, 1), of(1, failing), of(2, 1), of(1, 15), of(2, 2)]).await;
        assert_eq!(seen, ["1/1".to_owned(), format!("1/{failing}"), "2/1".to_owned(), "2/2".to_owned()]);
        assert_eq!(failed, [format!("m1/{failing}"), "m1/15".to_owned()]);
    }
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_reported_and_keeps_its_group() {
    let (seen, failed) = delivered(vec![message("poison", "1", "{"), of(1, 1), of(2, 1)]).await;
    assert_eq!(seen, ["2/1"]);
    assert_eq!(failed, ["poison", "m1/1"]);
}

#[tokio::test]
async fn what_is_no_queue_event_fails_the_invocation() {
    assert!(events::queue(Seen::default(), handle).invoke(json!({ "Records": 1 })).await.is_err());
}

fn record(sequence: &str, pk: &str, body: Option<&str>) -> Value {
    let mut image = json!({ "pk": { "S": pk }, "sk": { "S": "EVENT#0000000001" } });
    if let Some(body) = body {
        image["body"] = json!({ "S": body });
    }
    json!({
        "eventID": sequence, "eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_764_583_200, "Keys": { "pk": { "S": pk } }, "NewImage": image,
            "SequenceNumber": sequence, "SizeBytes": 100, "StreamViewType": "NEW_IMAGE"
        }
    })
}

/// Fails what has no order or no body.
async fn relay(seen: Arc<Seen>, records: Vec<StreamRecord>) -> Vec<String> {
    seen.lock().unwrap().extend(records.iter().map(|record| record.body.clone()));
    let bad = records.into_iter().filter(|record| record.order_id.is_none() || record.body.is_empty());
    bad.map(|record| record.sequence_number).collect()
}

#[tokio::test]
async fn stored_events_are_handed_over_as_they_stand_and_unreadable_ones_are_reported() {
    let good = format!("ORDER#{}", order_id(1));
    let batch =
        [record("101", &good, Some("{\"a\":1}")), record("102", "PRODUCT#1", Some("{}")), record("103", &good, None)];
    let seen = Seen::default();
    let answer = events::stream(seen.clone(), relay).invoke(json!({ "Records": batch })).await.unwrap();
    assert_eq!(*seen.lock().unwrap(), ["{\"a\":1}", "{}", ""]);
    assert_eq!(answer["batchItemFailures"], json!([{ "itemIdentifier": "102" }, { "itemIdentifier": "103" }]));
}

async fn tick(seen: Arc<Seen>, id: String) -> Result<Ran, Error> {
    seen.lock().unwrap().push(id.clone());
    if id == "bad" { Err(Error::ServiceUnavailable("not now".into())) } else { Ok(Ran::Worked) }
}

#[tokio::test]
async fn a_scheduled_run_has_the_schedules_id_and_its_failure_is_the_invocations() {
    let seen = Seen::default();
    let function = events::schedule(seen.clone(), tick);
    assert_eq!(function.invoke(json!({ "id": "run-1" })).await, Ok(Value::Null));
    assert_eq!(function.invoke(json!({})).await, Ok(Value::Null));
    assert!(function.invoke(json!({ "id": "bad" })).await.is_err());
    assert_eq!(*seen.lock().unwrap(), ["run-1", "schedule", "bad"]);
}
