//! What the system does: one use case per function and file, named as the function, in the folder of its context.
//!
//! Use cases know the domain and the [`ports`]; they know neither AWS nor HTTP. Each file opens with its steps. Every
//! change of an order goes through [`execute`]: load, decide, commit.

pub mod catalog;
pub mod companions;
pub mod cursor;
pub mod customers;
pub mod error;
pub mod execute;
pub mod fulfilment;
pub mod idempotency;
pub mod insights;
pub mod intent;
pub mod link_keys;
pub mod messaging;
pub mod ordering;
pub mod payments;
pub mod platform;
pub mod ports;
pub mod pricing;
pub mod returns;
pub mod world;

pub use error::{Error, Field};
