//! What customers are told.

pub mod low_stock;
pub mod notify;
pub mod texts;
pub mod tracking_links;
