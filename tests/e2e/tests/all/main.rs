//! The scenarios over real HTTP against the local cloud, which runs the functions of `template.yaml` in this process.
//!
//! Every scenario ends with [`app::TestApp::finish`]: nothing is left in a queue, and the invariants hold over all
//! orders of the instance. Scenarios over a [`stage::Stage`] play against a deployed stack too. Time never passes by itself here: a scenario that waits moves the clock.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a panic here is a failed test")]

mod answer;
mod app;
mod bad_input;
mod cancel;
mod cards;
mod carrier_rates;
mod catalog;
mod changes;
mod chaos;
mod checkout;
mod deadline;
mod delivery;
mod deployed;
mod drafts;
mod faults;
mod fulfil;
mod idempotency;
mod instances;
mod invariants;
mod labels;
mod lists;
mod logs;
mod methods;
mod notes;
mod observability;
mod outage;
mod poison;
mod providers;
mod refunds;
mod reorder;
mod restart;
mod returns;
mod review;
mod routes;
mod settings;
mod shipments;
mod shop;
mod slips;
mod stage;
mod stock;
mod story;
mod strangers;
mod tracking;
mod webhooks;
mod who_may;
mod wire;
