//! Clients of AWS services from the environment that Lambda gives.
//!
//! A client is built by the method that names it, so a binary that never sends a message does not link the services
//! that would.

use std::time::Duration;

use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::types::AttributeValue;

use crate::dynamodb::{Tables, keys};
use crate::s3_documents::S3Documents;
use crate::trust;

/// Longest time to open a connection.
const CONNECT_TIMEOUT_SECONDS: u64 = 1;

/// Longest time for one attempt of a call.
const ATTEMPT_TIMEOUT_SECONDS: u64 = 3;

/// Attempts of a call that may be repeated; commits have their own bound (`dynamodb::ordering::orders`).
const MAX_ATTEMPTS: u32 = 3;

/// Longest time that opening the first connection may hold up a start.
const PRIMING_TIMEOUT_SECONDS: u64 = 2;

/// What all clients share: region, credentials, timeouts, retries, connections.
#[derive(Debug, Clone)]
pub struct Aws(SdkConfig);

impl Aws {
    /// Reads region and credentials where Lambda puts them, in the environment, with our timeouts and retries. Setting
    /// up all other places where the SDK could look would cost each start more than reading them there. All clients
    /// share one HTTP client, so what TLS needs is made once.
    pub async fn from_env() -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(CONNECT_TIMEOUT_SECONDS))
            .operation_attempt_timeout(Duration::from_secs(ATTEMPT_TIMEOUT_SECONDS))
            .build();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .region(EnvironmentVariableRegionProvider::new())
            .credentials_provider(EnvironmentVariableCredentialsProvider::new())
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS))
            .load()
            .await;
        let client = trust::http_client(&config);
        Aws(config.into_builder().http_client(client).build())
    }

    /// Uses a configuration that was made elsewhere.
    pub fn new(config: SdkConfig) -> Self {
        Aws(config)
    }

    /// The store.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.0)
    }

    /// Topics and text messages.
    pub fn sns(&self) -> aws_sdk_sns::Client {
        aws_sdk_sns::Client::new(&self.0)
    }

    /// Secrets.
    pub fn secretsmanager(&self) -> aws_sdk_secretsmanager::Client {
        aws_sdk_secretsmanager::Client::new(&self.0)
    }

    /// Documents in this bucket.
    pub fn documents(&self, bucket: String) -> S3Documents {
        S3Documents::new(self.0.clone(), bucket)
    }

    /// E-mail.
    pub fn sesv2(&self) -> aws_sdk_sesv2::Client {
        aws_sdk_sesv2::Client::new(&self.0)
    }
}

/// Opens the connection to the store while the function starts, when processor time is plenty, instead of in the
/// first request, where names, TLS and credentials would cost it hundreds of milliseconds.
///
/// It reads an item that does not exist. Some roles may not read items; being refused opens the connection just as
/// well, needs no extra permission and appears in no audit trail, unlike listing or describing tables. So the answer
/// does not matter, and a store that is down shows itself in the first request, where it is handled.
pub async fn prime(client: &aws_sdk_dynamodb::Client, tables: &Tables) {
    let nothing = || AttributeValue::S("-".to_owned());
    let call = client.get_item().table_name(&tables.orders).key(keys::PK, nothing()).key(keys::SK, nothing()).send();
    let answer = tokio::time::timeout(Duration::from_secs(PRIMING_TIMEOUT_SECONDS), call).await;
    tracing::debug!(answered = answer.is_ok(), "the connection to the store was opened");
}
