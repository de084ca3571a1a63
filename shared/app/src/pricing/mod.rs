//! What a cart costs, and the tables behind it.

pub mod carrier_rates;
pub mod change_settings;
pub mod quote_order;
pub mod settings;
pub mod view_settings;
