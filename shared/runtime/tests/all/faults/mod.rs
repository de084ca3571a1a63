//! Faults that were found once, each under its row in docs/review.md.

mod edges;
pub(crate) mod log;
mod texts;
