//! Requests, problems, batches and lines, as the platform sees them.

mod batches;
mod journal;
mod parsers;
mod problems;
mod requests;
