//! Faults that were found once, each under its row in docs/review.md.

mod limits;
mod messages;
