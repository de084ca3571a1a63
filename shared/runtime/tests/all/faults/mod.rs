//! Faults that were found in use, each with the right value; named after their rows in docs/review.

mod texts;
