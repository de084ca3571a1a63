//! What the shop sells: products, their stock, and the movements that change it.

pub mod movement;
mod product;
pub mod stock;
pub mod tally;

pub use product::{Edit, NotSellable, Product, ProductDetail};
