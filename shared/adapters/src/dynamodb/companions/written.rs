//! What somebody wrote with an event: beside the person record, and personal like it.

use aws_sdk_dynamodb::types::TransactWriteItem;
use oms_app::ports::{CommitError, StoreError, Written};
use oms_domain::ordering::Order;

use super::beside::{Beside, unknown_to_its_order};
use crate::dynamodb::item::{Item, item, text};
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;
use crate::dynamodb::writes::put_over;

impl Beside for Written {
    fn item(&self, order: &Order, tables: &Tables) -> Result<Option<TransactWriteItem>, StoreError> {
        let sk = keys::written_sk(self.version);
        let record = item(keys::order_pk(order.id), sk, [(keys::BODY, text(self.text.as_str()))]);
        put_over(&tables.orders, record).map(Some)
    }

    fn refusal(&self, _found: Option<&Item>) -> Result<CommitError, StoreError> {
        Err(unknown_to_its_order())
    }
}
