//! The port [`Customers`] on DynamoDB: the present standing, and every decision that led to it.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Update};
use oms_app::ports::{Customers, Standing, StoreError};
use oms_domain::ids::UserId;

use crate::dynamodb::error::failed;
use crate::dynamodb::item::{item, json, key, read_json, text};
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;
use crate::dynamodb::writes::{put_over, update};

/// Standing of customers, beside their carts.
#[derive(Debug, Clone)]
pub struct DynamoCustomers {
    client: Client,
    tables: Tables,
}

impl DynamoCustomers {
    /// Customers in these tables.
    pub fn new(client: Client, tables: Tables) -> Self {
        DynamoCustomers { client, tables }
    }
}

#[async_trait]
impl Customers for DynamoCustomers {
    async fn standings(&self, user: &UserId, limit: usize) -> Result<Vec<Standing>, StoreError> {
        let found = self
            .client
            .query()
            .table_name(&self.tables.orders)
            .key_condition_expression("pk = :pk AND begins_with(sk, :decisions)")
            .expression_attribute_values(":pk", text(keys::customer_pk(user)))
            .expression_attribute_values(":decisions", text(keys::DECISION_PREFIX))
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(i32::try_from(limit.max(1)).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| failed("Query", &error))?;
        found.items().iter().map(|item| read_json(item, keys::BODY)).collect()
    }

    async fn decide(&self, user: &UserId, standing: &Standing) -> Result<(), StoreError> {
        let pk = || keys::customer_pk(user);
        // What is counted of the customer stands in the same item and stays.
        let present = Update::builder()
            .table_name(&self.tables.orders)
            .set_key(Some(key(pk(), keys::STANDING)))
            .update_expression(format!("SET {} = :blocked", keys::BLOCKED))
            .expression_attribute_values(":blocked", AttributeValue::Bool(standing.blocked));
        let decision = item(pk(), keys::decision_sk(standing), [(keys::BODY, json(standing)?)]);
        let both = vec![update(present)?, put_over(&self.tables.orders, decision)?];
        let call = self.client.transact_write_items().set_transact_items(Some(both));
        call.send().await.map(|_| ()).map_err(|error| failed("TransactWriteItems", &error))
    }
}
