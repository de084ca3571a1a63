//! The payment port at PayPal, spoken over HTTP to a PayPal of our own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic here is a failed test")]

mod bench;
mod failures;
mod faults;
mod lies;
mod notifications;
mod operations;
