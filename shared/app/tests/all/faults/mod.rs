//! Faults that were found by trying the product; each test bears the name of its row in docs/review.

mod terms;
//! Faults that were found by trying: each test is named after its row (docs/review).

mod ledger;
mod under_way;
