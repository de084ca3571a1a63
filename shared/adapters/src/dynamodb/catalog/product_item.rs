//! Items of a product and of its shards ⇄ what they mean.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use oms_app::ports::StoreError;
use oms_domain::catalog::Product;
use oms_domain::catalog::stock::Stock;
use oms_domain::ids::SellerId;
use oms_domain::money::{Amount, Currency};
use serde::{Deserialize, Serialize};

use crate::dynamodb::item::{Item, key, number, read_parsed, text};
use crate::dynamodb::keys;

/// Into how many shards the units of a hot product are spread.
pub const SHARDS: u8 = 8;

/// A product as it is stored. The counters stand side by side so that one update can move them.
#[derive(Serialize, Deserialize)]
struct ProductItem {
    pk: String,
    sk: String,
    sku: String,
    name: String,
    category: String,
    seller_id: SellerId,
    price: Amount,
    currency: Currency,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    currency_since: Option<Timestamp>,
    tax_class: String,
    active: bool,
    regions: Vec<String>,
    available: u32,
    reserved: u32,
    on_hold: u32,
    damaged: u32,
    shipped: u32,
    returned: u32,
    received: u32,
    #[serde(default)]
    written_off: u32,
    #[serde(default = "first_version")]
    version: u64,
    #[serde(default)]
    weight_grams: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    low_stock_threshold: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_per_order: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shards: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    list: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    list_key: Option<String>,
}

fn first_version() -> u64 {
    1
}

/// The item of a product; only what is sold is listed.
pub(crate) fn product_item(product: &Product) -> Result<Item, StoreError> {
    let Stock { available, reserved, on_hold, damaged, shipped, returned, received, written_off } = product.stock;
    let stored = ProductItem {
        pk: keys::product_pk(product.id),
        sk: keys::PRODUCT.to_owned(),
        sku: product.sku.clone(),
        name: product.name.clone(),
        category: product.category.clone(),
        seller_id: product.seller_id.clone(),
        price: product.price,
        currency: product.currency,
        currency_since: product.currency_since,
        tax_class: product.tax_class.clone(),
        active: product.active,
        regions: product.regions.clone(),
        available,
        reserved,
        on_hold,
        damaged,
        shipped,
        returned,
        received,
        written_off,
        version: product.version,
        weight_grams: product.weight_grams,
        low_stock_threshold: product.low_stock_threshold,
        max_per_order: product.max_per_order,
        shards: product.hot.then_some(SHARDS),
        list: product.active.then(|| keys::PRODUCT.to_owned()),
        list_key: product.active.then(|| keys::list_key(&product.name, product.id)),
    };
    serde_dynamo::to_item(stored).map_err(|error| StoreError::Damaged(format!("a product has no item form: {error}")))
}

/// What every shard of a hot product repeats, because orders have it as a condition.
pub(crate) fn shard_attributes(product: &Product) -> Vec<(&'static str, AttributeValue)> {
    let mut attributes = vec![
        (keys::ACTIVE, AttributeValue::Bool(product.active)),
        (keys::PRICE, number(product.price.minor())),
        (keys::CURRENCY, text(product.currency.stored())),
        (keys::VERSION, number(product.version)),
    ];
    attributes.extend(product.low_stock_threshold.map(|units| (keys::LOW_STOCK_THRESHOLD, number(units))));
    attributes
}

/// The items of a new hot product's shards, without units; none for other products.
pub(crate) fn shard_items(product: &Product) -> Vec<Item> {
    let numbers = if product.hot { 0..SHARDS } else { 0..0 };
    let shard = |number: u8| {
        let mut shard = key(keys::product_pk(product.id), keys::shard_sk(number));
        shard.extend(shard_attributes(product).into_iter().map(|(name, value)| (name.to_owned(), value)));
        shard
    };
    numbers.map(shard).collect()
}

/// A stored product.
pub(crate) fn read_product(item: Item) -> Result<Product, StoreError> {
    let id = read_parsed(&item, keys::PK, keys::product_of)?;
    let unreadable = |error: serde_dynamo::Error| StoreError::Damaged(format!("product {id}: {error}"));
    let stored: ProductItem = serde_dynamo::from_item(item).map_err(unreadable)?;
    let ProductItem { available, reserved, on_hold, damaged, shipped, returned, received, written_off, .. } = stored;
    Ok(Product {
        id,
        sku: stored.sku,
        name: stored.name,
        category: stored.category,
        seller_id: stored.seller_id,
        price: stored.price,
        currency: stored.currency,
        currency_since: stored.currency_since,
        tax_class: stored.tax_class,
        active: stored.active,
        regions: stored.regions,
        stock: Stock { available, reserved, on_hold, damaged, shipped, returned, received, written_off },
        version: stored.version,
        weight_grams: stored.weight_grams,
        low_stock_threshold: stored.low_stock_threshold,
        max_per_order: stored.max_per_order,
        hot: stored.shards.is_some(),
    })
}
