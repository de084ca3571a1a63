//! The topic on SNS FIFO: ordered per order, deduplicated by event id.

use std::collections::HashMap;

use async_trait::async_trait;
use aws_sdk_sns::Client;
use aws_sdk_sns::error::{DisplayErrorContext, ProvideErrorMetadata as _};
use aws_sdk_sns::types::{MessageAttributeValue, PublishBatchRequestEntry};
use oms_app::ports::{EventBus, Probe, PublishError};
use oms_domain::public_event::CloudEvent;

/// Most messages of one call.
const MAX_BATCH: usize = 10;

/// Longest deduplication id, in characters.
const MAX_DEDUPLICATION_CHARACTERS: usize = 128;

/// Which topic, from the variable `TOPIC_ARN`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct Topic {
    /// Its ARN.
    pub topic_arn: String,
}

/// Publishes to one topic.
#[derive(Debug, Clone)]
pub struct SnsBus {
    client: Client,
    topic_arn: String,
}

impl SnsBus {
    /// Publishes to this topic.
    pub fn new(client: Client, topic_arn: impl Into<String>) -> Self {
        SnsBus { client, topic_arn: topic_arn.into() }
    }

    async fn publish_batch(&self, events: &[CloudEvent]) -> Vec<Result<(), PublishError>> {
        let mut results: Vec<Result<(), PublishError>> = Vec::with_capacity(events.len());
        let mut entries = Vec::with_capacity(events.len());
        for (position, event) in events.iter().enumerate() {
            let entry = entry(position, event);
            results.push(entry.as_ref().map(|_| ()).map_err(Clone::clone));
            entries.extend(entry);
        }
        if entries.is_empty() {
            return results;
        }
        let call =
            self.client.publish_batch().topic_arn(&self.topic_arn).set_publish_batch_request_entries(Some(entries));
        match call.send().await {
            Ok(answer) => {
                let mut failures: HashMap<String, String> =
                    answer.failed.unwrap_or_default().into_iter().map(|failure| (failure.id, failure.code)).collect();
                for (position, result) in results.iter_mut().enumerate() {
                    if let Some(code) = failures.remove(&position.to_string()) {
                        *result = Err(PublishError(code));
                    }
                }
            }
            Err(error) => {
                let reason = error.code().map_or_else(|| DisplayErrorContext(&error).to_string(), str::to_owned);
                results
                    .iter_mut()
                    .filter(|result| result.is_ok())
                    .for_each(|result| *result = Err(PublishError(reason.clone())));
            }
        }
        results
    }
}

fn entry(position: usize, event: &CloudEvent) -> Result<PublishBatchRequestEntry, PublishError> {
    let unwritable = |error: &dyn std::fmt::Display| PublishError(format!("the event has no message form: {error}"));
    let body = serde_json::to_string(event).map_err(|error| unwritable(&error))?;
    let kind = MessageAttributeValue::builder()
        .data_type("String")
        .string_value(event.data.fact.name())
        .build()
        .map_err(|error| unwritable(&error))?;
    PublishBatchRequestEntry::builder()
        .id(position.to_string())
        .message(body)
        .message_attributes("type", kind)
        .message_group_id(event.subject.to_string())
        .message_deduplication_id(deduplication_id(&event.id))
        .build()
        .map_err(|error| unwritable(&error))
}

/// SNS takes letters, digits and punctuation; our ids are made of nothing else, and this keeps it so.
fn deduplication_id(event_id: &str) -> String {
    let visible = event_id.chars().map(|character| if character.is_ascii_graphic() { character } else { '-' });
    visible.take(MAX_DEDUPLICATION_CHARACTERS).collect()
}

#[async_trait]
impl EventBus for SnsBus {
    async fn publish(&self, events: &[CloudEvent]) -> Vec<Result<(), PublishError>> {
        let mut results = Vec::with_capacity(events.len());
        for batch in events.chunks(MAX_BATCH) {
            results.extend(self.publish_batch(batch).await);
        }
        results
    }
}

/// Asks whether the topic is there.
#[derive(Debug, Clone)]
pub struct TopicProbe(SnsBus);

impl TopicProbe {
    /// Asks after the bus's topic.
    pub fn new(bus: SnsBus) -> Self {
        TopicProbe(bus)
    }
}

#[async_trait]
impl Probe for TopicProbe {
    fn name(&self) -> &'static str {
        "order events topic"
    }

    async fn check(&self) -> Result<(), String> {
        let call = self.0.client.get_topic_attributes().topic_arn(&self.0.topic_arn);
        call.send().await.map(|_| ()).map_err(|error| DisplayErrorContext(&error).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_ids_are_deduplication_ids_as_they_are() {
        let id = "0190a5b0-7c3e-7000-8000-0000000000ff/12";
        assert_eq!(deduplication_id(id), id);
        assert_eq!(deduplication_id("a b\u{e9}"), "a-b-");
        assert_eq!(deduplication_id(&"x".repeat(200)).len(), MAX_DEDUPLICATION_CHARACTERS);
    }
}
