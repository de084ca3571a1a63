//! What people note about an order: notes, the shop's tags for it, and who looks after it (K3).
//!
//! A note cannot be changed or taken back: what somebody has read stays what they have read.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::address::Person;
use super::state::Order;
use super::words::Words;
use crate::actor::{Actor, Caller};
use crate::ids::SellerId;

/// Longest note about an order, in characters.
pub const MAX_NOTE_TEXT_CHARACTERS: usize = 1_000;

/// Most notes of an order, so that it is read at once with all that is written about it.
pub const MAX_NOTES: usize = 50;

/// Most notes of an order that its sellers have written, all of them together: the shop always has room for its own.
pub const MAX_NOTES_OF_SELLERS: usize = 30;

/// What stands between two tags where they are stored. A tag is one line.
const BETWEEN_TAGS: char = '\n';

/// For whom a note is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteVisibility {
    /// For the shop, and for the seller who wrote it.
    #[default]
    Private,
    /// For everybody who sees the order.
    Customer,
}

impl NoteVisibility {
    const fn is_private(self) -> bool {
        matches!(self, NoteVisibility::Private)
    }
}

/// A note that is yet to be written.
#[derive(Clone, PartialEq, Eq)]
pub struct NewNote {
    /// 1 to [`MAX_NOTE_TEXT_CHARACTERS`] characters.
    pub text: String,
    pub visibility: NoteVisibility,
    /// For which seller it is written; nothing where the shop writes it.
    pub seller_id: Option<SellerId>,
}

impl NewNote {
    /// A note of the shop's for itself.
    pub fn private(text: impl Into<String>) -> Self {
        NewNote { text: text.into(), visibility: NoteVisibility::Private, seller_id: None }
    }
}

impl std::fmt::Debug for NewNote {
    /// What people write never reaches a log by accident.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewNote(..)")
    }
}

/// A note about an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Its name within the order.
    pub id: String,
    pub text: Words,
    pub visibility: NoteVisibility,
    pub by: Actor,
    /// The seller for whom it was written; nothing where the shop wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "seller")]
    pub seller_id: Option<SellerId>,
    pub at: Timestamp,
}

impl Note {
    /// Whether somebody who sees the order reads it.
    pub fn is_for(&self, caller: &Caller) -> bool {
        let is_private = self.visibility.is_private();
        match caller {
            Caller::Admin(_) => true,
            Caller::Customer(_) => !is_private,
            Caller::Seller { seller, .. } => !is_private || self.seller_id.as_ref() == Some(seller),
        }
    }
}

/// Tags as they are stored: their words may be personal, and stand where all words do.
pub(super) fn joined(tags: &[String]) -> Words {
    tags.join(&BETWEEN_TAGS.to_string()).into()
}

impl Order {
    /// Its notes that this caller reads, oldest first.
    pub fn notes_for<'a>(&'a self, caller: &'a Caller) -> impl Iterator<Item = &'a Note> {
        self.notes.iter().filter(|note| note.is_for(caller))
    }

    /// The shop's own words for it: those of its creation until somebody has set others. None once they were erased.
    pub fn tags<'a>(&'a self, person: Option<&'a Person>) -> Vec<&'a str> {
        match &self.tags {
            Some(words) => words.read(person).map_or_else(Vec::new, |text| text.split(BETWEEN_TAGS).collect()),
            None => person.map_or_else(Vec::new, |person| person.details.tags.iter().map(String::as_str).collect()),
        }
    }
}
