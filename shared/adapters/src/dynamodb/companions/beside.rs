use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use oms_app::ports::{CommitError, StoreError};
use oms_domain::ordering::Order;

use crate::dynamodb::item::Item;
use crate::dynamodb::tables::Tables;

/// A companion of the change that leads to an order.
pub(crate) trait Beside {
    /// Its part of the transaction; nothing if it stands in the order's own item.
    fn item(&self, order: &Order, tables: &Tables) -> Result<Option<TransactWriteItem>, StoreError>;

    /// What it adds to the item of a new order.
    fn order_attribute(&self) -> Option<(&'static str, AttributeValue)> {
        None
    }

    /// Why it was not written; `found` is what stood in its way, if the store told.
    fn refusal(&self, found: Option<&Item>) -> Result<CommitError, StoreError>;
}

/// Something stands where only a change of this order writes.
pub(crate) fn unknown_to_its_order() -> StoreError {
    StoreError::Damaged("an event exists that its order does not know".to_owned())
}

pub(crate) fn untold() -> StoreError {
    StoreError::Damaged("a condition failed without telling what was found".to_owned())
}
