//! Carriers over HTTPS: the carrier port at FedEx, UPS and DHL.
//!
//! A crate of its own, so that only the functions that call a carrier contain a client for it. Each carrier is its wire format, a table
//! of its status codes and its way to prove a push, mapped to the port's neutral words; what they have in common is here beside them.
//!
//! None of them has a key under which a label is bought once. So what a lost answer means is decided by the call: a question that is
//! lost may be asked again ([`CarrierError::Unavailable`]), a purchase may not ([`CarrierError::Unknown`]).
//!
//! [`CarrierError::Unavailable`]: oms_app::ports::CarrierError::Unavailable
//! [`CarrierError::Unknown`]: oms_app::ports::CarrierError::Unknown

mod client;
pub mod dhl;
pub mod fedex;
mod json;
mod measures;
mod news;
mod proof;
pub mod setup;
mod text;
mod token;
pub mod ups;
mod way;

pub use oms_outbound::Secret;
pub use setup::{carriers, carriers_at_hand, sellers, sellers_at_hand, trackers};
