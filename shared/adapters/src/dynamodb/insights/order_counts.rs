//! Counts orders by state in the `by_status` index.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::Select;
use jiff::Timestamp;
use oms_app::ports::{OrderCount, OrderCounts, StoreError};
use oms_domain::ordering::Status;

use crate::dynamodb::error::failed;
use crate::dynamodb::item::{Item, text};
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;

/// Most pages of one state; a page holds up to a megabyte, one or two thousand orders.
const MAX_PAGES: usize = 100;

/// Counts in the indexes of the orders table.
#[derive(Debug, Clone)]
pub struct DynamoOrderCounts {
    client: Client,
    tables: Tables,
}

impl DynamoOrderCounts {
    /// Counts in these tables.
    pub fn new(client: Client, tables: Tables) -> Self {
        DynamoOrderCounts { client, tables }
    }
}

#[async_trait]
impl OrderCounts for DynamoOrderCounts {
    async fn count(&self, status: Status, created_before: Option<Timestamp>) -> Result<OrderCount, StoreError> {
        let mut call = self
            .client
            .query()
            .table_name(&self.tables.orders)
            .index_name(keys::BY_STATUS)
            .select(Select::Count)
            .expression_attribute_names("#status", keys::STATUS)
            .expression_attribute_values(":status", text(status.name()));
        call = match created_before {
            None => call.key_condition_expression("#status = :status"),
            Some(limit) => call
                .key_condition_expression("#status = :status AND #created < :limit")
                .expression_attribute_names("#created", keys::CREATED)
                .expression_attribute_values(":limit", text(keys::time(limit))),
        };
        let mut orders: u64 = 0;
        let mut from: Option<Item> = None;
        for _ in 0..MAX_PAGES {
            let page =
                call.clone().set_exclusive_start_key(from).send().await.map_err(|error| failed("Query", &error))?;
            orders += u64::try_from(page.count()).unwrap_or_default();
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(OrderCount { orders, complete: true });
            }
        }
        Ok(OrderCount { orders, complete: false })
    }
}
