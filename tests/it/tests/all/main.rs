//! The functions against an embedded store: budgets, roles, faults, events.

mod budgets;
mod events;
mod faults;
mod holds;
mod requirements;
mod roles;
mod tables;
