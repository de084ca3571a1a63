//! Faults that were found by using the product; each test bears the name of its row in docs/review.md.

mod agenda;
mod busy;
mod counting;
mod details;
mod imports;
mod ledger;
mod limits;
mod messages;
mod pricing;
mod publishing;
mod reading;
mod screening;
mod stream;
mod terms;
mod under_way;
