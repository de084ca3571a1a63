//! Faults that were found by trying the product; each test bears the name of its row in docs/review.

mod agenda;
mod details;
mod imports;
mod ledger;
mod messages;
mod pricing;
mod reading;
mod stream;
mod terms;
mod under_way;
