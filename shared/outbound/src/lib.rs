//! Calls to other people's services over HTTPS: what the crates of providers and carriers have in common.
//!
//! A crate of its own, so that neither of them contains the other. Only functions that call somebody contain it.

pub mod correlation;
pub mod http;
pub mod pause;
mod place;
mod secret;

pub use place::is_private;
pub use secret::Secret;
