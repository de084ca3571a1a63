//! The port [`Allowances`] on DynamoDB: acts that change no order, beside a customer's standing or under a recipient's hash.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use jiff::Timestamp;
use oms_app::ports::{Allowance, Allowances, Counted, StoreError};
use oms_domain::ids::{OrderId, UserId};

use super::marks::{Parts, free_at};
use crate::dynamodb::error::failed;
use crate::dynamodb::item::{Item, damaged, key, number};
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;

/// Counts in the table of orders.
#[derive(Debug, Clone)]
pub struct DynamoAllowances {
    client: Client,
    tables: Tables,
}

impl DynamoAllowances {
    pub fn new(client: Client, tables: Tables) -> Self {
        DynamoAllowances { client, tables }
    }

    async fn item(&self, counted: &Counted) -> Result<Option<Item>, StoreError> {
        let call = self.client.get_item().table_name(&self.tables.orders).set_key(Some(place(counted)));
        Ok(call.send().await.map_err(|error| failed("GetItem", &error))?.item)
    }
}

fn place(counted: &Counted) -> Item {
    match counted {
        Counted::Customer(user) => key(keys::customer_pk(user), keys::STANDING),
        Counted::Recipient(hash) => key(format!("RECIPIENT#{hash}"), keys::STANDING),
    }
}

#[async_trait]
impl Allowances for DynamoAllowances {
    async fn count(
        &self,
        whose: &Counted,
        allowance: Allowance,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let mut parts = Parts::default();
        parts.counts(allowance, now);
        // A customer's item also says whether they may order, and stays.
        if matches!(whose, Counted::Recipient(_)) {
            parts.set(format!("{} = :expires_at", keys::EXPIRES_AT));
            parts.value(":expires_at", number(allowance.free_at(now).as_second()));
        }
        let mut call = self
            .client
            .update_item()
            .table_name(&self.tables.orders)
            .set_key(Some(place(whose)))
            .set_condition_expression(parts.condition_expression())
            .set_update_expression(parts.update_expression())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        for (name, value) in parts.values {
            call = call.expression_attribute_values(name, value);
        }
        let Err(error) = call.send().await else { return Ok(None) };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(seen)) => {
                let found = seen.item().cloned().unwrap_or_default();
                Ok(Some(free_at(&found, allowance)?.max(now)))
            }
            _ => Err(failed("UpdateItem", &error)),
        }
    }

    async fn exhausted(
        &self,
        whose: &Counted,
        allowance: Allowance,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let Some(item) = self.item(whose).await? else { return Ok(None) };
        Ok(Some(free_at(&item, allowance)?).filter(|until| *until > now))
    }

    async fn open_orders(&self, user: &UserId) -> Result<Vec<OrderId>, StoreError> {
        let found = self.item(&Counted::Customer(user.clone())).await?;
        found.map_or(Ok(Vec::new()), |item| open_orders(&item))
    }
}

/// The orders that wait for their payment, by the customer's item.
pub(crate) fn open_orders(item: &Item) -> Result<Vec<OrderId>, StoreError> {
    let Some(found) = item.get(keys::OPEN_ORDERS) else { return Ok(Vec::new()) };
    let ids = found.as_ss().map_err(|_| damaged(item, keys::OPEN_ORDERS))?;
    ids.iter().map(|id| id.parse().map_err(|_| damaged(item, keys::OPEN_ORDERS))).collect()
}
