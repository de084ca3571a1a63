//! The functions against an embedded store: budgets, roles, faults, events.

#![allow(clippy::unwrap_used, reason = "a panic here is a failed test")]

mod budgets;
mod events;
mod failures;
mod faults;
mod holds;
mod mended;
mod requirements;
mod roles;
mod tables;
