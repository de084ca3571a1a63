//! What customers are told.

pub mod notify;
pub mod texts;
