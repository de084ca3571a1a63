//! Adds a note to an order (K3), for the shop and its writer alone or for the customer as well.
//!
//! A note cannot be changed or taken back. Its words stand beside the person record and are erased with it; the event has their place.

use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_domain::ids::{OrderId, SellerId};
use oms_domain::ordering::address::Person;
use oms_domain::ordering::{Command, NewNote, Note, NoteVisibility, Order};

use super::written::room_for;
use crate::error::Error;
use crate::execute::{WritePath, told};
use crate::intent::Intent;

pub struct AddNote(pub WritePath);

/// The note that was added, and the order's version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    pub note: Note,
    pub person: Option<Person>,
    pub version: u64,
}

impl AddNote {
    pub async fn run(
        &self,
        order_id: OrderId,
        intent: &Intent,
        text: &str,
        visibility: NoteVisibility,
    ) -> Result<Noted, Error> {
        let stored = self.0.load(Operation::AddNote, order_id, intent).await?;
        let text = text.trim().to_owned();
        let (shown, id) = match room_for(text.len(), stored.person.as_ref()) {
            Ok(()) => {
                let new = NewNote { text, visibility, seller_id: seller_of(&intent.caller) };
                let name = |order: &Order| order.notes.last().map_or_else(String::new, |note| note.id.clone());
                self.0.decide_with(stored, intent, &Command::AddNote(new), name).await.map_err(told)?
            }
            Err(refusal) => self.0.refuse(stored, intent, refusal).await?,
        };
        let note = shown.order.notes.iter().find(|note| note.id == id).cloned();
        let note = note.ok_or_else(|| Error::Internal(format!("order {order_id} lacks the note {id}")))?;
        Ok(Noted { note, version: shown.order.version, person: shown.person })
    }
}

/// For whom the note is written: somebody of a seller's writes for them.
fn seller_of(caller: &Caller) -> Option<SellerId> {
    match caller {
        Caller::Seller { seller, .. } => Some(seller.clone()),
        Caller::Customer(_) | Caller::Admin(_) => None,
    }
}
