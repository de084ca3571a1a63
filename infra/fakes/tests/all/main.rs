//! The fakes of payment providers behave as the providers do.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a panic here is a failed test")]

mod paypal;
mod stripe;
