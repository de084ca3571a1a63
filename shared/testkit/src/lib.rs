//! For tests only: builders, in-memory ports with fault injection, an embedded store with a meter, contract suites.
//!
//! - [`builders`] make realistic values in a few words.
//! - [`memory`] implements the ports without any store, with the same conditions as the real one.
//! - [`store`] starts an embedded DynamoDB whose client counts, measures and disturbs every call.
//! - [`fuse`] kills work at any of its awaits.
//! - [`flaky`] disturbs any store of orders by chance; [`rush`] is what a thousand buyers make of a hundred units.
//! - [`mod@contract`] says what any implementation of the storage ports must do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a panic here is a failed test")]

pub mod builders;
pub mod contract;
pub mod fault;
pub mod flaky;
pub mod fuse;
pub mod memory;
pub mod rush;
pub mod store;
pub mod time;

pub use fault::{Fault, Faults};
pub use time::{ManualClock, SeededRandom, start};
