//! Handlers against embedded DynamoDB: the functions of the template exactly as they are deployed, with the real store.
//!
//! - [`Bench`] wires every function over one metered store; topic, messages, time and payments are in memory.
//! - [`Call`] is a request as the gateway would send it, [`Reply`] what it would get.
//! - [`Template`] reads `template.yaml`: functions, their triggers, roles and tables.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a panic here is a failed test")]
#![allow(
    clippy::needless_pass_by_value,
    clippy::wildcard_enum_match_arm,
    reason = "a bench for tests: what it does not know it passes on"
)]

mod bench;
mod call;
mod template;

pub use bench::{Bench, Entry, queue_event, schedule_event, stream_event};
pub use call::{Call, Reply, ada, an_address, cart};
pub use template::{Permission, Template, Trigger, file, package_of};
