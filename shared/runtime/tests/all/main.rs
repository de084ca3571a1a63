//! Requests, problems, batches and lines, as the platform sees them.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a panic here is a failed test")]

mod batches;
mod faults;
mod language;
mod metrics;
mod parsers;
mod problems;
mod requests;
