//! What administrators are told, on an SNS topic that they subscribe to.

use async_trait::async_trait;
use aws_sdk_sns::Client;
use aws_sdk_sns::error::{DisplayErrorContext, ProvideErrorMetadata as _};
use oms_app::messaging::alerts::alert_text;
use oms_app::ports::{Alert, Alerts, PublishError};

/// Publishes to one topic.
#[derive(Debug, Clone)]
pub struct SnsAlerts {
    client: Client,
    topic_arn: String,
}

impl SnsAlerts {
    /// Publishes to this topic.
    pub fn new(client: Client, topic_arn: impl Into<String>) -> Self {
        SnsAlerts { client, topic_arn: topic_arn.into() }
    }
}

#[async_trait]
impl Alerts for SnsAlerts {
    async fn tell(&self, alert: &Alert) -> Result<(), PublishError> {
        let told = alert_text(alert);
        let call = self.client.publish().topic_arn(&self.topic_arn).subject(told.subject).message(told.text);
        call.send().await.map(|_| ()).map_err(|error| {
            PublishError(error.code().map_or_else(|| DisplayErrorContext(&error).to_string(), str::to_owned))
        })
    }
}
