//! When to look at a label: a record of nothing but its time, which is due until there is nothing to wait for.

use aws_sdk_dynamodb::types::TransactWriteItem;
use oms_app::ports::{Agenda, CommitError, LabelTask, StoreError};
use oms_domain::ordering::Order;

use super::beside::{Beside, unknown_to_its_order};
use super::checkout::expiry;
use crate::dynamodb::item::{Item, item, number, text};
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;
use crate::dynamodb::writes::put_over;

impl Beside for LabelTask {
    fn item(&self, order: &Order, tables: &Tables) -> Result<Option<TransactWriteItem>, StoreError> {
        let until = expiry(self.look_at.unwrap_or(order.updated_at));
        let attributes = [(keys::EXPIRES_AT, number(until.as_second()))];
        let mut whole = item(keys::order_pk(order.id), keys::label_sk(self.label_id), attributes);
        if let Some(at) = self.look_at {
            whole.insert(keys::DUE.to_owned(), text(keys::agenda_shard_of(Agenda::Carriers, &order.id.to_string())));
            whole.insert(keys::DUE_AT.to_owned(), text(keys::time(at)));
        }
        put_over(&tables.orders, whole).map(Some)
    }

    fn refusal(&self, _found: Option<&Item>) -> Result<CommitError, StoreError> {
        Err(unknown_to_its_order())
    }
}
