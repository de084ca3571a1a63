//! What every command comes with: who wants it, what they have seen, and under which key it is remembered.
//!
//! The edge reads it once, before it reads a body; what is special about a command is an argument of its own.

use oms_domain::actor::Caller;

use crate::execute::CommandContext;
use crate::idempotency::Idempotency;

/// A person's wish to change something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    pub caller: Caller,
    /// The version that the caller has seen, if they said so (`If-Match`).
    pub expected_version: Option<u64>,
    /// The caller's key, and a fingerprint of the whole request.
    pub idempotency: Option<Idempotency>,
    pub correlation_id: String,
}

impl Intent {
    /// Whatever the version, and without a key.
    pub fn by(caller: Caller, correlation_id: &str) -> Self {
        Intent { caller, expected_version: None, idempotency: None, correlation_id: correlation_id.to_owned() }
    }

    /// Only if it still has this version.
    #[must_use]
    pub fn expecting(self, version: u64) -> Self {
        Intent { expected_version: Some(version), ..self }
    }

    /// Remembered under this key.
    #[must_use]
    pub fn keyed(self, idempotency: Idempotency) -> Self {
        Intent { idempotency: Some(idempotency), ..self }
    }

    /// As the circumstances of a change.
    pub fn context(&self) -> CommandContext {
        CommandContext::by(&self.caller, &self.correlation_id)
            .with_version(self.expected_version)
            .with_idempotency(&self.caller, self.idempotency.as_ref())
    }
}
