//! The port [`Settings`] on DynamoDB: beside each table stands what it said before, and who made which version.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::builders::PutBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use oms_app::ports::{
    Random, Setting, SettingChange, SettingError, SettingRecord, Settings, StoreError, Table, Versioned,
};

use crate::dynamodb::error::failed;
use crate::dynamodb::item::{Item, json, key, number, read_json, text};
use crate::dynamodb::pricing::schedule::{FIRST_VERSION, attributes, body, read_setting, read_versioned};
use crate::dynamodb::retry::RetryPolicy;
use crate::dynamodb::tables::Tables;
use crate::dynamodb::transact::{Cancelled, Transactor};
use crate::dynamodb::{keys, writes};

/// The tables that prices depend on.
#[derive(Clone)]
pub struct DynamoSettings {
    tables: Tables,
    writer: Transactor,
}

impl DynamoSettings {
    /// Settings in these tables; chance spreads the retries.
    pub fn new(client: Client, tables: Tables, random: Arc<dyn Random>) -> Self {
        DynamoSettings { tables, writer: Transactor { client, random, retry: RetryPolicy::default() } }
    }

    /// Retries in another way.
    #[must_use]
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.writer.retry = retry;
        self
    }

    async fn get(&self, sk: impl Into<String>) -> Result<Option<Item>, StoreError> {
        let call = self.writer.client.get_item().table_name(&self.tables.catalog);
        let call = call.set_key(Some(key(keys::RATES, sk))).consistent_read(true);
        Ok(call.send().await.map_err(|error| failed("GetItem", &error))?.item)
    }

    /// A put that tells what stood in its way.
    fn put(&self, sk: String, attributes: Vec<(&'static str, AttributeValue)>) -> PutBuilder {
        let mut item = key(keys::RATES, sk);
        item.extend(attributes.into_iter().map(|(name, value)| (name.to_owned(), value)));
        writes::telling_put(&self.tables.catalog, item)
    }

    fn put_new(&self, sk: String, body: AttributeValue) -> Result<TransactWriteItem, StoreError> {
        writes::put(self.put(sk, vec![(keys::BODY, body)]).condition_expression("attribute_not_exists(pk)"))
    }

    /// The new version, if the one that it replaces is still there.
    fn put_table(&self, change: &SettingChange) -> Result<TransactWriteItem, StoreError> {
        let (table, base) = (change.after.setting.table(), change.before.version);
        let put = self.put(keys::table_sk(table).into(), attributes(&change.after)?);
        if base < FIRST_VERSION {
            return writes::put(put.condition_expression("attribute_not_exists(pk)"));
        }
        let first = if base == FIRST_VERSION { "attribute_not_exists(#version) OR " } else { "" };
        let put = put
            .condition_expression(format!("attribute_exists(pk) AND ({first}#version = :base)"))
            .expression_attribute_names("#version", keys::VERSION)
            .expression_attribute_values(":base", number(base));
        writes::put(put)
    }
}

#[async_trait]
impl Settings for DynamoSettings {
    async fn current(&self, table: Table) -> Result<Versioned, StoreError> {
        let Some(found) = self.get(keys::table_sk(table)).await? else {
            return Ok(Versioned::of(table.empty(), 0));
        };
        read_versioned(table, &found)
    }

    async fn replaced(&self, table: Table, version: u64) -> Result<Option<Setting>, StoreError> {
        self.get(keys::replaced_sk(table, version)).await?.map(|found| read_setting(table, &found)).transpose()
    }

    /// The record stands first: found in the way, it tells whether an earlier attempt of ours was written.
    async fn change(&self, change: &SettingChange) -> Result<(), SettingError> {
        let table = change.after.setting.table();
        let items = [
            self.put_new(keys::change_sk(table, change.record.version), json(&change.record)?)?,
            self.put_table(change)?,
            self.put_new(keys::replaced_sk(table, change.before.version), body(&change.before.setting)?)?,
        ];
        let failed = match self.writer.write(&items).await {
            Ok(()) => return Ok(()),
            Err(Cancelled::Conditions(failed)) => failed,
            Err(Cancelled::Contended) => return Err(SettingError::Contended),
            Err(Cancelled::Store(error)) => return Err(error.into()),
        };
        let record: Option<SettingRecord> = failed.found(0).map(|found| read_json(&found, keys::BODY)).transpose()?;
        if record.is_some_and(|record| record.id == change.record.id) { Ok(()) } else { Err(SettingError::Stale) }
    }

    async fn changes(&self, table: Table, limit: usize) -> Result<Vec<SettingRecord>, StoreError> {
        let call = self
            .writer
            .client
            .query()
            .table_name(&self.tables.catalog)
            .key_condition_expression("pk = :pk AND begins_with(sk, :changes)")
            .expression_attribute_values(":pk", text(keys::RATES))
            .expression_attribute_values(":changes", text(keys::change_prefix(table)))
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(i32::try_from(limit.max(1)).unwrap_or(i32::MAX));
        let found = call.send().await.map_err(|error| failed("Query", &error))?;
        found.items().iter().map(|item| read_json(item, keys::BODY)).collect()
    }
}
