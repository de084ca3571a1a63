//! Why the parts give no template.

use std::fmt;

/// What is wrong, and where; one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The file, from the root of the repository.
    pub file: String,
    /// The row or entry; empty when the whole file is meant.
    pub row: String,
    /// What is wrong.
    pub message: String,
}

impl Refusal {
    pub(crate) fn of(file: &str, row: &str, message: &str) -> Self {
        Refusal { file: file.to_owned(), row: row.to_owned(), message: message.to_owned() }
    }

    pub(crate) fn unreadable(file: &str, error: &dyn fmt::Display) -> Self {
        Refusal::of(file, "", &error.to_string())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Refusal { file, row, message } = self;
        if row.is_empty() { write!(f, "{file}: {message}") } else { write!(f, "{file}: {row}: {message}") }
    }
}

impl std::error::Error for Refusal {}
