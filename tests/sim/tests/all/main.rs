//! Stories, planted mistakes, and the queues of the template.

#![allow(clippy::unwrap_used, reason = "a panic here is a failed test")]

mod stories;
mod teeth;
mod template;
