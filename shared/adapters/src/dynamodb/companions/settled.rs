//! The end of a checkout session's follow-up: its record leaves the index of what is due.

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use oms_app::ports::{CommitError, SettledSession, StoreError};
use oms_domain::ordering::Order;

use super::beside::{Beside, unknown_to_its_order};
use super::checkout::expiry;
use crate::dynamodb::item::{Item, key, number};
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;
use crate::dynamodb::writes::update;

impl Beside for SettledSession {
    /// Without a condition: money counts also where the record was forgotten, or never was. Such an item has nothing but the
    /// time of its end.
    fn item(&self, order: &Order, tables: &Tables) -> Result<Option<TransactWriteItem>, StoreError> {
        let settled = Update::builder()
            .table_name(&tables.orders)
            .set_key(Some(key(keys::order_pk(order.id), keys::page_sk(self.0))))
            .update_expression("SET #expires_at = if_not_exists(#expires_at, :expires_at) REMOVE #due, #due_at")
            .expression_attribute_names("#expires_at", keys::EXPIRES_AT)
            .expression_attribute_names("#due", keys::DUE)
            .expression_attribute_names("#due_at", keys::DUE_AT)
            .expression_attribute_values(":expires_at", number(expiry(order.updated_at).as_second()));
        update(settled).map(Some)
    }

    fn refusal(&self, _found: Option<&Item>) -> Result<CommitError, StoreError> {
        Err(unknown_to_its_order())
    }
}
