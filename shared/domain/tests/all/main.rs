//! What holds of orders, payments, stock and prices, command by command and by chance.

mod commands;
mod invariants;
mod payments;
mod properties;
mod public_events;
mod refunds;
mod stock;
mod stored_format;
mod support;
