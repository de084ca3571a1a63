//! A means of payment that is saved with the payment it was used for.

use aws_sdk_dynamodb::types::TransactWriteItem;
use oms_app::ports::{CommitError, SavedMethod, StoreError};
use oms_domain::ordering::Order;

use super::beside::{Beside, unknown_to_its_order};
use crate::dynamodb::item::{Item, item, json};
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;
use crate::dynamodb::writes::put_over;

impl Beside for SavedMethod {
    fn item(&self, _order: &Order, tables: &Tables) -> Result<Option<TransactWriteItem>, StoreError> {
        let record = item(keys::customer_pk(&self.user_id), keys::method_sk(self.id), [(keys::BODY, json(self)?)]);
        put_over(&tables.orders, record).map(Some)
    }

    fn refusal(&self, _found: Option<&Item>) -> Result<CommitError, StoreError> {
        Err(unknown_to_its_order())
    }
}
