//! A table's item ⇄ what the table says, now and later.
//!
//! The item holds the last version as it always did; from when on that counts, and what counts until then, stand beside it.

use jiff::Timestamp;
use oms_app::ports::{Effective, NumberedReturns, Schedule, Setting, StoreError, Table, Versioned};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::dynamodb::item::{Item, json, read_json, read_number, read_parsed, text};
use crate::dynamodb::keys;
use aws_sdk_dynamodb::types::AttributeValue;

/// The version of a table that the first start set up: those carry none.
pub(crate) const FIRST_VERSION: u64 = 1;

/// An earlier version that counts until the last one does.
#[derive(Serialize, Deserialize)]
struct Earlier<T> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<Timestamp>,
    /// Which version says so; earlier releases did not write it down.
    #[serde(default, rename = "v")]
    version: u64,
    table: T,
}

/// What stands in the item of a table.
pub(crate) fn attributes(table: &Versioned) -> Result<Vec<(&'static str, AttributeValue)>, StoreError> {
    let mut attributes =
        vec![(keys::BODY, body(&table.setting)?), (keys::VERSION, crate::dynamodb::item::number(table.version))];
    if let Some(from) = table.effective_from {
        attributes.push((keys::EFFECTIVE_FROM, text(from.to_string())));
    }
    if !table.until_then.is_empty() {
        attributes.push((keys::UNTIL_THEN, until_then(&table.until_then)?));
    }
    Ok(attributes)
}

pub(crate) fn body(setting: &Setting) -> Result<AttributeValue, StoreError> {
    match setting {
        Setting::Taxes(table) => json(table),
        Setting::Shipping(table) => json(table),
        Setting::Promotions(table) => json(table),
        Setting::Locations(table) => json(table),
        Setting::Shop(table) => json(table),
        Setting::Returns(table) => json(table),
    }
}

fn until_then(earlier: &[Effective]) -> Result<AttributeValue, StoreError> {
    let unwritable = |error: serde_json::Error| StoreError::Damaged(format!("a table has no JSON form: {error}"));
    let written = earlier.iter().map(|Effective { setting, version, from }| {
        let table = match setting {
            Setting::Taxes(table) => serde_json::to_value(table),
            Setting::Shipping(table) => serde_json::to_value(table),
            Setting::Promotions(table) => serde_json::to_value(table),
            Setting::Locations(table) => serde_json::to_value(table),
            Setting::Shop(table) => serde_json::to_value(table),
            Setting::Returns(table) => serde_json::to_value(table),
        };
        Ok(Earlier { from: *from, version: *version, table: table.map_err(unwritable)? })
    });
    json(&written.collect::<Result<Vec<_>, StoreError>>()?)
}

pub(crate) fn read_setting(table: Table, found: &Item) -> Result<Setting, StoreError> {
    Ok(match table {
        Table::Taxes => Setting::Taxes(read_json(found, keys::BODY)?),
        Table::Shipping => Setting::Shipping(read_json(found, keys::BODY)?),
        Table::Promotions => Setting::Promotions(read_json(found, keys::BODY)?),
        Table::Locations => Setting::Locations(read_json(found, keys::BODY)?),
        Table::Shop => Setting::Shop(read_json(found, keys::BODY)?),
        Table::Returns => Setting::Returns(read_json(found, keys::BODY)?),
    })
}

/// A stored table.
pub(crate) fn read_versioned(table: Table, found: &Item) -> Result<Versioned, StoreError> {
    let version = version(found)?;
    let until_then = match table {
        Table::Taxes => earlier(found, Setting::Taxes)?,
        Table::Shipping => earlier(found, Setting::Shipping)?,
        Table::Promotions => earlier(found, Setting::Promotions)?,
        Table::Locations => earlier(found, Setting::Locations)?,
        Table::Shop => earlier(found, Setting::Shop)?,
        Table::Returns => earlier(found, Setting::Returns)?,
    };
    Ok(Versioned { setting: read_setting(table, found)?, version, effective_from: from(found)?, until_then })
}

fn version(found: &Item) -> Result<u64, StoreError> {
    if found.contains_key(keys::VERSION) { read_number(found, keys::VERSION) } else { Ok(FIRST_VERSION) }
}

fn from(found: &Item) -> Result<Option<Timestamp>, StoreError> {
    let announced = found.contains_key(keys::EFFECTIVE_FROM);
    announced.then(|| read_parsed(found, keys::EFFECTIVE_FROM, |text| text.parse().ok())).transpose()
}

fn read_earlier<T: DeserializeOwned>(found: &Item) -> Result<Vec<Earlier<T>>, StoreError> {
    if found.contains_key(keys::UNTIL_THEN) { read_json(found, keys::UNTIL_THEN) } else { Ok(Vec::new()) }
}

fn earlier<T: DeserializeOwned>(found: &Item, of: impl Fn(T) -> Setting) -> Result<Vec<Effective>, StoreError> {
    let earlier = read_earlier(found)?.into_iter();
    Ok(earlier.map(|Earlier { from, version, table }| Effective { setting: of(table), version, from }).collect())
}

/// A stored table over time.
pub(crate) fn read_schedule<T: DeserializeOwned>(found: &Item) -> Result<Schedule<T>, StoreError> {
    scheduled(found, |_, table| table)
}

/// The terms of returns over time.
pub(crate) fn read_returns(found: &Item) -> Result<Schedule<NumberedReturns>, StoreError> {
    scheduled(found, |version, table| NumberedReturns { version, table })
}

fn scheduled<T: DeserializeOwned, S>(found: &Item, of: impl Fn(u64, T) -> S) -> Result<Schedule<S>, StoreError> {
    let last = Earlier { from: from(found)?, version: version(found)?, table: read_json(found, keys::BODY)? };
    let mut versions = read_earlier(found)?.into_iter().chain([last]);
    let first = versions.next().ok_or_else(|| StoreError::Damaged("a table has no version".to_owned()))?;
    let mut schedule = Schedule::of(of(first.version, first.table));
    for Earlier { from, version, table } in versions {
        let from =
            from.ok_or_else(|| StoreError::Damaged("a later version of a table counts from no time on".to_owned()))?;
        schedule = schedule.then(from, of(version, table));
    }
    Ok(schedule)
}
