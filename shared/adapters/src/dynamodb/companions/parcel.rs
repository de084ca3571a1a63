//! A parcel that leaves: an item under its carrier's number, over a parcel of before that had the same.

use aws_sdk_dynamodb::types::TransactWriteItem;
use oms_app::ports::{CommitError, ParcelRecord, StoreError};
use oms_domain::ordering::Order;

use super::beside::{Beside, unknown_to_its_order};
use crate::dynamodb::fulfilment::parcels::written;
use crate::dynamodb::item::Item;
use crate::dynamodb::tables::Tables;
use crate::dynamodb::writes::put_over;

impl Beside for ParcelRecord {
    fn item(&self, _order: &Order, tables: &Tables) -> Result<Option<TransactWriteItem>, StoreError> {
        put_over(&tables.orders, written(self)?).map(Some)
    }

    fn refusal(&self, _found: Option<&Item>) -> Result<CommitError, StoreError> {
        Err(unknown_to_its_order())
    }
}
