//! Faults that were found once, each under its row in docs/review.

mod edges;
mod log;
mod texts;
