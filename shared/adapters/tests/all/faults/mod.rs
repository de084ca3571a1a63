//! Faults that were found once, each under its row in docs/review.

mod limits;
mod messages;
