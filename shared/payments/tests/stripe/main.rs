//! Stripe's adapter against our Stripe, over HTTP.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic here is a failed test")]

mod bench;
mod failures;
mod faults;
mod lies;
mod pages;
mod refunds;
mod samples;
mod secrets;
mod webhooks;
