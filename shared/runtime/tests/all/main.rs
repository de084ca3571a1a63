//! Requests, problems, batches and lines, as the platform sees them.

mod batches;
mod metrics;
mod parsers;
mod problems;
mod requests;
