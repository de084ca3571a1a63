//! Items ⇄ what they mean.

use std::collections::HashMap;
use std::fmt::Display;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use oms_app::ports::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::keys;

/// One stored item.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// A text.
pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number.
pub(crate) fn number(value: impl Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A value as compact JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<AttributeValue, StoreError> {
    let body = serde_json::to_string(value).map_err(|error| StoreError::Damaged(format!("no JSON form: {error}")))?;
    Ok(AttributeValue::S(body))
}

/// The key of an item.
pub(crate) fn key(pk: impl Into<String>, sk: impl Into<String>) -> Item {
    HashMap::from([(keys::PK.to_owned(), text(pk)), (keys::SK.to_owned(), text(sk))])
}

/// An item with its key and attributes.
pub(crate) fn item<const N: usize>(pk: String, sk: String, attributes: [(&str, AttributeValue); N]) -> Item {
    let mut item = key(pk, sk);
    item.extend(attributes.map(|(name, value)| (name.to_owned(), value)));
    item
}

/// What is stored is not what it should be.
pub(crate) fn damaged(item: &Item, attribute: &str) -> StoreError {
    let part = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).map_or("?", String::as_str);
    StoreError::Damaged(format!("{} {}: attribute `{attribute}`", part(keys::PK), part(keys::SK)))
}

/// A text that must be there.
pub(crate) fn read_text<'a>(item: &'a Item, name: &str) -> Result<&'a str, StoreError> {
    item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str).ok_or_else(|| damaged(item, name))
}

/// A number that must be there.
pub(crate) fn read_number<T: FromStr>(item: &Item, name: &str) -> Result<T, StoreError> {
    let digits = item.get(name).and_then(|value| value.as_n().ok());
    digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| damaged(item, name))
}

/// JSON that must be there.
pub(crate) fn read_json<T: DeserializeOwned>(item: &Item, name: &str) -> Result<T, StoreError> {
    serde_json::from_str(read_text(item, name)?).map_err(|_| damaged(item, name))
}

/// A parsed text that must be there, e.g. an id.
pub(crate) fn read_parsed<T>(item: &Item, name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
    parse(read_text(item, name)?).ok_or_else(|| damaged(item, name))
}
