//! Faults that were found once, each under its row in docs/review.

mod log;
mod texts;
