//! The claim on a cart: not ordered twice by accident.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use oms_app::ports::{CartClaim, CartPolicy, CommitError, StoreError};
use oms_domain::ordering::Order;

use super::beside::{Beside, untold};
use crate::dynamodb::item::{Item, item, number, read_parsed, text};
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;
use crate::dynamodb::writes::{put, telling_put};

impl Beside for CartClaim {
    fn item(&self, order: &Order, tables: &Tables) -> Result<Option<TransactWriteItem>, StoreError> {
        let attributes = [
            (keys::ORDER_ID, text(order.id.to_string())),
            (keys::UNTIL, text(keys::time(self.expires_at))),
            (keys::EXPIRES_AT, number(self.expires_at.as_second())),
        ];
        let claimed = item(keys::customer_pk(&self.user_id), keys::cart_sk(&self.cart), attributes);
        let claim = match self.policy {
            CartPolicy::Replace => Put::builder().table_name(&tables.orders).set_item(Some(claimed)),
            CartPolicy::Exclusive { over } => telling_put(&tables.orders, claimed)
                .condition_expression("attribute_not_exists(pk) OR #until <= :now OR #order_id IN (:over, :self)")
                .expression_attribute_names("#until", keys::UNTIL)
                .expression_attribute_names("#order_id", keys::ORDER_ID)
                .expression_attribute_values(":now", text(keys::time(order.updated_at)))
                .expression_attribute_values(":over", text(over.unwrap_or(order.id).to_string()))
                .expression_attribute_values(":self", text(order.id.to_string())),
        };
        put(claim).map(Some)
    }

    fn refusal(&self, found: Option<&Item>) -> Result<CommitError, StoreError> {
        let holder = read_parsed(found.ok_or_else(untold)?, keys::ORDER_ID, |id| id.parse().ok())?;
        Ok(CommitError::CartTaken(holder))
    }
}
