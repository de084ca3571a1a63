//! What holds of orders, payments, stock and prices, command by command and by chance.

#![allow(
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::needless_pass_by_value,
    clippy::too_many_lines,
    clippy::trivially_copy_pass_by_ref,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a panic here is a failed test"
)]

mod access;
mod books;
mod cancel_lines;
mod changes;
mod commands;
mod expected;
mod faults;
mod holds;
mod invariants;
mod labels;
mod notes;
mod numbered_returns;
mod payments;
mod properties;
mod public_events;
mod refunds;
mod shipments;
mod stock;
mod stored_format;
mod support;
