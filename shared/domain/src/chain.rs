//! The hash chain over the stored events of an order.
//!
//! A stored event is one text; it names the hash of the text before it, and the order's state names the hash of the
//! last. So one changed byte anywhere in the stream is detected, and an event cannot be removed or put in between.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::ordering::Record;

/// SHA-256 of one stored event, written as base64url.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hash(String);

impl Hash {
    /// What the first event names as its predecessor.
    pub fn genesis() -> Self {
        Hash(String::new())
    }

    /// The hash of a stored text.
    pub fn of(body: &str) -> Self {
        Hash(URL_SAFE_NO_PAD.encode(Sha256::digest(body.as_bytes())))
    }

    /// The hash as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An event exactly as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The event's version, which is also its place in the stream.
    pub version: u64,
    /// The stored text.
    pub body: String,
}

/// Where a stream no longer is what was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The text is not an event.
    #[error("event {version} cannot be read")]
    Unreadable {
        /// Where.
        version: u64,
    },
    /// A version is missing, doubled or out of place.
    #[error("expected event {expected}, found {found}")]
    Gap {
        /// Which version should stand here.
        expected: u64,
        /// Which one does.
        found: u64,
    },
    /// The event does not follow the text before it.
    #[error("event {version} does not follow the one before it")]
    Link {
        /// Which event.
        version: u64,
    },
    /// The state names another last event.
    #[error("the stream does not end where the order says")]
    Head,
}

/// Writes a record as it will be stored, and tells the hash that the next one must name.
pub fn seal(record: &Record) -> Result<(Sealed, Hash), serde_json::Error> {
    let body = serde_json::to_string(record)?;
    let hash = Hash::of(&body);
    Ok((Sealed { version: record.version, body }, hash))
}

/// Reads a whole stream, oldest first, and checks every link and the end.
pub fn open(stream: &[Sealed], head: &Hash) -> Result<Vec<Record>, Broken> {
    let mut previous = Hash::genesis();
    let mut records = Vec::with_capacity(stream.len());
    for (expected, sealed) in (1..).zip(stream) {
        let record: Record =
            serde_json::from_str(&sealed.body).map_err(|_| Broken::Unreadable { version: sealed.version })?;
        if record.version != expected || sealed.version != expected {
            return Err(Broken::Gap { expected, found: sealed.version.max(record.version) });
        }
        if record.previous != previous {
            return Err(Broken::Link { version: expected });
        }
        previous = Hash::of(&sealed.body);
        records.push(record);
    }
    if &previous == head { Ok(records) } else { Err(Broken::Head) }
}
