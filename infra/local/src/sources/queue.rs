//! Drives a function from a queue.
//!
//! A FIFO queue gives batches of one message group, so groups run side by side, up to the mapping's concurrency, and
//! each in order. What the function reports as failed waits out its visibility timeout, the rest is deleted; when the
//! invocation fails, nothing is deleted.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::{ERROR_PAUSE, SourceError, Stopping, Surroundings, reported_failures};
use crate::clock::Clock;
use crate::function::Invoker;
use crate::messaging::{Attribute, Messaging, Received, source_arn};
use crate::template::{QueueSource, REGION};

pub(super) struct QueueDriver {
    source: QueueSource,
    invoker: Invoker,
    clock: Clock,
    messaging: Messaging,
}

impl QueueDriver {
    pub(super) fn new(source: &QueueSource, invoker: &Invoker, around: &Surroundings<'_>) -> Self {
        Self {
            source: source.clone(),
            invoker: invoker.clone(),
            clock: around.clock.clone(),
            messaging: around.messaging.clone(),
        }
    }

    pub(super) fn is_settled(&self) -> bool {
        !self.messaging.is_busy(&self.source.queue).unwrap_or(false)
    }

    pub(super) async fn run(self: Arc<Self>, mut stopping: Stopping) {
        let permits = Arc::new(Semaphore::new(self.source.concurrency));
        let mut running = JoinSet::new();
        while !*stopping.borrow() {
            while running.try_join_next().is_some() {}
            let permit = tokio::select! {
                _ = stopping.wait_for(|stopping| *stopping) => break,
                permit = Arc::clone(&permits).acquire_owned() => permit,
            };
            // Before looking, so that what arrives meanwhile is noticed below.
            let mut changes = self.messaging.changes(&self.source.queue);
            match self.messaging.hold(&self.source.queue, self.source.batch_size) {
                Ok(batch) if !batch.is_empty() => {
                    let driver = Arc::clone(&self);
                    running.spawn(async move {
                        driver.handle(&batch).await;
                        drop(permit);
                    });
                }
                Ok(_) => {
                    drop(permit);
                    tokio::select! {
                        _ = stopping.wait_for(|stopping| *stopping) => break,
                        _ = changes.changed() => {}
                        () = self.next_visible() => {}
                    }
                }
                Err(error) => {
                    let error = SourceError::from(error);
                    if error.is_closed() {
                        return;
                    }
                    tracing::error!(queue = %self.source.queue, "cannot receive: {error}");
                    tokio::time::sleep(ERROR_PAUSE).await;
                }
            }
        }
        while running.join_next().await.is_some() {}
    }

    async fn next_visible(&self) {
        match self.messaging.next_visible(&self.source.queue) {
            Ok(Some(moment)) => self.clock.sleep_until(moment).await,
            Ok(None) => std::future::pending().await,
            Err(_) => tokio::time::sleep(ERROR_PAUSE).await,
        }
    }

    async fn handle(&self, batch: &[Received]) {
        let outcome = self.invoker.invoke(event(&self.source.queue, batch)).await;
        let failed = match &outcome {
            Ok(answer) if self.source.partial_failures => self.failed_of(batch, answer),
            Ok(_) => Vec::new(),
            Err(error) => {
                tracing::warn!(function = %self.invoker.package, messages = batch.len(), "invocation failed: {error}");
                batch.iter().collect()
            }
        };
        if outcome.is_ok() && !failed.is_empty() {
            tracing::warn!(function = %self.invoker.package, messages = failed.len(), "messages were reported as failed");
        }
        let receipts = |of_failed: bool| -> Vec<&str> {
            let wanted = batch.iter().filter(|message| failed.contains(message) == of_failed);
            wanted.map(|message| message.receipt.as_str()).collect()
        };
        if let Err(error) = self.messaging.settle(&self.source.queue, &receipts(false), &receipts(true)) {
            let error = SourceError::from(error);
            if !error.is_closed() {
                tracing::error!(queue = %self.source.queue, "cannot delete what was handled: {error}");
            }
        }
    }

    /// An answer that names an unknown message, or none that can be read, fails the whole batch, as it does on AWS.
    fn failed_of<'a>(&self, batch: &'a [Received], answer: &Value) -> Vec<&'a Received> {
        let reported = reported_failures(answer).and_then(|ids| {
            ids.into_iter()
                .map(|id| batch.iter().find(|message| message.message_id == id).ok_or(()))
                .collect::<Result<Vec<_>, _>>()
        });
        reported.unwrap_or_else(|()| {
            tracing::warn!(function = %self.invoker.package, "batchItemFailures cannot be read: the whole batch counts as failed");
            batch.iter().collect()
        })
    }
}

/// The SQS event, without the MD5 sums.
fn event(queue: &str, batch: &[Received]) -> Value {
    let records: Vec<_> = batch.iter().map(|message| record(queue, message)).collect();
    json!({"Records": records})
}

fn record(queue: &str, message: &Received) -> Value {
    let mut attributes = json!({
        "ApproximateReceiveCount": message.receive_count.to_string(),
        "ApproximateFirstReceiveTimestamp": message.first_received.as_millisecond().to_string(),
        "SenderId": "local",
        "SentTimestamp": message.sent.as_millisecond().to_string(),
    });
    if let Some(group) = &message.group {
        attributes["MessageGroupId"] = json!(group);
        attributes["SequenceNumber"] = json!(format!("{:020}", message.sequence));
    }
    if let Some(dedup) = &message.dedup {
        attributes["MessageDeduplicationId"] = json!(dedup);
    }
    let message_attributes: Map<_, _> =
        message.attributes.iter().map(|(name, attribute)| (name.clone(), attribute_value(attribute))).collect();
    json!({
        "messageId": message.message_id,
        "receiptHandle": message.receipt,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": message_attributes,
        "eventSource": "aws:sqs",
        "eventSourceARN": source_arn(queue),
        "awsRegion": REGION,
    })
}

fn attribute_value(attribute: &Attribute) -> Value {
    let kind = if attribute.data_type.starts_with("Binary") { "binaryValue" } else { "stringValue" };
    json!({
        kind: attribute.value,
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": attribute.data_type,
    })
}
