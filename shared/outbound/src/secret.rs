//! Keys and passwords.

use std::fmt;

use serde::Deserialize;

/// A text that grants something. It is neither shown by `Debug` nor written by serde; who needs it asks for it by name,
/// so that every such place can be found.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Secret(text.into())
    }

    /// The text itself: for the request or the computation that needs it, never for an error or a log.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        let secret = Secret::new("sk_test_hidden");
        assert_eq!(format!("{secret:?} {:#?}", Some(&secret)), "Secret(..) Some(\n    Secret(..),\n)");
        assert_eq!(secret.expose(), "sk_test_hidden");
        let read: Secret = serde_json::from_str("\"sk_test_hidden\"").unwrap();
        assert_eq!(read, secret);
    }
}
