//! What is due, from the index that orders, sessions, refunds and unmatched news share.

use aws_sdk_dynamodb::Client;
use futures::future::try_join_all;
use jiff::Timestamp;
use oms_app::ports::StoreError;

use super::error::failed;
use super::item::{Item, read_text, text};
use super::keys;
use super::tables::Tables;

/// What is due in these shards, the longest overdue first: keys only.
pub(crate) async fn due_items(
    client: &Client,
    tables: &Tables,
    shards: Vec<String>,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Item>, StoreError> {
    let parts = shards.into_iter().map(|shard| {
        let call = client
            .query()
            .table_name(&tables.orders)
            .index_name(keys::DUE_INDEX)
            .key_condition_expression("#due = :shard AND #due_at <= :now")
            .expression_attribute_names("#due", keys::DUE)
            .expression_attribute_names("#due_at", keys::DUE_AT)
            .expression_attribute_values(":shard", text(shard))
            .expression_attribute_values(":now", text(keys::time(now)))
            .limit(i32::try_from(limit.max(1)).unwrap_or(i32::MAX));
        async move { call.send().await.map_err(|error| failed("Query", &error)) }
    });
    let mut due: Vec<(String, String, Item)> = Vec::new();
    for part in try_join_all(parts).await? {
        for item in part.items.unwrap_or_default() {
            let place = (read_text(&item, keys::DUE_AT)?.to_owned(), read_text(&item, keys::PK)?.to_owned());
            due.push((place.0, place.1, item));
        }
    }
    due.sort_unstable_by(|(left, one, _), (right, other, _)| (left, one).cmp(&(right, other)));
    Ok(due.into_iter().take(limit).map(|(.., item)| item).collect())
}
