//! What could be bought instead of what cannot be had (L1).

use oms_domain::catalog::Product;

use crate::catalog::catalog_cache::{CatalogCache, Quoted};
use crate::error::{Error, NotOrderable};

/// Most alternatives that are suggested.
const MAX_ALTERNATIVES: usize = 3;

/// The same categories, in stock, sold there.
pub async fn alternatives(
    catalog: &CatalogCache,
    refused: &[NotOrderable],
    quoted: &Quoted,
    country: &str,
) -> Vec<Product> {
    let categories: Vec<&str> = refused
        .iter()
        .filter_map(|refused| quoted.products.get(&refused.product_id))
        .map(|product| product.category.as_str())
        .collect();
    // Suggestions are a courtesy: a store that cannot be asked for them does not change the answer.
    let page = catalog.catalog().page(None, 100).await.map(|page| page.products).unwrap_or_default();
    page.into_iter()
        .filter(|product| product.stock.available > 0 && product.sold_to(country))
        .filter(|product| categories.contains(&product.category.as_str()))
        .filter(|product| !quoted.products.contains_key(&product.id))
        .take(MAX_ALTERNATIVES)
        .collect()
}

/// The refusal with its alternatives.
pub async fn unavailable(catalog: &CatalogCache, refused: Vec<NotOrderable>, quoted: &Quoted, country: &str) -> Error {
    let alternatives = alternatives(catalog, &refused, quoted, country).await;
    Error::ProductsUnavailable { refused, alternatives }
}
