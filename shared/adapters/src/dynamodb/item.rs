//! Items ⇄ what they mean.

use std::collections::HashMap;
use std::fmt::Display;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use oms_app::ports::{CommandRecord, Position, StoreError, Summary};
use oms_domain::catalog::Product;
use oms_domain::catalog::stock::Stock;
use oms_domain::chain::Sealed;
use oms_domain::ids::SellerId;
use oms_domain::money::{Amount, Currency};
use oms_domain::ordering::{Order, Status};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::keys;
use super::sharded_stock::SHARDS;

/// One stored item.
pub(super) type Item = HashMap<String, AttributeValue>;

/// A text.
pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number.
pub(super) fn number(value: impl Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A value as compact JSON.
pub(super) fn json(value: &impl Serialize) -> Result<AttributeValue, StoreError> {
    let body = serde_json::to_string(value).map_err(|error| StoreError::Damaged(format!("no JSON form: {error}")))?;
    Ok(AttributeValue::S(body))
}

/// The key of an item.
pub(super) fn key(pk: impl Into<String>, sk: impl Into<String>) -> Item {
    HashMap::from([(keys::PK.to_owned(), text(pk)), (keys::SK.to_owned(), text(sk))])
}

/// An item with its key and attributes.
pub(super) fn item<const N: usize>(pk: String, sk: String, attributes: [(&str, AttributeValue); N]) -> Item {
    let mut item = key(pk, sk);
    item.extend(attributes.map(|(name, value)| (name.to_owned(), value)));
    item
}

fn damaged(item: &Item, attribute: &str) -> StoreError {
    let part = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).map_or("?", String::as_str);
    StoreError::Damaged(format!("{} {}: attribute `{attribute}`", part(keys::PK), part(keys::SK)))
}

/// A text that must be there.
pub(super) fn read_text<'a>(item: &'a Item, name: &str) -> Result<&'a str, StoreError> {
    item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str).ok_or_else(|| damaged(item, name))
}

/// A number that must be there.
pub(super) fn read_number<T: FromStr>(item: &Item, name: &str) -> Result<T, StoreError> {
    let digits = item.get(name).and_then(|value| value.as_n().ok());
    digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| damaged(item, name))
}

/// JSON that must be there.
pub(super) fn read_json<T: DeserializeOwned>(item: &Item, name: &str) -> Result<T, StoreError> {
    serde_json::from_str(read_text(item, name)?).map_err(|_| damaged(item, name))
}

/// A parsed text that must be there, e.g. an id.
pub(super) fn read_parsed<T>(item: &Item, name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
    parse(read_text(item, name)?).ok_or_else(|| damaged(item, name))
}

/// The attributes of an order's item that change with it.
pub(super) fn order_attributes(order: &Order) -> Result<Vec<(&'static str, AttributeValue)>, StoreError> {
    let mut attributes = vec![
        (keys::STATE, json(order)?),
        (keys::VERSION, number(order.version)),
        (keys::HEAD, text(order.head.as_str())),
        (keys::STATUS, text(order.status.name())),
        (keys::SUMMARY, json(&Summary::of(order))?),
    ];
    if let Some(deadline) = order.reservation_expires_at.filter(|_| order.status == Status::Pending) {
        attributes.push((keys::DUE, text(keys::due_shard(order.id))));
        attributes.push((keys::DUE_AT, text(keys::time(deadline))));
    }
    Ok(attributes)
}

/// The item of a new order.
pub(super) fn order_item(order: &Order, request: Option<&str>) -> Result<Item, StoreError> {
    let fixed = [(keys::CUSTOMER, text(order.user_id.as_str())), (keys::CREATED, text(Position::of(order).key()))];
    let mut whole = item(keys::order_pk(order.id), keys::ORDER.into(), fixed);
    whole.extend(order_attributes(order)?.into_iter().map(|(name, value)| (name.to_owned(), value)));
    whole.extend(request.map(|request| (keys::REQUEST.to_owned(), text(request))));
    Ok(whole)
}

/// An order and the fingerprint of the request that made it.
pub(super) fn read_order(item: &Item) -> Result<(Order, Option<String>), StoreError> {
    let request = item.get(keys::REQUEST).map(|_| read_text(item, keys::REQUEST)).transpose()?;
    Ok((read_json(item, keys::STATE)?, request.map(str::to_owned)))
}

/// The type that a stored event names.
#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    name: String,
}

/// The item of a sealed event: its text exactly, so that its hash stays true.
pub(super) fn event_item(pk: String, event: &Sealed) -> Result<Item, StoreError> {
    let kind: Kind = serde_json::from_str(&event.body)
        .map_err(|_| StoreError::Damaged(format!("event {} of {pk} names no type", event.version)))?;
    let attributes =
        [(keys::VERSION, number(event.version)), (keys::BODY, text(&event.body)), ("type", text(kind.name))];
    Ok(item(pk, keys::event_sk(event.version), attributes))
}

/// A stored event.
pub(super) fn read_event(item: &Item) -> Result<Sealed, StoreError> {
    Ok(Sealed { version: read_number(item, keys::VERSION)?, body: read_text(item, keys::BODY)?.to_owned() })
}

/// The item of a remembered command.
pub(super) fn command_item(pk: String, name: &str, record: &CommandRecord) -> Item {
    let attributes = [
        (keys::REQUEST, text(&record.request)),
        (keys::OUTCOME, text(&record.outcome)),
        (keys::EXPIRES_AT, number(record.expires_at.as_second())),
    ];
    item(pk, keys::command_sk(name), attributes)
}

/// A remembered command.
pub(super) fn read_command(item: &Item) -> Result<CommandRecord, StoreError> {
    let expires_at: i64 = read_number(item, keys::EXPIRES_AT)?;
    Ok(CommandRecord {
        request: read_text(item, keys::REQUEST)?.to_owned(),
        outcome: read_text(item, keys::OUTCOME)?.to_owned(),
        expires_at: Timestamp::from_second(expires_at).map_err(|_| damaged(item, keys::EXPIRES_AT))?,
    })
}

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
pub(super) fn product_item(product: &Product) -> Result<Item, StoreError> {
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
        shards: product.hot.then_some(SHARDS),
        list: product.active.then(|| keys::PRODUCT.to_owned()),
        list_key: product.active.then(|| keys::list_key(&product.name, product.id)),
    };
    serde_dynamo::to_item(stored).map_err(|error| StoreError::Damaged(format!("a product has no item form: {error}")))
}

/// What every shard of a hot product repeats, because orders have it as a condition.
pub(super) fn shard_attributes(product: &Product) -> Vec<(&'static str, AttributeValue)> {
    let mut attributes = vec![
        (keys::ACTIVE, AttributeValue::Bool(product.active)),
        (keys::PRICE, number(product.price.minor())),
        (keys::CURRENCY, text(product.currency.code())),
    ];
    attributes.extend(product.low_stock_threshold.map(|units| (keys::LOW_STOCK_THRESHOLD, number(units))));
    attributes
}

/// The items of a new hot product's shards, without units; none for other products.
pub(super) fn shard_items(product: &Product) -> Vec<Item> {
    let numbers = if product.hot { 0..SHARDS } else { 0..0 };
    let shard = |number: u8| {
        let mut shard = key(keys::product_pk(product.id), keys::shard_sk(number));
        shard.extend(shard_attributes(product).into_iter().map(|(name, value)| (name.to_owned(), value)));
        shard
    };
    numbers.map(shard).collect()
}

/// A stored product.
pub(super) fn read_product(item: Item) -> Result<Product, StoreError> {
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
        tax_class: stored.tax_class,
        active: stored.active,
        regions: stored.regions,
        stock: Stock { available, reserved, on_hold, damaged, shipped, returned, received, written_off },
        version: stored.version,
        weight_grams: stored.weight_grams,
        low_stock_threshold: stored.low_stock_threshold,
        hot: stored.shards.is_some(),
    })
}
