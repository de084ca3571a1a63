//! Faults that were found once, as clients met them, each under its row in docs/review.

mod cors;
