//! What was done under a key.

use aws_sdk_dynamodb::types::TransactWriteItem;
use jiff::Timestamp;
use oms_app::ports::{CommandEntry, CommandRecord, CommitError, StoreError};
use oms_domain::ordering::Order;

use super::beside::{Beside, untold};
use crate::dynamodb::item::{Item, damaged, item, number, read_number, read_text, text};
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;
use crate::dynamodb::writes::{put, telling_put};

pub(crate) fn command_item(pk: String, name: &str, record: &CommandRecord) -> Item {
    let attributes = [
        (keys::REQUEST, text(&record.request)),
        (keys::OUTCOME, text(&record.outcome)),
        (keys::EXPIRES_AT, number(record.expires_at.as_second())),
    ];
    item(pk, keys::command_sk(name), attributes)
}

pub(crate) fn read_command(item: &Item) -> Result<CommandRecord, StoreError> {
    let expires_at: i64 = read_number(item, keys::EXPIRES_AT)?;
    Ok(CommandRecord {
        request: read_text(item, keys::REQUEST)?.to_owned(),
        outcome: read_text(item, keys::OUTCOME)?.to_owned(),
        expires_at: Timestamp::from_second(expires_at).map_err(|_| damaged(item, keys::EXPIRES_AT))?,
    })
}

/// Remembers it, unless it is remembered already; `now` is when the new command happens.
pub(crate) fn remember(table: &str, record: Item, now: Timestamp) -> Result<TransactWriteItem, StoreError> {
    let remembered = telling_put(table, record)
        .condition_expression("attribute_not_exists(pk) OR #expires_at <= :now")
        .expression_attribute_names("#expires_at", keys::EXPIRES_AT)
        .expression_attribute_values(":now", number(now.as_second()));
    put(remembered)
}

impl Beside for CommandEntry {
    fn item(&self, order: &Order, tables: &Tables) -> Result<Option<TransactWriteItem>, StoreError> {
        let record = command_item(keys::order_pk(order.id), &self.key.0, &self.record);
        remember(&tables.orders, record, order.updated_at).map(Some)
    }

    fn refusal(&self, found: Option<&Item>) -> Result<CommitError, StoreError> {
        Ok(CommitError::CommandSeen(read_command(found.ok_or_else(untold)?)?))
    }
}
