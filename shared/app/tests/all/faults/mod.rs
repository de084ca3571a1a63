//! Faults that were found by trying the product; each test bears the name of its row in docs/review.

mod details;
mod imports;
mod pricing;
mod reading;
mod terms;
