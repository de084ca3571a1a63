//! Faults that were found by trying the product; each test bears the name of its row in docs/review.

mod cors;
mod ledger;
mod reading;
mod terms;
