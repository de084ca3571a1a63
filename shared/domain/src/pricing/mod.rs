//! What an order costs: taxes and totals, promotions, shipping.

pub mod carrier_rate;
pub mod dispatch;
pub mod promotion;
pub mod shipping;
mod taxes;
pub mod zone;

pub use taxes::{Item, SHIPPING_TAX_CLASS, STANDARD_TAX_CLASS, TaxTable, Taxes, Totals};
