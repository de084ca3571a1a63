//! Payment providers over HTTPS: the payment port at Stripe and PayPal.
//!
//! A crate of its own, so that only the functions that call a provider contain an HTTP client for it. Each provider is
//! a client, its wire format and its signature, mapped to the port's neutral words.

#[cfg(test)]
mod faults;
pub mod paypal;
pub mod setup;
pub mod stripe;

pub use oms_outbound::Secret;
pub use setup::{gateways, gateways_at_hand};
