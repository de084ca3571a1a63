//! The port [`Circuits`] on DynamoDB: one item per provider.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use oms_app::ports::{Circuit, Circuits, StoreError};

use crate::dynamodb::error::failed;
use crate::dynamodb::item::{item, key, number, read_number, read_parsed, text};
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;

/// The circuits in the table of orders.
#[derive(Clone)]
pub struct DynamoCircuits {
    client: Client,
    tables: Tables,
}

impl DynamoCircuits {
    /// Circuits in these tables.
    pub fn new(client: Client, tables: Tables) -> Self {
        DynamoCircuits { client, tables }
    }
}

#[async_trait]
impl Circuits for DynamoCircuits {
    async fn circuit(&self, provider: &str) -> Result<Circuit, StoreError> {
        let found = self
            .client
            .get_item()
            .table_name(&self.tables.orders)
            .set_key(Some(key(keys::provider_pk(provider), keys::CIRCUIT)))
            .send()
            .await
            .map_err(|error| failed("GetItem", &error))?;
        let Some(item) = found.item() else { return Ok(Circuit::default()) };
        let until = item.get(keys::UNTIL).map(|_| read_parsed(item, keys::UNTIL, |at| at.parse().ok())).transpose()?;
        Ok(Circuit {
            failures: read_number(item, keys::FAILURES)?,
            open_until: until,
            version: read_number(item, keys::VERSION)?,
        })
    }

    async fn switch(&self, provider: &str, next: &Circuit) -> Result<bool, StoreError> {
        let attributes = [(keys::FAILURES, number(next.failures)), (keys::VERSION, number(next.version))];
        let mut whole = item(keys::provider_pk(provider), keys::CIRCUIT.to_owned(), attributes);
        whole.extend(next.open_until.map(|until| (keys::UNTIL.to_owned(), text(keys::time(until)))));
        let seen = next.version.saturating_sub(1);
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.orders)
            .set_item(Some(whole))
            .condition_expression(if seen == 0 { "attribute_not_exists(pk)" } else { "#version = :seen" });
        let put = if seen == 0 {
            put
        } else {
            put.expression_attribute_names("#version", keys::VERSION).expression_attribute_values(":seen", number(seen))
        };
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) => {
                Ok(false)
            }
            Err(error) => Err(failed("PutItem", &error)),
        }
    }
}
