//! Faults that were found by trying the product; each test bears the name of its row in docs/review.

mod ledger;
mod limits;
mod money_by_chance;
mod pricing;
mod reading;
mod terms;
