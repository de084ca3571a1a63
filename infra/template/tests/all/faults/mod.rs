//! What a real account would do with the template: each fault that was found, under its row in docs/review.

use std::fs;

use yaml_serde::{Mapping, Value};

use crate::root;

/// The resources of both stacks.
pub(crate) fn resources() -> Mapping {
    let read =
        |file: &str| -> Mapping { yaml_serde::from_str(&fs::read_to_string(root().join(file)).unwrap()).unwrap() };
    let mut all = Mapping::new();
    for file in [oms_template::TEMPLATE, oms_template::OBSERVABILITY] {
        all.extend(read(file)["Resources"].as_mapping().unwrap().clone());
    }
    all
}

/// The properties of every resource of a type, by name.
pub(crate) fn of_type(kind: &str) -> Vec<(String, Value)> {
    let is = |resource: &Value| resource["Type"].as_str() == Some(kind);
    let of = resources().into_iter().filter(|(_, resource)| is(resource));
    of.map(|(name, resource)| (name.as_str().unwrap().to_owned(), resource["Properties"].clone())).collect()
}

/// A value with `CloudFormation`'s short tags, as it is written.
pub(crate) fn written(value: &Value) -> String {
    yaml_serde::to_string(value).unwrap().trim().to_owned()
}

const DAY: u64 = 24 * 60 * 60;

#[test]
fn l3_what_waits_in_a_queue_is_kept_as_long_as_sqs_can() {
    let queues = of_type("AWS::SQS::Queue");
    assert!(queues.len() >= 8, "{}", queues.len());
    for (name, queue) in queues {
        assert_eq!(queue["MessageRetentionPeriod"].as_u64(), Some(14 * DAY), "{name}");
    }
}

#[test]
fn l3_somebody_hears_of_a_queue_that_nobody_reads() {
    let alarms = of_type("AWS::CloudWatch::Alarm");
    for queue in ["Notify", "Payment", "Refund", "Screen"] {
        let (_, alarm) = alarms.iter().find(|(name, _)| *name == format!("{queue}AgeAlarm")).unwrap();
        assert_eq!(alarm["MetricName"].as_str(), Some("ApproximateAgeOfOldestMessage"), "{queue}");
        assert!(alarm["Threshold"].as_u64().unwrap() < DAY, "{queue}");
    }
}

#[test]
fn l6_a_rush_waits_in_its_queue_and_what_lambda_gives_back_uses_up_no_retry() {
    let mut sources = 0;
    for (name, function) in of_type("AWS::Serverless::Function") {
        for (_, event) in function["Events"].as_mapping().unwrap() {
            if event["Type"].as_str() == Some("SQS") {
                sources += 1;
                assert!(!event["Properties"]["ScalingConfig"]["MaximumConcurrency"].is_null(), "{name}");
            }
        }
    }
    assert_eq!(sources, 4);
    for (name, queue) in of_type("AWS::SQS::Queue") {
        if let Some(received) = queue["RedrivePolicy"]["maxReceiveCount"].as_u64() {
            assert!(received >= 5, "{name}");
        }
    }
}

#[test]
fn s16_a_batch_of_messages_is_sent_before_the_time_is_over() {
    let functions = of_type("AWS::Serverless::Function");
    let (_, notify) = functions.iter().find(|(name, _)| name == "Notify").unwrap();
    // By two channels each, a second for each call, in the ten seconds that the queue's visibility of a minute allows (I1).
    let batch = notify["Events"]["PublishedEvents"]["Properties"]["BatchSize"].as_u64().unwrap();
    assert!(batch * 2 < 10, "{batch}");
}
