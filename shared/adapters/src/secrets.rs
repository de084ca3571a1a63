//! The port [`Secrets`] on AWS Secrets Manager.

use async_trait::async_trait;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata as _;
use oms_app::ports::{SecretError, Secrets};

/// Reads secrets by their ARN.
#[derive(Clone)]
pub struct SecretsManager {
    client: Client,
}

impl SecretsManager {
    /// Reads with this client.
    pub fn new(client: Client) -> Self {
        SecretsManager { client }
    }
}

#[async_trait]
impl Secrets for SecretsManager {
    async fn read(&self, reference: &str) -> Result<String, SecretError> {
        let fail = |reason: &str| SecretError { reference: reference.to_owned(), reason: reason.to_owned() };
        let answer = self.client.get_secret_value().secret_id(reference).send().await;
        let answer = answer.map_err(|error| fail(error.code().unwrap_or("no answer")))?;
        answer.secret_string.ok_or_else(|| fail("it is not a text"))
    }
}
