//! Faults that were found by trying the product; each test bears the name of its row in docs/review.

mod agenda;
mod ledger;
mod limits;
mod messages;
mod stream;
mod terms;
mod under_way;
