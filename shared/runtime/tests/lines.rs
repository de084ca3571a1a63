//! Every line that is logged while a message is worked on says where and on which request (P1).
//!
//! Alone in its program: whoever listens first decides for a whole process which lines are made at all.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::sync::{Arc, Mutex};

use oms_adapters::embedded_metrics::EmbeddedMetrics;
use oms_app::Error;
use oms_domain::public_event::CloudEvent;
use oms_runtime::events;
use oms_testkit::memory::MemoryMetrics;
use serde_json::{Value, json};

/// The lines as CloudWatch gets them.
fn documents(metrics: &MemoryMetrics) -> Vec<Value> {
    let now = "2026-01-05T10:00:00.123Z".parse().unwrap();
    metrics.lines().iter().map(|line| EmbeddedMetrics::new("oms-prod").document(line, now)).collect()
}

async fn message(_: Arc<()>, _event: CloudEvent) -> Result<(), Error> {
    tracing::info!("in between");
    Ok(())
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn every_line_meanwhile_knows_function_and_correlation_id_and_unreadable_messages_are_told_too() {
    let (metrics, lines) = (MemoryMetrics::default(), Lines::default());
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
    let _listening = tracing::subscriber::set_default(subscriber);
    let event = json!({
        "specversion": "1.0", "id": "o/1", "source": "/oms/orders", "type": "oms.order.delivered.v1",
        "subject": "01990000-0000-7000-8000-000000000001", "time": "2026-01-05T10:00:00Z",
        "datacontenttype": "application/json", "correlationid": "req-1",
        "data": {
            "order_number": "N", "version": 1, "status": "delivered", "actor": { "id": "a", "role": "system" }, "event": "delivered"
        }
    });
    let of = |id: &str, body: &str| json!({ "messageId": id, "body": body, "attributes": { "MessageGroupId": id, "ApproximateReceiveCount": "2" } });
    let batch = json!({ "Records": [of("m1", &event.to_string()), of("m2", "{")] });
    let function = events::queue((), message).watched("notify", Arc::new(metrics.clone()));
    let answer = function.invoke(batch).await.unwrap();
    assert_eq!(answer["batchItemFailures"], json!([{ "itemIdentifier": "m2" }]));

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let line = text.lines().find(|line| line.contains("in between")).unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!((&line["span"]["function"], &line["span"]["correlation_id"]), (&json!("notify"), &json!("req-1")));
    let seen: Vec<String> = documents(&metrics)
        .iter()
        .map(|document| format!("{} {} {}", document["correlation_id"], document["outcome"], document["tries"]))
        .collect();
    assert_eq!(seen, ["\"req-1\" \"done\" \"2\"", "\"m2\" \"failed\" \"2\""]);
}
