//! Keys under which something is done once: a caller's, and those made of a provider's notifications.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use oms_domain::ids::UserId;
use sha2::{Digest as _, Sha256};

use crate::ports::{CommandKey, UnmatchedKey};

/// How long a caller's key is remembered.
pub(crate) const KEY_HOURS: i64 = 7 * 24;

/// An idempotency key as a caller gave it, with the fingerprint of the request it came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// Up to 255 characters.
    pub key: String,
    /// Hash of route and body.
    pub request: String,
}

/// Hash of a request, to tell a repeat from another request under the same key.
pub fn fingerprint(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

impl CommandKey {
    /// A caller's key: keys belong to callers, so two callers' equal keys are different.
    pub fn of_caller(user: &UserId, key: &str) -> Self {
        CommandKey(format!("caller#{}", fingerprint(&[user.as_str().as_bytes(), key.as_bytes()])))
    }

    /// A provider's notification.
    pub fn of_notification(provider: &str, event_id: &str) -> Self {
        CommandKey(format!("{provider}#{}", fingerprint(&[event_id.as_bytes()])))
    }
}

impl UnmatchedKey {
    /// The place of a provider's notification.
    pub fn of(provider: &str, event_id: &str) -> Self {
        UnmatchedKey(CommandKey::of_notification(provider, event_id).0)
    }
}

/// When a key that is used now may be forgotten.
pub(crate) fn expiry(now: Timestamp) -> Timestamp {
    now.checked_add(SignedDuration::from_hours(KEY_HOURS)).unwrap_or(Timestamp::MAX)
}
