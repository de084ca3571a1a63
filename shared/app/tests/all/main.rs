//! The use cases on ports in memory: what customers, sellers, the shop, providers and queues can make of them, also
//! when the store, a provider or the messenger fails in the middle.

#![allow(
    clippy::large_futures,
    clippy::type_complexity,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a panic here is a failed test"
)]

mod callbacks;
mod carrier_rates;
mod catalog;
mod change;
mod changes;
mod correlation;
mod count_orders;
mod crashes;
mod create;
mod cursor;
mod faults;
mod fulfil;
mod health;
mod imports;
mod labels;
mod lists;
mod messages;
mod methods;
mod notes;
mod overdue;
mod parcels;
mod pay;
mod prices;
mod provider;
mod refunds;
mod relay;
mod reorder;
mod returns;
mod settings;
mod shared_numbers;
mod shipments;
mod shop;
mod slips;
mod storm;
mod sweep;
mod tracking;
mod update;
