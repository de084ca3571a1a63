//! Faults that were found by using the product; each test bears the name of its row in docs/review.md.

mod at_once;
mod cors;
mod ledger;
mod limits;
mod reading;
mod rights;
mod terms;
