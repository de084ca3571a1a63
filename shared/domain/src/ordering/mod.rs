//! The order aggregate.
//!
//! 1. A use case loads an [`Order`] and hands it to [`decide`] with a [`Command`].
//! 2. `decide` answers with [`Event`]s, with "already applied", or with a [`Refusal`].
//! 3. [`Change::new`] folds the events into the next state with [`Order::evolve`], seals them into the hash chain and
//!    derives the stock moves; a store writes all of it in one transaction, or nothing.
//!
//! Replaying the stored events gives the stored state ([`Order::replay`]).

pub mod address;
mod amendment;
mod change;
mod command;
mod decide;
mod diagnosis;
mod error;
mod event;
mod evolve;
mod invariants;
mod moves;
mod note;
mod refunding;
mod returning;
mod state;
mod status;
mod terms;
mod words;

pub use amendment::{
    Amendment, ChangeWords, Due, Extra, MAX_CHANGES, MAX_EXTRA_CHARACTERS, MAX_EXTRAS, Offer, Reached, Revision,
};
pub use change::{Change, InvalidChange, Provenance};
pub use command::{Command, LabelAnswer, NewOrder, NewReturn, ReturnStep, ShipmentStep, WantedLine};
pub use decide::{Decision, create, decide};
pub use diagnosis::Wait;
pub use error::Refusal;
pub use event::{
    CancelReason, ChangeEvent, CheckoutEvent, DisputeEvent, Event, HoldEvent, LabelEvent, LapseReason, NoteEvent,
    PaymentEvent, Record, ReductionReason, RefundEvent, ReturnEvent, ReviewEvent, ReviewReason, ShipmentEvent,
};
pub use moves::{all_moves, moves};
pub use note::{MAX_NOTE_TEXT_CHARACTERS, MAX_NOTES, MAX_NOTES_OF_SELLERS, NewNote, Note, NoteVisibility};
pub use state::{Hold, HoldReason, Line, MAX_HOLDS, Order, REVIEW_HOLD, Review, TimelineEntry};
pub use status::{Action, Status, UnknownStatus};
pub use terms::{DRAFT_DAYS, Draft, Terms, Wishes, end_of_draft};
pub use words::Words;

/// How long submitted stock is held for an unpaid order (F3).
pub const HOLD_MINUTES: i64 = 30;

/// How long an order waits for money that its provider says is under way, in days. Bank debits and transfers take up to
/// two weeks.
pub const PROCESSING_DAYS: i64 = 14;

/// Most lines of one order, so that all that a change of it writes is written at once (ADR 1).
pub const MAX_LINES: usize = 80;

/// Most units of one line.
pub const MAX_QUANTITY: u32 = 9_999;

/// Longest note, in characters.
pub const MAX_NOTE_CHARACTERS: usize = 500;

/// With so many entries in the timeline, an order begins no other round of failed deliveries or return requests.
pub const MAX_TIMELINE_ENTRIES: usize = 60;
