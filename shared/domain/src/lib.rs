//! What an order is.
//!
//! Pure and synchronous: this crate never learns the time, draws no random number, reads no environment and knows
//! nothing of AWS. Time and ids come in as arguments; what happened goes out as [`order::Event`]s. Every error in it
//! is a business reason.
//!
//! Read [`order`] first: its `decide` answers a command with events, its `evolve` turns events into state.

pub mod actor;
pub mod address;
pub mod card;
pub mod catalog;
pub mod chain;
pub mod fulfilment;
pub mod ids;
pub mod money;
pub mod movement;
pub mod notification;
pub mod order;
pub mod payment;
pub mod postal;
pub mod pricing;
pub mod promotion;
pub mod public_event;
pub mod shipping;
pub mod stock;
