//! The port [`Notices`] on DynamoDB: which messages were begun and which were sent.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use jiff::{SignedDuration, Timestamp};
use oms_app::ports::{Claim, Notice, Notices, Random, StoreError};

use crate::dynamodb::error::failed;
use crate::dynamodb::item::{Item, item, number, read_text, text};
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;

/// How long it is remembered that a message was sent; queues give up long before.
const NOTICE_DAYS: i64 = 90;

const BEGUN: &str = "begun";
const DONE: &str = "done";

/// Remembers messages beside their order.
#[derive(Clone)]
pub struct DynamoNotices {
    client: Client,
    tables: Tables,
    random: Arc<dyn Random>,
}

impl DynamoNotices {
    /// Remembers in these tables. Chance names each beginner, so that a beginning whose acknowledgement was lost and
    /// that the SDK repeated is known as the same one.
    pub fn new(client: Client, tables: Tables, random: Arc<dyn Random>) -> Self {
        DynamoNotices { client, tables, random }
    }

    fn item(notice: &Notice, state: &str, by: &str, now: Timestamp) -> Item {
        let expires_at = now.checked_add(SignedDuration::from_hours(24 * NOTICE_DAYS)).unwrap_or(Timestamp::MAX);
        let attributes = [
            (keys::STATE, text(state)),
            (keys::BY, text(by)),
            ("at", text(keys::time(now))),
            (keys::EXPIRES_AT, number(expires_at.as_second())),
        ];
        item(keys::order_pk(notice.order_id), keys::notice_sk(notice), attributes)
    }
}

#[async_trait]
impl Notices for DynamoNotices {
    async fn begin(&self, notice: &Notice, now: Timestamp) -> Result<Claim, StoreError> {
        let by = self.random.uuid_v7(now).to_string();
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.orders)
            .set_item(Some(Self::item(notice, BEGUN, &by, now)))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = put else { return Ok(Claim::Fresh) };
        let Some(PutItemError::ConditionalCheckFailedException(seen)) = error.as_service_error() else {
            return Err(failed("PutItem", &error));
        };
        let Some(found) = seen.item() else {
            return Err(StoreError::Damaged("a condition failed without telling what was found".to_owned()));
        };
        match read_text(found, keys::STATE)? {
            DONE => Ok(Claim::Done),
            _begun if read_text(found, keys::BY)? == by => Ok(Claim::Fresh),
            _begun => Ok(Claim::Unfinished),
        }
    }

    async fn finish(&self, notice: &Notice, now: Timestamp) -> Result<(), StoreError> {
        let item = Self::item(notice, DONE, "", now);
        let put = self.client.put_item().table_name(&self.tables.orders).set_item(Some(item));
        put.send().await.map(|_| ()).map_err(|error| failed("PutItem", &error))
    }
}
