//! How a Lambda runs: configuration, logging, HTTP to use case and back, batches.
//!
//! The only crate that knows `lambda_http`. A [`Function`] is what the `wired` beside a handler makes:
//! `main` serves it to the Lambda runtime, the local cloud invokes the very same value with the very same event JSON.

#![recursion_limit = "256"]

mod boot;
pub mod events;
mod function;
pub mod http;
pub mod log;
mod metrics;
mod watch;

pub use boot::{BootError, config_from, serve};
pub use function::{Failure, Function, Wired};
pub use metrics::ReadableMetrics;
