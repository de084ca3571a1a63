//! What the shop sells, as far as an order needs to know.

use serde::{Deserialize, Serialize};

use crate::ids::{ProductId, SellerId};
use crate::money::{Amount, Currency};
use crate::stock::Stock;

/// A product with its stock, one stored item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// The seller's own code for it.
    pub sku: String,
    /// What customers call it.
    pub name: String,
    /// Groups products that can stand in for each other.
    pub category: String,
    /// Whose it is.
    pub seller_id: SellerId,
    /// Price of one unit, before tax, in minor units of `currency`.
    pub price: Amount,
    /// In which currency it is sold.
    pub currency: Currency,
    /// Which row of the tax table applies.
    pub tax_class: String,
    /// False once discontinued: not sold any more, history stays.
    pub active: bool,
    /// ISO 3166-1 alpha-2 codes of the countries it is sold to; empty means everywhere (A11).
    #[serde(default)]
    pub regions: Vec<String>,
    /// How many there are.
    pub stock: Stock,
}

impl Product {
    /// Whether it may be sent to this country.
    pub fn sold_to(&self, country: &str) -> bool {
        self.regions.is_empty() || self.regions.iter().any(|region| region == country)
    }
}

/// Why a product cannot be ordered now (`ORD-1001`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unavailable {
    /// There is no such product.
    Missing,
    /// It is no longer sold.
    Discontinued,
    /// Not sold to the destination.
    Region,
    /// Fewer left than asked for.
    OutOfStock,
}
