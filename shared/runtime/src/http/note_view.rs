//! Notes about an order as clients see them.

use jiff::Timestamp;
use oms_app::execute::OrderWithContact;
use oms_domain::actor::Caller;
use oms_domain::ordering::address::Person;
use oms_domain::ordering::{Note, NoteVisibility};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::ActorView;
use super::words;

/// A note about an order.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "note_id": "n3", "text": "The blue mug is sold out at our supplier; yours leaves on Friday.", "visibility": "customer",
    "author": {"id": "grace", "role": "admin"}, "created_at": "2026-01-05T10:00:00Z"
})))]
pub struct NoteView {
    /// Names it within the order.
    pub note_id: String,
    /// What was written; null once erased.
    pub text: Option<String>,
    /// private: for the shop and the seller who wrote it; customer: for everybody who sees the order.
    #[schema(value_type = words::NoteVisibility)]
    pub visibility: NoteVisibility,
    /// Who wrote it.
    pub author: ActorView,
    /// When it was written.
    pub created_at: Timestamp,
}

impl NoteView {
    pub fn of(note: &Note, person: Option<&Person>) -> Self {
        NoteView {
            note_id: note.id.clone(),
            text: note.text.read(person).map(ToOwned::to_owned),
            visibility: note.visibility,
            author: ActorView::of(&note.by),
            created_at: note.at,
        }
    }

    /// Those that this caller reads, oldest first.
    pub fn all_of(shown: &OrderWithContact, caller: &Caller) -> Vec<Self> {
        shown.order.notes_for(caller).map(|note| NoteView::of(note, shown.person.as_ref())).collect()
    }
}
