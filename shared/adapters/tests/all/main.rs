//! The adapters against an embedded store, and what they cost.

mod budgets;
mod dynamodb_contract;
mod messages;
mod promotions;
mod rush;
