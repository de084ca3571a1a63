//! The ports that are not on DynamoDB, spoken to the local cloud: clock, topic, readiness of the topic.

use async_trait::async_trait;
use jiff::Timestamp;
use oms_app::ports::{Clock, EventBus, Probe, PublishError};
use oms_domain::public_event::CloudEvent;

use crate::messaging::{Attribute, Message, Messaging};

impl Clock for crate::clock::Clock {
    fn now(&self) -> Timestamp {
        crate::clock::Clock::now(self)
    }
}

/// The topic of public events.
pub struct LocalTopic {
    messaging: Messaging,
    arn: String,
}

impl LocalTopic {
    /// Publishes to this topic.
    pub fn new(messaging: &Messaging, arn: &str) -> Self {
        LocalTopic { messaging: messaging.clone(), arn: arn.to_owned() }
    }

    fn publish_one(&self, event: &CloudEvent) -> Result<(), PublishError> {
        let body = serde_json::to_string(event).map_err(|error| PublishError(error.to_string()))?;
        let message = Message {
            body,
            group: Some(event.subject.to_string()),
            dedup: Some(event.id.clone()),
            attributes: [("type".to_owned(), Attribute::text(event.data.fact.name()))].into(),
        };
        self.messaging.publish(&self.arn, &message).map(|_| ()).map_err(|error| PublishError(error.to_string()))
    }
}

#[async_trait]
impl EventBus for LocalTopic {
    async fn publish(&self, events: &[CloudEvent]) -> Vec<Result<(), PublishError>> {
        events.iter().map(|event| self.publish_one(event)).collect()
    }
}

#[async_trait]
impl Probe for LocalTopic {
    fn name(&self) -> &'static str {
        "topic"
    }

    async fn check(&self) -> Result<(), String> {
        self.messaging.depths().map(|_| ()).map_err(|error| error.to_string())
    }
}
