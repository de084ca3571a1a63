//! Parts of a transaction, put together.

use aws_sdk_dynamodb::types::builders::{ConditionCheckBuilder, DeleteBuilder, PutBuilder, UpdateBuilder};
use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use oms_app::ports::StoreError;

use super::error::unbuildable;
use super::item::Item;

/// A put that tells what stood in its way.
pub(crate) fn telling_put(table: &str, item: Item) -> PutBuilder {
    let told = ReturnValuesOnConditionCheckFailure::AllOld;
    Put::builder().table_name(table).set_item(Some(item)).return_values_on_condition_check_failure(told)
}

/// Writes an item that must not be there yet.
pub(crate) fn put_new(table: &str, item: Item) -> Result<TransactWriteItem, StoreError> {
    put(telling_put(table, item).condition_expression("attribute_not_exists(pk)"))
}

/// Writes an item over whatever is there.
pub(crate) fn put_over(table: &str, item: Item) -> Result<TransactWriteItem, StoreError> {
    put(Put::builder().table_name(table).set_item(Some(item)))
}

pub(crate) fn put(put: PutBuilder) -> Result<TransactWriteItem, StoreError> {
    let put = put.build().map_err(|error| unbuildable(&error))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

pub(crate) fn update(update: UpdateBuilder) -> Result<TransactWriteItem, StoreError> {
    let update = update.build().map_err(|error| unbuildable(&error))?;
    Ok(TransactWriteItem::builder().update(update).build())
}

pub(crate) fn delete(delete: DeleteBuilder) -> Result<TransactWriteItem, StoreError> {
    let delete = delete.build().map_err(|error| unbuildable(&error))?;
    Ok(TransactWriteItem::builder().delete(delete).build())
}

pub(crate) fn check(check: ConditionCheckBuilder) -> Result<TransactWriteItem, StoreError> {
    let check = check.build().map_err(|error| unbuildable(&error))?;
    Ok(TransactWriteItem::builder().condition_check(check).build())
}
