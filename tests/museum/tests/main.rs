//! What was stored and sent by an earlier state of the code, read by the present one; see the README beside `Cargo.toml`.
//!
//! `now` holds all that these tests know of the present code: when a module moves, it is repaired there and nowhere else.

#![allow(clippy::unwrap_used, reason = "a panic here is a failed test")]

mod events;
mod folder;
mod items;
mod messages;
mod now;
mod shop;
mod story;
mod words;
