//! Faults that were found by trying the product; each test bears the name of its row in docs/review.

mod cors;
mod ledger;
mod terms;
//! Faults that were found once, each under its row in docs/review.

mod limits;
