//! What people write about an order.
//!
//! Free text may hold personal data, and an event is kept for years and never changed. So the text goes beside the person
//! record, where it can be erased, and the event keeps the place of it.

use serde::{Deserialize, Serialize};

use super::address::Person;
use super::event::{
    ChangeEvent, CheckoutEvent, Event, HoldEvent, NoteEvent, RefundEvent, ReturnEvent, ReviewEvent, ShipmentEvent,
};

/// What the place of a text begins with where it is stored. No text that people may write holds it.
const PLACE: char = '\u{1}';

/// A text, or where it is. Stored as a text in any case: while a release is brought out, functions of the one before read what
/// those of the new one write, and they know texts only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub enum Words {
    /// With the person record, under the version of the event that it was written with.
    Beside(u64),
    /// A code of ours; and free text, as events of before hold it.
    Here(String),
}

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Stored(String);

impl From<Stored> for Words {
    fn from(Stored(text): Stored) -> Self {
        let place = text.strip_prefix(PLACE).and_then(|version| version.parse().ok());
        place.map_or(Words::Here(text), Words::Beside)
    }
}

impl From<Words> for Stored {
    fn from(words: Words) -> Self {
        Stored(match words {
            Words::Beside(version) => format!("{PLACE}{version}"),
            Words::Here(text) => text,
        })
    }
}

impl Default for Words {
    fn default() -> Self {
        Words::Here(String::new())
    }
}

impl From<String> for Words {
    fn from(text: String) -> Self {
        Words::Here(text)
    }
}

impl From<&str> for Words {
    fn from(text: &str) -> Self {
        Words::Here(text.to_owned())
    }
}

impl Words {
    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        matches!(self, Words::Here(text) if text.is_empty())
    }

    /// The text; nothing if it was erased with the person.
    pub fn read<'a>(&'a self, person: Option<&'a Person>) -> Option<&'a str> {
        match self {
            Words::Beside(version) => person?.words.get(version).map(String::as_str),
            Words::Here(text) => Some(text).filter(|text| !text.is_empty()).map(String::as_str),
        }
    }
}

impl Event {
    /// Takes out what somebody wrote with this event, which becomes that of a version; codes of ours stay.
    pub fn set_apart(&mut self, version: u64) -> Option<String> {
        let words = self.written().filter(|words| !words.is_empty())?;
        match std::mem::replace(words, Words::Beside(version)) {
            Words::Here(text) => Some(text),
            Words::Beside(_) => None,
        }
    }

    fn written(&mut self) -> Option<&mut Words> {
        match self {
            Event::Checkout(
                CheckoutEvent::OrderCancelled { note, .. } | CheckoutEvent::OrderLinesCancelled { note, .. },
            )
            | Event::Shipment(
                ShipmentEvent::OrderProcessingStarted { note }
                | ShipmentEvent::OrderShipmentPacked { note, .. }
                | ShipmentEvent::OrderShipmentCancelled { note, .. }
                | ShipmentEvent::OrderShipped { note, .. }
                | ShipmentEvent::OrderShipmentFailed { note, .. }
                | ShipmentEvent::OrderDeliveryFailed { note, .. }
                | ShipmentEvent::OrderShipmentLost { note, .. }
                | ShipmentEvent::OrderShipmentDelivered { note, .. }
                | ShipmentEvent::OrderDelivered { note, .. },
            )
            | Event::Hold(HoldEvent::OrderHoldPlaced { note, .. } | HoldEvent::OrderHoldReleased { note, .. })
            | Event::Review(ReviewEvent::OrderReviewApproved { note })
            | Event::Return(
                ReturnEvent::OrderReturnOpened { note, .. }
                | ReturnEvent::OrderReturnApproved { note, .. }
                | ReturnEvent::OrderReturnDeclined { note, .. }
                | ReturnEvent::OrderReturnReceived { note, .. }
                | ReturnEvent::OrderReturnCancelled { note, .. },
            ) => note.as_mut(),
            Event::Return(
                ReturnEvent::OrderReturnRequested { reason, .. } | ReturnEvent::OrderReturnDenied { reason },
            ) => Some(reason),
            Event::Refund(RefundEvent::OrderRefundInitiated { part, .. }) => part.as_mut().map(|part| &mut part.note),
            Event::Change(
                ChangeEvent::OrderChanged { revision, .. } | ChangeEvent::OrderChangeOffered { revision, .. },
            ) => revision.written.as_mut(),
            Event::Note(NoteEvent::OrderNoteAdded { note, .. } | NoteEvent::OrderTagsChanged { tags: note }) => {
                Some(note)
            }
            Event::Checkout(
                CheckoutEvent::OrderCreated { .. }
                | CheckoutEvent::OrderSubmitted { .. }
                | CheckoutEvent::OrderConfirmedFree,
            )
            | Event::Payment(_)
            | Event::Shipment(
                ShipmentEvent::OrderShipmentPlanned { .. }
                | ShipmentEvent::OrderTrackingChanged { .. }
                | ShipmentEvent::OrderShipmentOutForDelivery { .. }
                | ShipmentEvent::OrderShipmentReadyForPickup { .. }
                | ShipmentEvent::OrderShipmentReplaced { .. }
                | ShipmentEvent::OrderRestWithdrawn,
            )
            | Event::Return(
                ReturnEvent::OrderReturned { .. }
                | ReturnEvent::OrderReturnExpired { .. }
                | ReturnEvent::OrderReturnClosed { .. },
            )
            | Event::Refund(
                RefundEvent::OrderRefundCompleted { .. }
                | RefundEvent::OrderRefundReduced { .. }
                | RefundEvent::OrderRefundFailed { .. }
                | RefundEvent::OrderClosedAsRefunded,
            )
            | Event::Dispute(_)
            | Event::Change(ChangeEvent::OrderChangeAccepted { .. } | ChangeEvent::OrderChangeLapsed { .. })
            | Event::Label(_)
            | Event::Note(NoteEvent::OrderAssigneeChanged { .. })
            | Event::Review(ReviewEvent::OrderReviewRequested { .. }) => None,
        }
    }
}
