//! The whole engine with a tiny template and toy functions: HTTP → table → stream → topic → queue → function.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use oms_local::cloud::{Cloud, CloudError, CloudOptions, Context, TemplateSource, Wired};
use oms_local::function::Functions;
use oms_local::identity::{TokenRequest, issuer_url};
use oms_local::messaging::{Attribute, Message};
use oms_local::state::{StateLocation, reset};
use serde_json::{Value, json};
use tokio::sync::Notify;

const PATIENCE: Duration = Duration::from_secs(5);
/// From the answer to a request until all that it set off is done.
const MOMENT: Duration = Duration::from_secs(1);
const TEMPLATE: &str = r#"
Parameters: { Issuer: { Type: String } }
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Own
        Authorizers: { Own: { JwtConfiguration: { issuer: !Ref Issuer, audience: [toys] } } }
  Notes:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: notes
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      StreamSpecification: { StreamViewType: NEW_IMAGE }
  Topic: { Type: AWS::SNS::Topic, Properties: { FifoTopic: true } }
  Queue: { Type: AWS::SQS::Queue, Properties: { QueueName: work.fifo, FifoQueue: true, VisibilityTimeout: 60 } }
  Subscription:
    Type: AWS::SNS::Subscription
    Properties:
      TopicArn: !Ref Topic
      Protocol: sqs
      Endpoint: !GetAtt Queue.Arn
      RawMessageDelivery: true
      FilterPolicy: { type: [written] }
  Write:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: target/write/
      Environment: { Variables: { TABLE: !Ref Notes } }
      Events: { Put: { Type: HttpApi, Properties: { Method: PUT, Path: "/notes/{id}" } } }
  Relay:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: target/relay/
      Environment: { Variables: { TOPIC_ARN: !Ref Topic } }
      Events: { S: { Type: DynamoDB, Properties: { Stream: !GetAtt Notes.StreamArn, StartingPosition: TRIM_HORIZON } } }
  Read:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: target/read/
      Events: { Q: { Type: SQS, Properties: { Queue: !GetAtt Queue.Arn } } }
"#;

/// What the last function of the chain got.
type Read = Arc<Mutex<Vec<String>>>;

fn options(state: StateLocation) -> CloudOptions {
    CloudOptions {
        template: TemplateSource::Text(TEMPLATE.to_owned()),
        state,
        port: 0,
        parameters: Box::new(|base_url| vec![("Issuer".to_owned(), issuer_url(base_url))]),
    }
}

fn on_disk(directory: &Path) -> StateLocation {
    StateLocation::Directory(directory.join("state"))
}

fn functions(context: &Context, read: &Read) -> Functions {
    let table = context.environment("write").remove("TABLE").unwrap();
    let topic = context.environment("relay").remove("TOPIC_ARN").unwrap();
    let (client, messaging, read) = (context.dynamodb.clone(), context.messaging.clone(), Arc::clone(read));
    Functions::new()
        .with("write", move |event| {
            let (client, table) = (client.clone(), table.clone());
            async move {
                let id = event["pathParameters"]["id"].as_str().ok_or("no id")?.to_owned();
                let put = client.put_item().table_name(table).item("pk", AttributeValue::S(id));
                put.send().await.map_err(|error| format!("{error:?}"))?;
                Ok(json!({"statusCode": 204}))
            }
        })
        .with("relay", move |event| {
            let (messaging, topic) = (messaging.clone(), topic.clone());
            async move {
                for record in event["Records"].as_array().ok_or("no records")? {
                    let id = record["dynamodb"]["NewImage"]["pk"]["S"].as_str().ok_or("no key")?;
                    let attributes = [("type".to_owned(), Attribute::text("written"))].into();
                    let message = Message {
                        body: id.to_owned(),
                        group: Some(id.to_owned()),
                        dedup: Some(id.to_owned()),
                        attributes,
                    };
                    messaging.publish(&topic, &message).map_err(|error| error.to_string())?;
                }
                Ok(json!(null))
            }
        })
        .with("read", move |event| {
            let read = Arc::clone(&read);
            async move {
                let bodies = event["Records"].as_array().ok_or("no records")?.iter();
                read.lock().unwrap().extend(bodies.filter_map(|record| record["body"].as_str()).map(str::to_owned));
                Ok(json!(null))
            }
        })
}

async fn start(state: StateLocation, read: &Read) -> Cloud {
    let read = Arc::clone(read);
    Cloud::start(options(state), |context| async move {
        Ok(Wired { functions: functions(&context, &read), ..Wired::default() })
    })
    .await
    .unwrap()
}

async fn refusal(options: CloudOptions) -> CloudError {
    let read = Read::default();
    let error = Cloud::start(options, |context| async move {
        Ok(Wired { functions: functions(&context, &read), ..Wired::default() })
    })
    .await
    .unwrap_err();
    assert!(!error.to_string().contains('\n'), "{error}");
    error
}

fn token(cloud: &Cloud) -> String {
    let request =
        TokenRequest { user_id: "u1".into(), role: "customer".into(), seller_id: None, expires_in_seconds: None };
    cloud.context().identity.mint(&request).unwrap().0
}

async fn put(cloud: &Cloud, id: &str) -> reqwest::StatusCode {
    let url = format!("{}/notes/{id}", cloud.base_url());
    reqwest::Client::new().put(url).bearer_auth(token(cloud)).send().await.unwrap().status()
}

async fn post(cloud: &Cloud, path: &str, body: Value) -> (u16, Value) {
    let url = format!("{}{path}", cloud.base_url());
    let response = reqwest::Client::new().post(url).json(&body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn get(cloud: &Cloud, path: &str) -> Value {
    reqwest::get(format!("{}{path}", cloud.base_url())).await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_request_travels_to_the_last_function_within_a_moment() {
    let read = Read::default();
    let cloud = start(StateLocation::Memory, &read).await;
    assert_eq!(put(&cloud, "warm-up").await, 204);
    assert!(cloud.settle(PATIENCE).await);
    assert_eq!(put(&cloud, "second").await, 204);
    assert!(cloud.settle(MOMENT).await);
    assert_eq!(*read.lock().unwrap(), ["warm-up", "second"]);
    cloud.shutdown().await;
}

#[tokio::test]
async fn a_restart_and_a_kill_lose_nothing_and_repeat_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let read = Read::default();
    let cloud = start(on_disk(directory.path()), &read).await;
    assert_eq!(put(&cloud, "before").await, 204);
    assert!(cloud.settle(PATIENCE).await);
    cloud.shutdown().await;

    let cloud = start(on_disk(directory.path()), &read).await;
    assert_eq!(put(&cloud, "accepted").await, 204);
    cloud.kill().await;

    let cloud = start(on_disk(directory.path()), &read).await;
    assert!(cloud.settle(PATIENCE).await);
    let item = cloud.context().dynamodb.get_item().table_name("notes").key("pk", AttributeValue::S("accepted".into()));
    assert!(item.send().await.unwrap().item.is_some());
    assert_eq!(*read.lock().unwrap(), ["before", "accepted"]);
    cloud.shutdown().await;
}

#[tokio::test]
async fn a_function_that_is_killed_while_it_works_gets_its_message_again() {
    let directory = tempfile::tempdir().unwrap();
    let (read, begun) = (Read::default(), Arc::new(Notify::new()));
    let signal = Arc::clone(&begun);
    let ignored = Read::default();
    let cloud = Cloud::start(options(on_disk(directory.path())), |context| async move {
        let hanging = functions(&context, &ignored).with("read", move |_| {
            signal.notify_one();
            std::future::pending()
        });
        Ok(Wired { functions: hanging, ..Wired::default() })
    })
    .await
    .unwrap();
    assert_eq!(put(&cloud, "note").await, 204);
    begun.notified().await;
    cloud.kill().await;

    let cloud = start(on_disk(directory.path()), &read).await;
    assert!(cloud.settle(PATIENCE).await);
    assert_eq!(*read.lock().unwrap(), ["note"]);
    cloud.shutdown().await;
}

#[tokio::test]
async fn development_routes_tell_and_move() {
    let read = Read::default();
    let cloud = start(StateLocation::Memory, &read).await;
    let queues = get(&cloud, "/dev/queues").await;
    assert_eq!(
        queues[0],
        json!({"name": "work.fifo", "visible": 0, "in_flight": 0, "delayed": 0, "dead_letter": false})
    );
    let (status, minted) = post(&cloud, "/dev/token", json!({"user_id": "u1", "role": "admin"})).await;
    assert_eq!((status, &minted["token_type"]), (200, &json!("Bearer")));
    assert!(cloud.context().identity.verify(minted["access_token"].as_str().unwrap()).is_ok());
    for (path, body, expected) in [
        ("/dev/token", json!({"user_id": "u1", "role": "king"}), (422, "validation_failed")),
        ("/dev/token", json!({"user_id": 1}), (400, "malformed_request")),
        ("/dev/clock/advance", json!({"seconds": -1}), (400, "malformed_request")),
        ("/dev/queues/nothing/redrive", json!({}), (404, "not_found")),
        ("/dev/queues/work.fifo/redrive", json!({}), (422, "validation_failed")),
        ("/notes/1", json!({}), (404, "not_found")),
    ] {
        let (status, problem) = post(&cloud, path, body).await;
        assert_eq!((status, problem["code"].as_str().unwrap()), expected, "{path}");
    }
    let (_, moved) = post(&cloud, "/dev/clock/advance", json!({"seconds": 3600})).await;
    assert_eq!((&moved["offset_seconds"], &moved["settled"]), (&json!(3600), &json!(true)));
    let discovery = get(&cloud, "/dev/oidc/.well-known/openid-configuration").await;
    assert_eq!(discovery["issuer"], issuer_url(cloud.base_url()));
    assert_eq!(get(&cloud, "/dev/oidc/jwks.json").await["keys"][0]["alg"], "RS256");
    cloud.shutdown().await;
}

#[tokio::test]
async fn whatever_prevents_a_start_is_one_line() {
    let directory = tempfile::tempdir().unwrap();
    let cloud = start(on_disk(directory.path()), &Read::default()).await;
    let port = cloud.base_url().rsplit(':').next().unwrap().parse().unwrap();

    let taken = refusal(CloudOptions { port, ..options(StateLocation::Memory) }).await;
    assert_eq!(taken.to_string(), format!("port {port} is in use; try --port N"));
    let locked = refusal(options(on_disk(directory.path()))).await;
    assert!(locked.to_string().contains("is in use by another local cloud"), "{locked}");
    let text = |text: String| TemplateSource::Text(text);
    let broken = refusal(CloudOptions {
        template: text(TEMPLATE.replace("HttpApi, Prop", "Odd, Prop")),
        ..options(StateLocation::Memory)
    })
    .await;
    assert_eq!(broken.to_string(), "template.yaml: Write: event Put: type Odd is not supported by the local cloud");
    let missing =
        CloudOptions { template: TemplateSource::File("nowhere.yaml".into()), ..options(StateLocation::Memory) };
    assert!(refusal(missing).await.to_string().starts_with("cannot read the template nowhere.yaml"));
    let unknown = refusal(CloudOptions {
        template: text(TEMPLATE.replace("target/read/", "target/odd/")),
        ..options(StateLocation::Memory)
    })
    .await;
    assert!(unknown.to_string().contains("function Read (odd) is not known to the local cloud"), "{unknown}");
    cloud.shutdown().await;

    let changed = text(TEMPLATE.replace("NEW_IMAGE", "NEW_AND_OLD_IMAGES"));
    let changed = refusal(CloudOptions { template: changed, ..options(on_disk(directory.path())) }).await;
    assert!(changed.to_string().contains("the table notes has another shape"), "{changed}");
    reset(&directory.path().join("state")).unwrap();
    start(on_disk(directory.path()), &Read::default()).await.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_requests_at_once_are_all_answered_and_relayed() {
    let read = Read::default();
    let cloud = start(StateLocation::Memory, &read).await;
    let puts = (0..100).map(|number| put_owned(&cloud, format!("n{number}")));
    let answers = futures::future::join_all(puts).await;
    assert!(answers.iter().all(|status| *status == 204), "{answers:?}");
    assert!(cloud.settle(PATIENCE).await);
    let mut read = read.lock().unwrap().clone();
    read.sort_unstable();
    read.dedup();
    assert_eq!(read.len(), 100);
    cloud.shutdown().await;
}

async fn put_owned(cloud: &Cloud, id: String) -> reqwest::StatusCode {
    put(cloud, &id).await
}
