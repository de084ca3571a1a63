//! Faults that were found by trying the local cloud, each under the name of its row.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::dynamodb::DynamoDb;
use crate::function::{Function, Invoker};
use crate::messaging::Messaging;
use crate::sources::{Sources, Surroundings};
use crate::state::{State, StateDb, StateLocation};
use crate::template::Template;

const TEMPLATE: &str = r"
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: things
      KeySchema: [{ AttributeName: pk, KeyType: HASH }, { AttributeName: sk, KeyType: RANGE }]
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }, { AttributeName: sk, AttributeType: S }]
      StreamSpecification: { StreamViewType: NEW_IMAGE }
  OnStream:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: x/on-stream
      Events:
        Stream:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Table.StreamArn
            StartingPosition: TRIM_HORIZON
            BatchSize: 100
            FunctionResponseTypes: [ReportBatchItemFailures]
  OnTime:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: x/on-time
      Events: { Tick: { Type: Schedule, Properties: { Schedule: rate(1 minute) } } }
";

struct Rig {
    state: State,
    clock: Clock,
    dynamodb: DynamoDb,
    sources: Sources,
    /// Events by package.
    seen: Arc<Mutex<BTreeMap<String, Vec<Value>>>>,
}

impl Rig {
    async fn start(location: &StateLocation) -> Rig {
        let state = State::open(location).unwrap();
        let clock = Clock::frozen(noon());
        let template = Arc::new(Template::parse("t", TEMPLATE, &[]).unwrap());
        let messaging = Messaging::open(&state.db, &clock, &template).unwrap();
        let dynamodb = DynamoDb::start(&state, &template.tables).await.unwrap();
        let seen: Arc<Mutex<BTreeMap<String, Vec<Value>>>> = Arc::default();
        let invoker = |package: &str| {
            let (seen, package) = (Arc::clone(&seen), package.to_owned());
            let function = Function::new({
                let package = package.clone();
                move |event| {
                    seen.lock().unwrap().entry(package.clone()).or_default().push(event);
                    std::future::ready(Ok(json!({})))
                }
            });
            (package.clone(), Invoker::new(&package, function, Duration::from_secs(5)))
        };
        let invokers = ["on-stream", "on-time"].map(invoker).into();
        let around = Surroundings { clock: &clock, db: &state.db, messaging: &messaging, dynamodb: &dynamodb };
        let sources = Sources::start(&template, &invokers, &around).unwrap();
        Rig { state, clock, dynamodb, sources, seen }
    }

    async fn settle(&self) {
        assert!(self.sources.settlement().settle(Duration::from_secs(20)).await);
    }

    /// Writes items of one partition in one transaction.
    async fn write(&self, pk: &str, sort_keys: &[String]) {
        let put = |sk: &String| {
            let put = Put::builder().table_name("things").item("pk", AttributeValue::S(pk.to_owned()));
            let put = put.item("sk", AttributeValue::S(sk.clone())).build().unwrap();
            TransactWriteItem::builder().put(put).build()
        };
        let puts = sort_keys.iter().map(put).collect();
        self.dynamodb.client().transact_write_items().set_transact_items(Some(puts)).send().await.unwrap();
    }

    fn calls(&self, package: &str) -> usize {
        self.seen.lock().unwrap().get(package).map_or(0, Vec::len)
    }

    /// Partition and sort keys, batch by batch.
    fn arrived(&self) -> Vec<Vec<String>> {
        let key = |record: &Value, name: &str| record["dynamodb"]["Keys"][name]["S"].as_str().unwrap().to_owned();
        let batch = |event: &Value| {
            let records = event["Records"].as_array().unwrap().iter();
            records.map(|record| format!("{}/{}", key(record, "pk"), key(record, "sk"))).collect()
        };
        self.seen.lock().unwrap().get("on-stream").into_iter().flatten().map(batch).collect()
    }
}

fn noon() -> Timestamp {
    "2026-01-01T12:00:00Z".parse().unwrap()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

/// What AWS does not promise is not imitated: events of one transaction come swapped, and some in another batch.
#[tokio::test]
async fn l2_items_of_one_partition_arrive_out_of_order_and_split_over_batches_and_all_of_them_do() {
    let rig = Rig::start(&StateLocation::Memory).await;
    for number in 0..20 {
        rig.write(&format!("order-{number}"), &names(&["1", "2"])).await;
    }
    rig.settle().await;
    let batches = rig.arrived();
    let all: Vec<&String> = batches.iter().flatten().collect();
    assert_eq!(all.len(), 40, "each once: {batches:?}");
    for number in 0..20 {
        let of_order = all.iter().filter(|key| key.starts_with(&format!("order-{number}/")));
        let order: Vec<&str> = of_order.map(|key| key.rsplit('/').next().unwrap()).collect();
        assert_eq!(order, ["2", "1"]);
    }
    let split = batches.windows(2).filter(|pair| {
        let (last, next) = (pair[0].last().unwrap(), pair[1].first().unwrap());
        last.split('/').next() == next.split('/').next()
    });
    assert!(split.count() > 0, "{batches:?}");
}

/// One item's own order is promised.
#[tokio::test]
async fn l2_what_is_written_to_one_item_arrives_in_order() {
    let rig = Rig::start(&StateLocation::Memory).await;
    for _ in 0..3 {
        rig.write("order", &names(&["1"])).await;
    }
    rig.settle().await;
    let events: Vec<Value> = rig.seen.lock().unwrap()["on-stream"].clone();
    let records = events.iter().flat_map(|event| event["Records"].as_array().unwrap().clone());
    let numbers: Vec<String> =
        records.map(|record| record["dynamodb"]["SequenceNumber"].as_str().unwrap().to_owned()).collect();
    assert!(numbers.len() == 3 && numbers.is_sorted(), "{numbers:?}");
}

/// A send or a receive looks at what it is about, however much there is.
#[test]
fn r1_no_statement_of_a_queue_looks_at_a_whole_table() {
    let db = StateDb::memory().unwrap();
    let template = Arc::new(Template::parse("t", TEMPLATE, &[]).unwrap());
    Messaging::open(&db, &Clock::frozen(noon()), &template).unwrap();
    for statement in crate::messaging::hot_statements() {
        let plan: Vec<String> = db
            .read(|connection| {
                let mut explained = connection.prepare(&format!("EXPLAIN QUERY PLAN {statement}"))?;
                explained.raw_query().mapped(|row| row.get(3)).collect()
            })
            .unwrap();
        let whole = plan
            .iter()
            .any(|step| step.starts_with("SCAN") && !step.contains("CONSTANT") || step.contains("TEMP B-TREE"));
        assert!(!whole, "{statement}: {plan:?}");
    }
}

/// What every reader has passed is forgotten while the cloud runs, and nothing is lost or repeated by it.
#[tokio::test]
async fn r3_the_stream_is_tidied_while_it_runs() {
    let directory = tempfile::tempdir().unwrap();
    let location = StateLocation::Directory(directory.path().to_owned());
    let rig = Rig::start(&location).await;
    let numbers: Vec<String> = (0..100).map(|number| format!("{number:03}")).collect();
    for order in 0..15 {
        rig.write(&format!("order-{order}"), &numbers).await;
    }
    rig.settle().await;
    assert_eq!(rig.arrived().iter().flatten().count(), 1_500);
    let kept: usize = Connection::open(rig.state.orders.as_ref().unwrap())
        .unwrap()
        .query_row("SELECT count(*) FROM _stream_records", [], |row| row.get(0))
        .unwrap();
    assert!((1..=600).contains(&kept), "{kept} records are kept");
    rig.write("order-15", &numbers).await;
    rig.settle().await;
    assert_eq!(rig.arrived().iter().flatten().count(), 1_600);
}

/// A file is not read through at a start: what is looked at does not depend on its size.
#[test]
fn r3_a_file_that_was_cut_short_is_found_without_reading_it_through() {
    let directory = tempfile::tempdir().unwrap();
    let location = StateLocation::Directory(directory.path().to_owned());
    let state = State::open(&location).unwrap();
    let fill = "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 500)
                INSERT INTO settings SELECT 'name ' || n, hex(zeroblob(500)) FROM number";
    state.db.read(|connection| connection.execute(fill, [])).unwrap();
    state.db.close();
    State::open(&location).unwrap().db.close();
    let half = std::fs::File::options().write(true).open(directory.path().join("cloud.db")).unwrap();
    half.set_len(half.metadata().unwrap().len() / 2).unwrap();
    let told = State::open(&location).unwrap_err().to_string();
    assert!(told.contains("cloud.db is damaged"), "{told}");
}

/// The state holds keys and addresses.
#[test]
fn w6_the_state_is_its_owner_s_alone() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("state");
    std::fs::create_dir(&place).unwrap();
    std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o755)).unwrap();
    for _ in 0..2 {
        State::open(&StateLocation::Directory(place.clone())).unwrap().db.close();
        assert_eq!(std::fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o700);
    }
}

#[test]
fn i11_time_goes_on_when_the_system_s_clock_is_set_back() {
    let clock = Clock::frozen(noon());
    let minute = SignedDuration::from_mins(1);
    assert_eq!(clock.now(), noon());
    clock.set_system(noon() - SignedDuration::from_hours(1));
    assert_eq!(clock.now(), noon(), "not earlier than it was");
    clock.set_system(noon() - SignedDuration::from_hours(1) + minute);
    assert_eq!(clock.now(), noon() + minute, "and it goes on");
    clock.set_system(noon() + SignedDuration::from_hours(1));
    assert!(clock.now() >= noon() + SignedDuration::from_hours(1));
}

#[test]
fn i11_a_restart_after_the_system_s_clock_was_set_back_goes_on_too() {
    let store = StateDb::memory().unwrap();
    let clock = Clock::open(&store).unwrap();
    clock.remember().unwrap();
    // As if the system had been an hour ahead when that was stored.
    let ahead = clock.now_ms() + 3_600_000;
    store.set_setting("clock_latest_ms", &ahead.to_string()).unwrap();
    assert!(Clock::open(&store).unwrap().now_ms() >= ahead);
}

#[tokio::test]
async fn i11_schedules_run_when_the_system_s_clock_is_set_back() {
    let rig = Rig::start(&StateLocation::Memory).await;
    rig.clock.advance(Duration::from_mins(1)).unwrap();
    rig.settle().await;
    assert_eq!(rig.calls("on-time"), 1);
    rig.clock.set_system(noon() - SignedDuration::from_hours(1));
    rig.clock.advance(Duration::from_mins(1)).unwrap();
    rig.settle().await;
    assert_eq!(rig.calls("on-time"), 2);
}
