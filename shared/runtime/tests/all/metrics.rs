//! What operators get: one line per piece of work, as CloudWatch reads it, and the correlation id on every other (P1, P2).

use std::sync::Arc;

use oms_adapters::embedded_metrics::EmbeddedMetrics;
use oms_app::Error;
use oms_app::ports::{Line, Unit};
use oms_runtime::Function;
use oms_runtime::events::{self, Ran};
use oms_runtime::http::{Answer, Problem, Request};
use oms_testkit::memory::MemoryMetrics;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// The lines as CloudWatch gets them.
fn documents(metrics: &MemoryMetrics) -> Vec<Value> {
    let now = "2026-01-05T10:00:00.123Z".parse().unwrap();
    metrics.lines().iter().map(|line| EmbeddedMetrics::new("oms-prod").document(line, now)).collect()
}

fn request(correlation_id: &str) -> Value {
    json!({
        "version": "2.0", "routeKey": "POST /things/{id}", "rawPath": "/things/7", "rawQueryString": "",
        "headers": { "x-correlation-id": correlation_id },
        "requestContext": {
            "accountId": "1", "apiId": "a", "domainName": "d", "domainPrefix": "d", "stage": "$default",
            "requestId": "gateway-1", "routeKey": "POST /things/{id}", "time": "01/Dec/2025:10:00:00 +0000", "timeEpoch": 0,
            "http": { "method": "POST", "path": "/things/7", "protocol": "HTTP/1.1", "sourceIp": "203.0.113.17", "userAgent": "" }
        },
        "isBase64Encoded": false
    })
}

async fn answer(_: Arc<()>, request: Request) -> Result<Answer, Problem> {
    match request.correlation_id.as_str() {
        "refused" => Err(Problem::not_found()),
        "failed" => Err(Problem::internal("the reason")),
        _ => Ok(Answer::nothing()),
    }
}

#[tokio::test]
async fn a_request_is_one_line_that_is_log_and_metric_at_once() {
    let metrics = MemoryMetrics::default();
    let function = Function::http((), answer).watched("do-things", Arc::new(metrics.clone()));
    for id in ["done", "refused", "failed"] {
        function.invoke(request(id)).await.unwrap();
    }
    let mut documents = documents(&metrics);
    assert!(documents.iter_mut().all(|document| document["duration"].take().as_str().unwrap().parse::<u64>().is_ok()));
    assert_eq!(
        documents[2],
        json!({
            "timestamp": "2026-01-05T10:00:00.123Z", "level": "INFO", "message": "work",
            "function": "do-things", "correlation_id": "failed", "outcome": "failed",
            "request_id": "gateway-1", "route": "POST /things/{id}", "status": "500", "code": "internal_error", "errors": 1, "duration": null,
            "_aws": {
                "Timestamp": 1_767_607_200_123_i64,
                "CloudWatchMetrics": [{
                    "Namespace": "oms-prod", "Dimensions": [["function"]],
                    "Metrics": [{ "Name": "errors", "Unit": "Count" }]
                }]
            }
        })
    );
    // What AWS counts by itself is no metric of ours.
    let short = |document: &Value| [&document["outcome"], &document["status"], &document["_aws"]].map(Value::to_string);
    assert_eq!(short(&documents[0]), ["\"done\"", "\"204\"", "null"]);
    assert_eq!(short(&documents[1]), ["\"refused\"", "\"404\"", "null"]);
}

#[test]
fn figures_are_kept_apart_by_what_they_say_and_amounts_are_exact() {
    let line = Line::new("order created").fact("currency", "EUR").fact("order_id", "o-1");
    let line = line.figure("orders_created_total", Unit::Count, 1);
    let line = line.figure("order_value", Unit::None, Decimal::new(5_319, 2)).by(&["currency"]);
    let document = EmbeddedMetrics::new("oms").document(&line, "2026-01-05T10:00:00Z".parse().unwrap());
    assert_eq!(document["order_value"].to_string(), "53.19");
    let dimensions: Vec<String> = document["_aws"]["CloudWatchMetrics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|set| format!("{} {}", set["Dimensions"], set["Metrics"][0]["Name"]))
        .collect();
    assert_eq!(dimensions, ["[[]] \"orders_created_total\"", "[[\"currency\"]] \"order_value\""]);
    let plain =
        EmbeddedMetrics::new("oms").document(&Line::new("nothing to count"), "2026-01-05T10:00:00Z".parse().unwrap());
    assert!(plain.get("_aws").is_none());
}

async fn run(_: Arc<()>, id: String) -> Result<Ran, Error> {
    match id.as_str() {
        "idle" => Ok(Ran::Idle),
        "bad" => Err(Error::ServiceUnavailable("not now".into())),
        _ => Ok(Ran::Worked),
    }
}

#[tokio::test]
async fn a_run_costs_a_metric_only_when_it_fails() {
    let metrics = MemoryMetrics::default();
    let function = events::schedule((), run).watched("sweep", Arc::new(metrics.clone()));
    for id in ["idle", "busy", "bad"] {
        let _ = function.invoke(json!({ "id": id })).await;
    }
    let seen: Vec<(Value, bool, Value)> = documents(&metrics)
        .into_iter()
        .map(|document| (document["outcome"].clone(), document.get("_aws").is_some(), document["errors"].clone()))
        .collect();
    assert_eq!(
        seen,
        [(json!("idle"), false, json!(null)), (json!("done"), false, json!(null)), (json!("failed"), true, json!(1))]
    );
}
