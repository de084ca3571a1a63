//! Faults that were found by using the product; each test bears the name of its row in docs/review.md.

mod counting;
mod ledger;
mod limits;
mod money_by_chance;
mod pricing;
mod reading;
mod terms;
