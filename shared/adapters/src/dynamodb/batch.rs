//! Many items in one read or write.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{KeysAndAttributes, WriteRequest};
use oms_app::ports::StoreError;

use super::error::{failed, unbuildable};
use super::item::Item;

/// Most keys that DynamoDB takes in one read.
pub(crate) const MAX_BATCH_KEYS: usize = 100;

/// Most items that DynamoDB takes in one write.
const MAX_BATCH_WRITES: usize = 25;

/// Most rounds until all items are written, with those that the store left out because it was busy.
const MAX_BATCH_ROUNDS: u32 = 5;

/// How often in a row keys may be left out because the store was busy.
const MAX_BUSY_ROUNDS: u32 = 4;

/// Wait after the first round that left keys out, in milliseconds; doubles with every further one.
const BATCH_DELAY_MILLIS: u64 = 20;

/// Those of the items that exist, in any order. May lag a moment: what it says is judged again by conditions.
pub(crate) async fn batch(client: &Client, table: &str, wanted: Vec<Item>) -> Result<Vec<Item>, StoreError> {
    read(client, table, wanted, false).await
}

/// The same as they are now.
pub(crate) async fn batch_current(client: &Client, table: &str, wanted: Vec<Item>) -> Result<Vec<Item>, StoreError> {
    read(client, table, wanted, true).await
}

async fn read(client: &Client, table: &str, mut wanted: Vec<Item>, current: bool) -> Result<Vec<Item>, StoreError> {
    let mut found = Vec::new();
    let mut delay = Duration::ZERO;
    // A further part of many keys is no retry: only rounds that left keys out are counted.
    let mut busy = 0;
    while !wanted.is_empty() {
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let now: Vec<Item> = wanted.drain(..wanted.len().min(MAX_BATCH_KEYS)).collect();
        let keys = KeysAndAttributes::builder().set_keys(Some(now)).consistent_read(current);
        let keys = keys.build().map_err(|error| unbuildable(&error))?;
        let call = client.batch_get_item().request_items(table, keys);
        let answer = call.send().await.map_err(|error| failed("BatchGetItem", &error))?;
        found.extend(answer.responses.into_iter().filter_map(|mut tables| tables.remove(table)).flatten());
        let left = answer.unprocessed_keys.and_then(|mut tables| tables.remove(table));
        let left: Vec<Item> = left.into_iter().flat_map(|left| left.keys).collect();
        if left.is_empty() {
            (busy, delay) = (0, Duration::ZERO);
        } else {
            busy += 1;
            if busy > MAX_BUSY_ROUNDS {
                return Err(StoreError::Unavailable("BatchGetItem: too busy".to_owned()));
            }
            delay = (delay * 2).max(Duration::from_millis(BATCH_DELAY_MILLIS));
            wanted.extend(left);
        }
    }
    Ok(found)
}

/// Writes items, in any order and each by itself: when this fails, some may be written.
pub(crate) async fn write_batch(client: &Client, table: &str, writes: Vec<WriteRequest>) -> Result<(), StoreError> {
    for chunk in writes.chunks(MAX_BATCH_WRITES) {
        let mut left = chunk.to_vec();
        let mut delay = Duration::from_millis(BATCH_DELAY_MILLIS);
        for _ in 0..MAX_BATCH_ROUNDS {
            let call = client.batch_write_item().request_items(table, left);
            let answer = call.send().await.map_err(|error| failed("BatchWriteItem", &error))?;
            let unprocessed = answer.unprocessed_items.unwrap_or_else(HashMap::new);
            left = unprocessed.into_values().flatten().collect();
            if left.is_empty() {
                break;
            }
            tokio::time::sleep(delay).await;
            delay *= 2;
        }
        if !left.is_empty() {
            return Err(StoreError::Unavailable("BatchWriteItem: too busy".to_owned()));
        }
    }
    Ok(())
}
