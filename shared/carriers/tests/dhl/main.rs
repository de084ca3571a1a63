//! The carrier port at DHL, spoken over HTTP to a DHL of our own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic here is a failed test")]

mod bench;
mod express;
mod failures;
mod parcels;
mod pushes;
#[path = "../story/mod.rs"]
mod story;
mod tracking;
