//! Secrets that are kept elsewhere and named by reference, so that no template, environment or log holds them.

use async_trait::async_trait;

/// A secret could not be read. Nothing of it is in the reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("secret {reference} cannot be read: {reason}")]
pub struct SecretError {
    pub reference: String,
    pub reason: String,
}

/// Where secrets are kept.
#[async_trait]
pub trait Secrets: Send + Sync {
    /// The text behind a reference, e.g. an ARN. Whoever gets it must not show it.
    async fn read(&self, reference: &str) -> Result<String, SecretError>;
}
