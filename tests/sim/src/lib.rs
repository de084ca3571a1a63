//! A simulator with teeth: the real handlers on ports in memory, on one thread, under one seed.
//!
//! A seed decides who does what, who comes before whom, what goes wrong and how time passes. Every story ends with the
//! end of all trouble; within 35 virtual minutes everything must be at rest, and all invariants hold. A seed that fails
//! tells the same story again.
//!
//! - [`tell`] runs a story; [`shortest`] looks for the shortest one that still fails.
//! - [`Bug`] lists realistic mistakes that can be planted; a test shows that each is found.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a panic here is a failed test")]

mod carrier;
mod check;
mod cloud;
mod exec;
mod goods_back;
mod http;
mod label_line;
mod line;
mod people;
mod planted;
mod ports;
mod process;
mod provider;
pub mod queue;
mod shrink;
mod story;
pub mod stream;
mod terms;
mod weather;
mod world;

pub use planted::{Bug, first_bite};
pub use shrink::shortest;
pub use story::{Report, tell};
pub use weather::{Fault, Plan};
