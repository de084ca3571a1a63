//! A small catalog for the first start, so that there is something to buy.

use jiff::Timestamp;
use oms_app::catalog::create_product::FIRST_UNITS;
use oms_app::ports::{
    Catalog, EditError, Inventory, ProductEntry, RateSchedule, Rates, Setting, SettingChange, SettingError,
    SettingRecord, Settings, StoreError, Table,
};
use oms_domain::actor::Actor;
use oms_domain::catalog::movement::{Movement, MovementKind};
use oms_domain::catalog::stock::Stock;
use oms_domain::catalog::{Edit, Product, ProductDetail};
use oms_domain::fulfilment::locations::LocationTable;
use oms_domain::ids::{ProductId, SellerId};
use oms_domain::money::{Amount, Currency};
use oms_domain::pricing::TaxTable;
use oms_domain::pricing::promotion::{Promotion, PromotionTable};
use oms_domain::pricing::shipping::{ShippingMethod, ShippingTable};
use serde::Deserialize;

/// The catalog as data: who wants another one edits the file.
const CATALOG: &str = include_str!("seed.json");

#[derive(Deserialize)]
struct Seed {
    products: Vec<Row>,
    taxes: TaxTable,
    shipping: Vec<ShippingMethod>,
    promotions: Vec<Promotion>,
    locations: LocationTable,
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
    #[serde(default)]
    weight_grams: u32,
    #[serde(default)]
    low_stock_threshold: Option<u32>,
    #[serde(default)]
    description: String,
}

/// Why the catalog was not seeded.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The file is not what it should be.
    #[error("seed.json: {0}")]
    Unreadable(#[from] serde_json::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// So that labels have a sender. What an admin has set up stays as it is.
async fn set_up_locations(settings: &dyn Settings, locations: LocationTable, now: Timestamp) -> Result<(), StoreError> {
    let before = settings.current(Table::Locations).await?;
    if before.version > 0 {
        return Ok(());
    }
    let after = before.next(Setting::Locations(locations), now);
    let record = SettingRecord {
        id: crate::random::uuid(),
        version: after.version,
        actor: Actor::system("first start"),
        at: now,
        correlation_id: "first start".to_owned(),
        effective_from: after.effective_from,
    };
    match settings.change(&SettingChange { before, after, record }).await {
        Ok(()) | Err(SettingError::Stale | SettingError::Contended) => Ok(()),
        Err(SettingError::Store(error)) => Err(error),
    }
}

/// Adds the products that are not there, and the rates if there are none.
pub async fn seed(
    catalog: &dyn Catalog,
    inventory: &dyn Inventory,
    settings: &dyn Settings,
    now: Timestamp,
) -> Result<(), SeedError> {
    let seeded: Seed = serde_json::from_str(CATALOG)?;
    let rates = Rates {
        taxes: seeded.taxes,
        shipping: ShippingTable { methods: seeded.shipping, dispatch: None },
        promotions: PromotionTable { promotions: seeded.promotions },
    };
    // Tables that an admin has changed stay as they are.
    if catalog.quote(&[]).await?.1 == RateSchedule::default() {
        catalog.set_rates(&rates).await?;
    }
    set_up_locations(settings, seeded.locations, now).await?;
    for row in seeded.products {
        let product = Product {
            id: row.id,
            sku: row.sku,
            name: row.name,
            category: row.category,
            seller_id: row.seller_id,
            price: Amount::from_minor(row.price_minor),
            currency: row.currency,
            currency_since: None,
            tax_class: row.tax_class,
            active: true,
            regions: row.regions,
            stock: Stock::received(row.units),
            version: 1,
            weight_grams: row.weight_grams,
            low_stock_threshold: row.low_stock_threshold,
            max_per_order: None,
            hot: false,
        };
        let edit = Edit {
            id: row.id.uuid(),
            version: 1,
            at: now,
            actor: Actor::system("first start"),
            correlation_id: "first start".to_owned(),
            fields: Vec::new(),
            request: None,
        };
        let movement = Movement {
            id: edit.id,
            kind: MovementKind::Receive,
            quantity: row.units,
            reason: FIRST_UNITS.to_owned(),
            actor: edit.actor.clone(),
            at: now,
            correlation_id: edit.correlation_id.clone(),
            after: product.stock,
        };
        let entry =
            ProductEntry { product, detail: ProductDetail { description: row.description, images: Vec::new() } };
        match inventory.create(&entry, &edit, Some(&movement).filter(|first| first.quantity > 0)).await {
            // What is there stays, also where somebody has changed it since.
            Ok(()) | Err(EditError::Exists(_) | EditError::SkuTaken(_) | EditError::Stale | EditError::Contended) => {}
            Err(EditError::Store(error)) => return Err(error.into()),
        }
    }
    Ok(())
}
