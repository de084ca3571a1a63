//! Keys of signed links that are read from a secret when they are first needed, and remembered.
//!
//! They are read anew every [`KEPT_SECONDS`], so that a new key is known everywhere soon after it was written, without a release. While
//! the secret cannot be read, the keys of before are still good. Without any, whoever asks is told so at once for a while: a message
//! must not wait for a secret that does not come.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use oms_domain::signed_link::KeyRing;

use crate::ports::{Clock, LinkKeys, NoLinkKeys, Secrets};

/// How long keys are used before they are read anew, in seconds.
pub const KEPT_SECONDS: i64 = 300;

/// How long a secret that could not be read is left alone, in seconds.
pub const LEFT_ALONE_SECONDS: i64 = 30;

/// Longest time that somebody waits for the secret, in milliseconds.
const PATIENCE_MILLIS: u64 = 2_000;

/// Keys behind the reference of a secret.
pub struct SecretLinkKeys {
    secrets: Arc<dyn Secrets>,
    reference: String,
    clock: Arc<dyn Clock>,
    kept: Mutex<Option<Kept>>,
}

#[derive(Clone)]
struct Kept {
    found: Result<Arc<KeyRing>, NoLinkKeys>,
    until: Timestamp,
}

impl SecretLinkKeys {
    /// Nothing is read yet.
    pub fn new(secrets: Arc<dyn Secrets>, reference: String, clock: Arc<dyn Clock>) -> Self {
        SecretLinkKeys { secrets, reference, clock, kept: Mutex::default() }
    }

    async fn read(&self) -> Result<Arc<KeyRing>, NoLinkKeys> {
        let patience = Duration::from_millis(PATIENCE_MILLIS);
        let text = tokio::time::timeout(patience, self.secrets.read(&self.reference)).await;
        let text = text.map_err(|_| NoLinkKeys(format!("no answer within {PATIENCE_MILLIS} ms")))?;
        let text = text.map_err(|error| NoLinkKeys(error.to_string()))?;
        KeyRing::read(&text).map(Arc::new).map_err(|error| NoLinkKeys(error.to_string()))
    }
}

#[async_trait]
impl LinkKeys for SecretLinkKeys {
    async fn ring(&self) -> Result<Arc<KeyRing>, NoLinkKeys> {
        let now = self.clock.now();
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(kept) = kept.as_ref().filter(|kept| now < kept.until) {
            return kept.found.clone();
        }
        let before = kept.and_then(|kept| kept.found.ok());
        let (found, seconds) = match (self.read().await, before) {
            (Ok(ring), _) => (Ok(ring), KEPT_SECONDS),
            (Err(error), Some(before)) => {
                tracing::warn!(%error, "signed links go on with the keys of before");
                (Ok(before), LEFT_ALONE_SECONDS)
            }
            (Err(error), None) => (Err(error), LEFT_ALONE_SECONDS),
        };
        let until = now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(now);
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(Kept { found: found.clone(), until });
        found
    }
}
