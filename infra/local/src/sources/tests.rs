use std::sync::Mutex;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde_json::json;
use tokio::sync::Notify;

use super::*;
use crate::function::{Function, Functions};
use crate::messaging::{Attribute, Message};
use crate::state::{State, StateLocation};

const TEMPLATE: &str = r#"
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: things
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      StreamSpecification: { StreamViewType: NEW_IMAGE }
  Lost: { Type: AWS::SQS::Queue, Properties: { QueueName: Lost } }
  Dead: { Type: AWS::SQS::Queue, Properties: { QueueName: Dead.fifo, FifoQueue: true } }
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: Jobs.fifo
      FifoQueue: true
      VisibilityTimeout: 60
      RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 2 }
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
            BatchSize: 10
            MaximumRetryAttempts: 2
            BisectBatchOnFunctionError: true
            FunctionResponseTypes: [ReportBatchItemFailures]
            FilterCriteria: { Filters: [{ Pattern: '{"eventName": ["INSERT"], "dynamodb": {"NewImage": {"pk": {"S": [{"prefix": "EVENT#"}]}}}}' }] }
            DestinationConfig: { OnFailure: { Type: SQS, Destination: !GetAtt Lost.Arn } }
  OnQueue:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: x/on-queue
      Events:
        Queue:
          Type: SQS
          Properties: { Queue: !GetAtt Jobs.Arn, BatchSize: 10, FunctionResponseTypes: [ReportBatchItemFailures] }
  OnTime:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: x/on-time
      Events: { Tick: { Type: Schedule, Properties: { Schedule: rate(1 minute) } } }
"#;

/// Every event that a function got, by package.
type Seen = Arc<Mutex<Vec<Value>>>;

struct Rig {
    state: State,
    clock: Clock,
    messaging: Messaging,
    dynamodb: DynamoDb,
    sources: Option<Sources>,
    template: Arc<Template>,
}

async fn rig() -> Rig {
    let state = State::open(&StateLocation::Memory).unwrap();
    let clock = Clock::frozen("2026-01-01T00:00:00Z".parse().unwrap());
    let template = Arc::new(Template::parse("t", TEMPLATE, &[]).unwrap());
    let messaging = Messaging::open(&state.db, &clock, &template).unwrap();
    let dynamodb = DynamoDb::start(&state, &template.tables).await.unwrap();
    Rig { state, clock, messaging, dynamodb, sources: None, template }
}

/// Answers `{}` to everything.
fn idle(_: Value) -> std::future::Ready<Result<Value, String>> {
    std::future::ready(Ok(json!({})))
}

/// A function that records its events before it answers.
fn recorded<F>(
    seen: &Seen,
    answer: F,
) -> impl Fn(Value) -> futures::future::BoxFuture<'static, Result<Value, String>> + use<F>
where
    F: Fn(&Value, usize) -> Result<Value, String> + Send + Sync + 'static,
{
    let seen = Arc::clone(seen);
    move |event| {
        let mut seen = seen.lock().unwrap();
        let result = answer(&event, seen.len());
        seen.push(event);
        Box::pin(std::future::ready(result))
    }
}

impl Rig {
    fn start(&mut self, functions: &Functions) {
        let invokers: BTreeMap<_, _> = self
            .template
            .functions
            .iter()
            .map(|spec| {
                let function = functions.get(&spec.package).cloned().unwrap_or_else(|| Function::new(idle));
                (spec.package.clone(), Invoker::new(&spec.package, function, Duration::from_secs(5)))
            })
            .collect();
        let around = Surroundings {
            clock: &self.clock,
            db: &self.state.db,
            messaging: &self.messaging,
            dynamodb: &self.dynamodb,
        };
        self.sources = Some(Sources::start(&self.template, &invokers, &around).unwrap());
    }

    /// Lets time pass, a second at a time, for as long as something is left to do.
    async fn settle(&self) {
        const MAX_STEPS: usize = 300;
        let settlement = self.sources.as_ref().unwrap().settlement();
        for _ in 0..MAX_STEPS {
            if settlement.settle(Duration::from_millis(20)).await {
                return;
            }
            self.clock.advance(Duration::from_secs(1)).unwrap();
        }
        panic!("does not settle");
    }

    async fn put(&self, key: &str) {
        let client = self.dynamodb.client();
        client.put_item().table_name("things").item("pk", AttributeValue::S(key.into())).send().await.unwrap();
    }

    fn send(&self, group: &str, body: &str) {
        let message = Message {
            body: body.into(),
            group: Some(group.into()),
            dedup: Some(body.into()),
            attributes: [("type".to_owned(), Attribute::text("job"))].into(),
        };
        self.messaging.send("Jobs.fifo", &message).unwrap();
    }

    fn depth(&self, queue: &str) -> (u64, u64) {
        let depths = self.messaging.depths().unwrap();
        let depth = depths.iter().find(|depth| depth.name == queue).unwrap();
        (depth.visible, depth.in_flight)
    }
}

/// Keys of stream records, or bodies of messages, batch by batch.
fn batches(seen: &Seen) -> Vec<Vec<String>> {
    let one = |record: &Value| {
        let key = record.pointer("/dynamodb/Keys/pk/S").or_else(|| record.get("body"));
        key.and_then(Value::as_str).unwrap().to_owned()
    };
    seen.lock().unwrap().iter().map(|event| records(event).iter().map(one).collect()).collect()
}

fn records(event: &Value) -> &Vec<Value> {
    event["Records"].as_array().unwrap()
}

fn failures(ids: &[&str]) -> Value {
    let failures: Vec<_> = ids.iter().map(|id| json!({"itemIdentifier": id})).collect();
    json!({"batchItemFailures": failures})
}

#[tokio::test]
async fn a_stream_gives_what_the_filter_selects_in_commit_order() {
    let mut rig = rig().await;
    for key in ["EVENT#2", "ORDER", "EVENT#1", "EVENT#2"] {
        rig.put(key).await;
    }
    let seen = Seen::default();
    rig.start(&Functions::new().with("on-stream", recorded(&seen, |_, _| Ok(json!({})))));
    rig.settle().await;
    rig.put("EVENT#3").await;
    rig.settle().await;
    assert_eq!(batches(&seen), [vec!["EVENT#2", "EVENT#1"], vec!["EVENT#3"]]);
    let record = records(&seen.lock().unwrap()[0])[0].clone();
    assert_eq!(
        (&record["eventName"], &record["eventSource"], &record["eventSourceARN"], &record["awsRegion"]),
        (
            &json!("INSERT"),
            &json!("aws:dynamodb"),
            &json!("arn:aws:dynamodb:local:000000000000:table/things/stream/local"),
            &json!("local")
        )
    );
    assert_eq!(record["dynamodb"]["NewImage"], json!({"pk": {"S": "EVENT#2"}}));
    assert_eq!(record["dynamodb"]["SequenceNumber"].as_str().unwrap().len(), 21);
}

#[tokio::test]
async fn poison_is_isolated_reported_and_passed_over() {
    let mut rig = rig().await;
    for number in 1..=5 {
        rig.put(&format!("EVENT#{number}")).await;
    }
    let seen = Seen::default();
    let handler = recorded(&seen, |event, _| {
        let poisoned = records(event).iter().any(|record| record["dynamodb"]["Keys"]["pk"]["S"] == "EVENT#3");
        if poisoned { Err("cannot digest".to_owned()) } else { Ok(json!({"batchItemFailures": []})) }
    });
    rig.start(&Functions::new().with("on-stream", handler));
    rig.settle().await;
    let alone = batches(&seen).iter().filter(|batch| *batch == &["EVENT#3"]).count();
    assert_eq!(alone, 3, "the first attempt and two retries: {:?}", batches(&seen));
    let digested: Vec<_> = batches(&seen).concat().into_iter().filter(|key| key == "EVENT#5").collect();
    assert!(!digested.is_empty());
    let lost = rig.messaging.receive("Lost", 10).unwrap();
    assert_eq!(lost.len(), 1);
    let report: Value = serde_json::from_str(&lost[0].body).unwrap();
    assert_eq!(report["DDBStreamBatchInfo"]["batchSize"], 1);
    assert_eq!(report["requestContext"]["condition"], "RetryAttemptsExhausted");
}

#[tokio::test]
async fn a_reported_record_is_retried_from_there_on() {
    let mut rig = rig().await;
    for number in 1..=3 {
        rig.put(&format!("EVENT#{number}")).await;
    }
    let seen = Seen::default();
    let handler = recorded(&seen, |event, calls| {
        let second = records(event).get(1).and_then(|record| record["dynamodb"]["SequenceNumber"].as_str());
        Ok(if calls == 0 { failures(&[second.unwrap()]) } else { json!(null) })
    });
    rig.start(&Functions::new().with("on-stream", handler));
    rig.settle().await;
    assert_eq!(batches(&seen), [vec!["EVENT#1", "EVENT#2", "EVENT#3"], vec!["EVENT#2", "EVENT#3"]]);
    assert_eq!(rig.depth("Lost"), (0, 0));
}

#[tokio::test]
async fn a_checkpoint_survives_a_new_start() {
    let mut rig = rig().await;
    rig.put("EVENT#1").await;
    let seen = Seen::default();
    let functions = Functions::new().with("on-stream", recorded(&seen, |_, _| Ok(json!({}))));
    rig.start(&functions);
    rig.settle().await;
    rig.sources.take().unwrap().abort().await;
    rig.put("EVENT#2").await;
    rig.start(&functions);
    rig.settle().await;
    assert_eq!(batches(&seen), [["EVENT#1"], ["EVENT#2"]]);
}

#[tokio::test]
async fn only_reported_messages_come_back() {
    let mut rig = rig().await;
    for body in ["a1", "a2", "a3"] {
        rig.send("a", body);
    }
    let seen = Seen::default();
    let handler = recorded(&seen, |event, calls| {
        let last = records(event).last().and_then(|record| record["messageId"].as_str()).unwrap();
        Ok(if calls == 0 { failures(&[last]) } else { json!({}) })
    });
    rig.start(&Functions::new().with("on-queue", handler));
    rig.settle().await;
    assert_eq!((batches(&seen), rig.depth("Jobs.fifo")), (vec![vec!["a1".into(), "a2".into(), "a3".into()]], (0, 1)));
    rig.clock.advance(Duration::from_mins(1)).unwrap();
    rig.settle().await;
    assert_eq!((batches(&seen)[1..].concat(), rig.depth("Jobs.fifo")), (vec!["a3".to_owned()], (0, 0)));
    let again = records(&seen.lock().unwrap()[1])[0].clone();
    assert_eq!(again["attributes"]["ApproximateReceiveCount"], "2");
    assert_eq!(again["attributes"]["MessageGroupId"], "a");
    assert_eq!(again["messageAttributes"]["type"]["stringValue"], "job");
    assert_eq!(again["eventSourceARN"], "arn:aws:sqs:local:000000000000:Jobs.fifo");
}

#[tokio::test]
async fn a_failed_invocation_deletes_nothing_and_ends_in_the_dead_letter_queue() {
    let mut rig = rig().await;
    rig.send("a", "a1");
    rig.send("a", "a2");
    let seen = Seen::default();
    let handler =
        recorded(
            &seen,
            |_, calls| if calls == 0 { Err("broken".into()) } else { Ok(json!({"batchItemFailures": "odd"})) },
        );
    rig.start(&Functions::new().with("on-queue", handler));
    for expected in [((0, 2), (0, 0)), ((0, 2), (0, 0)), ((0, 0), (2, 0))] {
        rig.settle().await;
        assert_eq!((rig.depth("Jobs.fifo"), rig.depth("Dead.fifo")), expected);
        rig.clock.advance(Duration::from_mins(1)).unwrap();
    }
    assert_eq!(batches(&seen).len(), 2);
}

#[tokio::test]
async fn groups_run_side_by_side() {
    let mut rig = rig().await;
    rig.send("slow", "slow");
    rig.send("fast", "fast");
    let fast_is_done = Arc::new(Notify::new());
    let handler = move |event: Value| {
        let fast_is_done = Arc::clone(&fast_is_done);
        async move {
            match records(&event)[0]["body"].as_str() {
                Some("slow") => fast_is_done.notified().await,
                _ => fast_is_done.notify_one(),
            }
            Ok(json!({}))
        }
    };
    rig.start(&Functions::new().with("on-queue", handler));
    rig.settle().await;
    assert_eq!(rig.depth("Jobs.fifo"), (0, 0));
}

#[tokio::test]
async fn a_schedule_fires_once_after_a_jump_and_keeps_its_rhythm() {
    let mut rig = rig().await;
    let seen = Seen::default();
    let functions = Functions::new().with("on-time", recorded(&seen, |_, _| Err("ignored".into())));
    rig.start(&functions);
    let times = || -> Vec<String> {
        seen.lock().unwrap().iter().map(|event| event["time"].as_str().unwrap().to_owned()).collect()
    };
    let jump = async |rig: &Rig, seconds| {
        rig.clock.advance(Duration::from_secs(seconds)).unwrap();
        rig.settle().await;
    };
    jump(&rig, 59).await;
    assert!(times().is_empty());
    jump(&rig, 1).await;
    jump(&rig, 210).await;
    assert_eq!(times(), ["2026-01-01T00:01:00Z", "2026-01-01T00:04:00Z"]);
    rig.sources.take().unwrap().abort().await;
    rig.start(&functions);
    jump(&rig, 29).await;
    assert_eq!(times().len(), 2);
    jump(&rig, 1).await;
    assert_eq!(times()[2], "2026-01-01T00:05:00Z");
    assert_eq!(rig.clock.now(), "2026-01-01T00:05:00Z".parse::<Timestamp>().unwrap());
}
