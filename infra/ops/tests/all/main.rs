//! Commands of operators against an imitation of the CLI and the embedded store.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a panic here is a failed test")]

mod faults;
