//! What keeps the system going: outbox, due work, health.

pub mod correlation;
pub mod health;
pub mod relay;
pub mod sweep;
