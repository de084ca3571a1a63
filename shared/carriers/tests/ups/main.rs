//! The carrier port at UPS, spoken over HTTP to a UPS of our own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic here is a failed test")]

mod bench;
mod failures;
mod labels;
mod pushes;
#[path = "../story/mod.rs"]
mod story;
mod tracking;
