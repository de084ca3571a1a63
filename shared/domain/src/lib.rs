//! What an order is.
//!
//! Pure and synchronous: this crate never learns the time, draws no random number, reads no environment and knows
//! nothing of AWS. Time and ids come in as arguments; what happened goes out as [`ordering::Event`]s. Every error in it
//! is a business reason.
//!
//! Read [`ordering`] first: its `decide` answers a command with events, its `evolve` turns events into state.

pub mod access;
pub mod actor;
pub mod card;
pub mod catalog;
pub mod chain;
pub mod fulfilment;
pub mod ids;
pub mod link;
pub mod messaging;
pub mod money;
pub mod ordering;
pub mod payments;
pub mod pricing;
pub mod public_event;
pub mod returns;
pub mod signed_link;
pub mod text;
