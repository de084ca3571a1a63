//! The only stored place of personal data.

use aws_sdk_dynamodb::types::TransactWriteItem;
use oms_app::ports::{CommitError, StoreError};
use oms_domain::ordering::Order;
use oms_domain::ordering::address::Person;

use super::beside::{Beside, unknown_to_its_order};
use crate::dynamodb::item::{Item, item, json};
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;
use crate::dynamodb::writes::put_over;

impl Beside for Person {
    fn item(&self, order: &Order, tables: &Tables) -> Result<Option<TransactWriteItem>, StoreError> {
        let record = item(keys::order_pk(order.id), keys::PERSON.into(), [(keys::BODY, json(self)?)]);
        put_over(&tables.orders, record).map(Some)
    }

    fn refusal(&self, _found: Option<&Item>) -> Result<CommitError, StoreError> {
        Err(unknown_to_its_order())
    }
}
