//! What a customer says of an order beside where it goes: in which language and time zone they read, and what they wrote.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Most characters of a note that a customer writes.
pub const MAX_NOTE_CHARACTERS: usize = 1_000;
/// Longest reference of another system, in characters.
pub const MAX_REFERENCE_CHARACTERS: usize = 100;
/// Most tags of an order.
pub const MAX_TAGS: usize = 20;
/// Longest tag, in characters.
pub const MAX_TAG_CHARACTERS: usize = 40;

/// Part of the person record: free text is personal, and goes when that is erased. Records of before have none of it.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Details {
    /// Language and region of the customer, BCP 47, in its canonical form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Time zone of the customer, as the IANA names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// What the customer tells the shop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_note: Option<String>,
    /// What whoever opens the parcel reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gift_note: Option<String>,
    /// What another system calls the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_reference: Option<String>,
    /// The shop's own words for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

impl Details {
    /// Whether there is nothing to store.
    pub fn is_empty(&self) -> bool {
        *self == Details::default()
    }
}

impl fmt::Debug for Details {
    /// Personal data never reaches a log by accident.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Details(..)")
    }
}
