//! The adapters against an embedded store, and what they cost.

#![allow(clippy::unwrap_used, reason = "a panic here is a failed test")]

mod budgets;
mod dynamodb_contract;
mod faults;
mod messages;
mod parcels;
mod promotions;
mod rush;
