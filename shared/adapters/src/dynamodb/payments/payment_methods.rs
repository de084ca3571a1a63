//! The port [`PaymentMethods`] on DynamoDB: kept means of payment beside their customer, removed ones in a partition of their own
//! until the provider has forgotten them.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::Delete;
use jiff::Timestamp;
use oms_app::ports::{PaymentMethods, Removed, SavedMethod, StoreError};
use oms_domain::ids::{MethodId, UserId};

use crate::dynamodb::error::failed;
use crate::dynamodb::item::{Item, item, json, key, read_json, text};
use crate::dynamodb::tables::Tables;
use crate::dynamodb::{keys, writes};

/// Kept means of payment, beside their customers' standing.
#[derive(Debug, Clone)]
pub struct DynamoPaymentMethods {
    client: Client,
    tables: Tables,
}

impl DynamoPaymentMethods {
    /// Means of payment in these tables.
    pub fn new(client: Client, tables: Tables) -> Self {
        DynamoPaymentMethods { client, tables }
    }

    async fn one(&self, user: &UserId, id: MethodId) -> Result<Option<SavedMethod>, StoreError> {
        let call = self.client.get_item().table_name(&self.tables.orders).consistent_read(true);
        let call = call.set_key(Some(key(keys::customer_pk(user), keys::method_sk(id))));
        let found = call.send().await.map_err(|error| failed("GetItem", &error))?;
        found.item().map(|item| read_json(item, keys::BODY)).transpose()
    }

    async fn put(&self, removed: &Removed) -> Result<(), StoreError> {
        let call = self.client.put_item().table_name(&self.tables.orders).set_item(Some(removed_item(removed)?));
        call.send().await.map(|_| ()).map_err(|error| failed("PutItem", &error))
    }
}

fn removed_item(removed: &Removed) -> Result<Item, StoreError> {
    let attributes = [(keys::BODY, json(removed)?), (keys::DUE_AT, text(keys::time(removed.due)))];
    Ok(item(keys::REMOVED.to_owned(), removed.method.id.to_string(), attributes))
}

#[async_trait]
impl PaymentMethods for DynamoPaymentMethods {
    async fn methods(&self, user: &UserId, limit: usize) -> Result<Vec<SavedMethod>, StoreError> {
        let found = self
            .client
            .query()
            .table_name(&self.tables.orders)
            .key_condition_expression("pk = :pk AND begins_with(sk, :methods)")
            .expression_attribute_values(":pk", text(keys::customer_pk(user)))
            .expression_attribute_values(":methods", text(keys::METHOD_PREFIX))
            .consistent_read(true)
            .limit(i32::try_from(limit.max(1)).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| failed("Query", &error))?;
        found.items().iter().map(|item| read_json(item, keys::BODY)).collect()
    }

    async fn remove(&self, user: &UserId, id: MethodId, now: Timestamp) -> Result<bool, StoreError> {
        let Some(method) = self.one(user, id).await? else { return Ok(false) };
        let removed = Removed { method, due: now, tries: 0 };
        let put = writes::put_over(&self.tables.orders, removed_item(&removed)?)?;
        // Without a condition: who removes it at the same time removes the same thing.
        let delete = Delete::builder()
            .table_name(&self.tables.orders)
            .set_key(Some(key(keys::customer_pk(user), keys::method_sk(id))));
        let items = vec![writes::delete(delete)?, put];
        let call = self.client.transact_write_items().set_transact_items(Some(items));
        call.send().await.map(|_| true).map_err(|error| failed("TransactWriteItems", &error))
    }

    async fn removed(&self, now: Timestamp, limit: usize) -> Result<Vec<Removed>, StoreError> {
        // What waits here waits for minutes, so a page holds all of it; what it does not hold comes next time.
        let found = self
            .client
            .query()
            .table_name(&self.tables.orders)
            .key_condition_expression("pk = :pk")
            .filter_expression("#due_at <= :now")
            .expression_attribute_names("#due_at", keys::DUE_AT)
            .expression_attribute_values(":pk", text(keys::REMOVED))
            .expression_attribute_values(":now", text(keys::time(now)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| failed("Query", &error))?;
        found.items().iter().take(limit).map(|item| read_json(item, keys::BODY)).collect()
    }

    async fn postpone(&self, removed: &Removed) -> Result<(), StoreError> {
        self.put(removed).await
    }

    async fn forgotten(&self, removed: &Removed) -> Result<(), StoreError> {
        let call = self.client.delete_item().table_name(&self.tables.orders);
        let call = call.set_key(Some(key(keys::REMOVED, removed.method.id.to_string())));
        call.send().await.map(|_| ()).map_err(|error| failed("DeleteItem", &error))
    }
}
