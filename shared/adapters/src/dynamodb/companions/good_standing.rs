//! Nobody has blocked the customer: a condition, and nothing is written.

use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, TransactWriteItem};
use oms_app::ports::{CommitError, GoodStanding, StoreError};
use oms_domain::ordering::Order;

use super::beside::Beside;
use crate::dynamodb::item::{Item, key};
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;
use crate::dynamodb::writes::check;

impl Beside for GoodStanding {
    fn item(&self, _order: &Order, tables: &Tables) -> Result<Option<TransactWriteItem>, StoreError> {
        let unblocked = ConditionCheck::builder()
            .table_name(&tables.orders)
            .set_key(Some(key(keys::customer_pk(&self.0), keys::STANDING)))
            .condition_expression("attribute_not_exists(pk) OR #blocked = :false")
            .expression_attribute_names("#blocked", keys::BLOCKED)
            .expression_attribute_values(":false", AttributeValue::Bool(false));
        check(unblocked).map(Some)
    }

    fn refusal(&self, _found: Option<&Item>) -> Result<CommitError, StoreError> {
        Ok(CommitError::NotInGoodStanding)
    }
}
