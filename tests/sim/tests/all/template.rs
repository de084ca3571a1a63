//! The simulator's queues are the template's.

use std::path::Path;

use oms_app::payments::breaker::MAX_PAUSE_SECONDS;
use oms_sim::queue::{QUEUES, Spec};
use oms_sim::stream::RETRIES;
use yaml_serde::Value;

fn template() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
    yaml_serde::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// What stands behind a tag such as `!GetAtt`.
fn plain(value: &Value) -> &Value {
    if let Value::Tagged(tagged) = value { &tagged.value } else { value }
}

/// The name that the template's resources of this queue begin with.
fn resource(spec: &Spec) -> &'static str {
    match spec.package {
        "notify" => "Notify",
        "open-page" => "Payment",
        "refund" => "Refund",
        "screen-order" => "Screen",
        "fulfil-order" => "Fulfil",
        other => panic!("{other} is not known here"),
    }
}

#[test]
fn tries_times_and_filters_are_those_of_the_template() {
    let template = template();
    let properties = |name: &str| &template["Resources"][name]["Properties"];
    for spec in &QUEUES {
        let name = resource(spec);
        let queue = properties(&format!("{name}Queue"));
        assert_eq!(queue["VisibilityTimeout"].as_i64(), Some(spec.visibility_seconds), "{name}");
        if ["open-page", "refund"].contains(&spec.package) {
            assert!(MAX_PAUSE_SECONDS < spec.visibility_seconds, "{name}: each try may ask the provider");
        }
        assert_eq!(queue["DelaySeconds"].as_i64().unwrap_or(0), spec.delay_seconds, "{name}");
        assert_eq!(queue["RedrivePolicy"]["maxReceiveCount"].as_u64(), Some(u64::from(spec.tries)), "{name}");
        let filter = properties(&format!("{name}Subscription"))["FilterPolicy"]["type"].as_sequence().unwrap();
        let kinds: Vec<&str> = filter.iter().filter_map(Value::as_str).collect();
        assert_eq!(kinds, spec.kinds, "{name}");
    }
}

#[test]
fn the_relay_gives_up_as_the_template_says() {
    let template = template();
    let events = template["Resources"]["Relay"]["Properties"]["Events"].as_mapping().unwrap();
    let stream = events.values().find(|event| event["Type"].as_str() == Some("DynamoDB")).unwrap();
    assert_eq!(stream["Properties"]["MaximumRetryAttempts"].as_u64(), Some(u64::from(RETRIES)));
}

#[test]
fn each_queue_is_read_by_the_function_of_the_template() {
    let template = template();
    let functions = template["Resources"]
        .as_mapping()
        .unwrap()
        .values()
        .filter(|resource| resource["Type"].as_str() == Some("AWS::Serverless::Function"));
    let mut read = 0;
    for function in functions {
        let properties = &function["Properties"];
        let Some(events) = properties["Events"].as_mapping() else { continue };
        for event in events.values().filter(|event| event["Type"].as_str() == Some("SQS")) {
            let queue = plain(&event["Properties"]["Queue"]).as_str().unwrap().to_owned();
            let spec = QUEUES.iter().find(|spec| queue == format!("{}Queue.Arn", resource(spec))).expect(&queue);
            let code = properties["CodeUri"].as_str().unwrap();
            assert!(code.trim_end_matches('/').ends_with(spec.package), "{queue} is read by {code}");
            assert_eq!(event["Properties"]["BatchSize"].as_u64(), Some(spec.batch as u64), "{queue}");
            read += 1;
        }
    }
    assert_eq!(read, QUEUES.len(), "every queue of the template is simulated");
}
