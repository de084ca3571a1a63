//! What the shop sells, as far as an order needs to know.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::actor::Actor;
use crate::catalog::stock::Stock;
use crate::ids::{ProductId, SellerId};
use crate::money::{Amount, Currency};

/// A product with its stock, one stored item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    pub id: ProductId,
    /// The seller's own code for it.
    pub sku: String,
    /// What customers call it.
    pub name: String,
    /// Groups products that can stand in for each other.
    pub category: String,
    pub seller_id: SellerId,
    /// Price of one unit, before tax, in minor units of `currency`.
    pub price: Amount,
    /// In which currency it is sold.
    pub currency: Currency,
    /// Since when, if it was sold in another one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency_since: Option<Timestamp>,
    /// Which row of the tax table applies.
    pub tax_class: String,
    /// False once discontinued: not sold any more, history stays.
    pub active: bool,
    /// ISO 3166-1 alpha-2 codes of the countries it is sold to; empty means everywhere (A11).
    #[serde(default)]
    pub regions: Vec<String>,
    /// How many there are.
    pub stock: Stock,
    /// Counts the edits of the catalog entry; moves of stock leave it alone.
    #[serde(default = "first_version")]
    pub version: u64,
    /// What one unit weighs with its packaging, in grams.
    #[serde(default)]
    pub weight_grams: u32,
    /// At how many available units administrators are told; nothing for never (F7).
    #[serde(default)]
    pub low_stock_threshold: Option<u32>,
    /// Most units of it in one order; nothing: as the shop has set for all products.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_per_order: Option<u32>,
    /// Wanted by so many at once that its counters are kept in several places.
    #[serde(default, skip_serializing_if = "is_false")]
    pub hot: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

fn first_version() -> u64 {
    1
}

impl Product {
    /// Whether it may be sent to this country.
    pub fn sold_to(&self, country: &str) -> bool {
        self.regions.is_empty() || self.regions.iter().any(|region| region == country)
    }

    /// Whether administrators should know that little is left (F7). What was never stocked is not running low.
    pub fn is_low(&self) -> bool {
        let low = self.low_stock_threshold.is_some_and(|threshold| self.stock.available <= threshold);
        low && self.active && self.stock.received > 0
    }
}

/// What customers read about a product and orders never need, stored apart so that the item which orders touch stays
/// small.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ProductDetail {
    /// Plain text.
    #[serde(default)]
    pub description: String,
    /// Addresses of images, the first one leading.
    #[serde(default)]
    pub images: Vec<String>,
}

/// Who changed what of a catalog entry; never updated (K6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// Names this edit, so that a repeated write recognises itself.
    pub id: Uuid,
    /// The version that it made.
    pub version: u64,
    pub at: Timestamp,
    pub actor: Actor,
    /// On which request (P1).
    pub correlation_id: String,
    /// Names of the fields that became different.
    pub fields: Vec<String>,
    /// Fingerprint of the request that created the product under an idempotency key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
}

/// Why a product cannot be ordered now (`ORD-1001`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotSellable {
    /// There is no such product.
    Missing,
    /// It is no longer sold.
    Discontinued,
    /// Not sold to the destination.
    Region,
    /// Fewer left than asked for.
    OutOfStock,
}
