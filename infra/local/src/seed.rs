//! A small catalogue for the first start, so that there is something to buy.

use oms_app::ports::{Catalog, Rates, StoreError};
use oms_domain::catalog::Product;
use oms_domain::ids::{ProductId, SellerId};
use oms_domain::money::{Amount, Currency};
use oms_domain::pricing::{ShippingMethod, ShippingTable, TaxTable};
use oms_domain::stock::Stock;
use serde::Deserialize;

/// The catalogue as data: who wants another one edits the file.
const CATALOGUE: &str = include_str!("seed.json");

#[derive(Deserialize)]
struct Catalogue {
    products: Vec<Row>,
    taxes: TaxTable,
    shipping: Vec<ShippingMethod>,
}

#[derive(Deserialize)]
struct Row {
    id: ProductId,
    sku: String,
    name: String,
    category: String,
    seller_id: SellerId,
    price_minor: i64,
    currency: Currency,
    tax_class: String,
    #[serde(default)]
    regions: Vec<String>,
    units: u32,
}

/// Why the catalogue was not seeded.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The file is not what it should be.
    #[error("seed.json: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Adds the products that are not there, and sets the rates.
pub async fn seed(catalog: &dyn Catalog) -> Result<(), SeedError> {
    let catalogue: Catalogue = serde_json::from_str(CATALOGUE)?;
    catalog
        .set_rates(&Rates { taxes: catalogue.taxes, shipping: ShippingTable { methods: catalogue.shipping } })
        .await?;
    for row in catalogue.products {
        let product = Product {
            id: row.id,
            sku: row.sku,
            name: row.name,
            category: row.category,
            seller_id: row.seller_id,
            price: Amount::from_minor(row.price_minor),
            currency: row.currency,
            tax_class: row.tax_class,
            active: true,
            regions: row.regions,
            stock: Stock::received(row.units),
        };
        catalog.add(&product).await?;
    }
    Ok(())
}
