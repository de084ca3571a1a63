//! What people note about an order, in whatever state it is (K3).

use super::super::error::Refusal;
use super::super::event::NoteEvent;
use super::super::note::{MAX_NOTES, MAX_NOTES_OF_SELLERS, NewNote, joined};
use super::super::state::Order;
use super::Decision;
use crate::ids::UserId;

pub(super) fn add(order: &Order, new: NewNote) -> Result<Decision, Refusal> {
    let of_sellers = order.notes.iter().filter(|note| note.seller_id.is_some()).count();
    if new.seller_id.is_some() && of_sellers >= MAX_NOTES_OF_SELLERS {
        return Err(Refusal::TooManyNotes(MAX_NOTES_OF_SELLERS));
    }
    if order.notes.len() >= MAX_NOTES {
        return Err(Refusal::TooManyNotes(MAX_NOTES));
    }
    let NewNote { text, visibility, seller_id } = new;
    let id = Some(format!("n{}", order.version + 1));
    Ok(Decision::of(NoteEvent::OrderNoteAdded { note: text.into(), id, visibility: Some(visibility), seller_id }))
}

/// The order does not know the words of its tags; whoever read them says at which version they were these very ones.
pub(super) fn set_tags(order: &Order, tags: &[String], already_at: Option<u64>) -> Decision {
    if already_at == Some(order.version) {
        return Decision::AlreadyApplied;
    }
    Decision::of(NoteEvent::OrderTagsChanged { tags: joined(tags) })
}

pub(super) fn assign(order: &Order, assignee: Option<UserId>) -> Decision {
    if order.assigned_to == assignee {
        return Decision::AlreadyApplied;
    }
    Decision::of(NoteEvent::OrderAssigneeChanged { assignee })
}
