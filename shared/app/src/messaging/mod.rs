//! What customers are told.

pub mod alerts;
pub mod notify;
pub mod texts;
pub mod tracking_links;
