//! How the system touches the world: the ports on AWS.
//!
//! Everything is made from a given SDK client and the names of its resources, so that tests and the local cloud hand in
//! theirs. An SDK's type never travels inward: its errors are translated once, in the module that calls it.

pub mod aws;
pub mod clock;
pub mod dynamodb;
pub mod embedded_metrics;
#[cfg(test)]
mod faults;
pub mod messenger;
pub mod random;
pub mod s3_documents;
pub mod secrets;
pub mod sns_alerts;
pub mod sns_bus;
mod trust;
pub mod world;
