//! What holds of orders, payments, stock and prices, command by command and by chance.

#![allow(
    clippy::expect_used,
    clippy::needless_pass_by_value,
    clippy::unwrap_used,
    reason = "a panic here is a failed test"
)]

mod access;
mod books;
mod commands;
mod faults;
mod invariants;
mod payments;
mod properties;
mod public_events;
mod refunds;
mod stock;
mod stored_format;
mod support;
