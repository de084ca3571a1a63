//! The port [`Outbox`] on DynamoDB: a marker beside each order.
//!
//! Markers are written over what was there, many in one call, and not in the transactions of their orders: a marker that lags
//! costs a repeat, and a condition would cost a call for each.

use std::collections::HashMap;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use jiff::Timestamp;
use oms_app::ports::{Marker, Outbox, StoreError};
use oms_domain::chain::Sealed;
use oms_domain::ids::OrderId;

use crate::dynamodb::batch::{batch_current, write_batch};
use crate::dynamodb::due::due_items;
use crate::dynamodb::error::unbuildable;
use crate::dynamodb::item::{item, key, number, read_number, read_parsed, text};
use crate::dynamodb::keys;
use crate::dynamodb::ordering::events::stored_events;
use crate::dynamodb::tables::Tables;

/// Remembers how far orders were published.
#[derive(Debug, Clone)]
pub struct DynamoOutbox {
    client: Client,
    tables: Tables,
}

impl DynamoOutbox {
    /// Remembers in these tables.
    pub fn new(client: Client, tables: Tables) -> Self {
        DynamoOutbox { client, tables }
    }
}

fn write(marker: &Marker) -> Result<WriteRequest, StoreError> {
    let published = [(keys::PUBLISHED, number(marker.published))];
    let mut record = item(keys::order_pk(marker.order_id), keys::MARKER.to_owned(), published);
    if let Some(at) = marker.look_at {
        record.insert(keys::DUE.to_owned(), text(keys::OUTBOX));
        record.insert(keys::DUE_AT.to_owned(), text(keys::time(at)));
    }
    let put = PutRequest::builder().set_item(Some(record)).build().map_err(|error| unbuildable(&error))?;
    Ok(WriteRequest::builder().put_request(put).build())
}

#[async_trait]
impl Outbox for DynamoOutbox {
    async fn published(&self, orders: &[OrderId]) -> Result<HashMap<OrderId, u64>, StoreError> {
        let wanted = orders.iter().map(|id| key(keys::order_pk(*id), keys::MARKER)).collect();
        let found = batch_current(&self.client, &self.tables.orders, wanted).await?;
        let marker = |item| Ok((read_parsed(item, keys::PK, keys::order_of)?, read_number(item, keys::PUBLISHED)?));
        found.iter().map(marker).collect()
    }

    async fn mark(&self, markers: &[Marker]) -> Result<(), StoreError> {
        let writes = markers.iter().map(write).collect::<Result<_, _>>()?;
        write_batch(&self.client, &self.tables.orders, writes).await
    }

    async fn stored(&self, order_id: OrderId) -> Result<Vec<Sealed>, StoreError> {
        stored_events(&self.client, &self.tables, order_id).await
    }

    async fn unpublished(&self, now: Timestamp, limit: usize) -> Result<Vec<OrderId>, StoreError> {
        let due = due_items(&self.client, &self.tables, vec![keys::OUTBOX.to_owned()], now, limit).await?;
        due.iter().map(|item| read_parsed(item, keys::PK, keys::order_of)).collect()
    }
}
