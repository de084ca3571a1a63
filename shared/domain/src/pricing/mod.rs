//! What an order costs: taxes and totals, promotions, shipping.

pub mod promotion;
pub mod shipping;
mod taxes;

pub use taxes::{Item, STANDARD_TAX_CLASS, TaxTable, Taxes, Totals};
