//! What keeps the system going: outbox, due work, health.

pub mod catch_up;
pub mod correlation;
pub mod health;
mod publish_lag;
pub mod publisher;
pub mod recount;
pub mod relay;
pub mod sweep;
