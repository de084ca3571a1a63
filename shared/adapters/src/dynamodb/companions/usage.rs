//! A step of a counter that does not pass its limit.

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use oms_app::ports::{CommitError, StoreError, UsageStep};
use oms_domain::ordering::Order;

use super::beside::Beside;
use crate::dynamodb::item::{Item, key, number};
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;
use crate::dynamodb::writes::update;

impl Beside for UsageStep {
    /// What is given back is never refused: a counter that was forgotten must not keep an order from being cancelled.
    fn item(&self, _order: &Order, tables: &Tables) -> Result<Option<TransactWriteItem>, StoreError> {
        let (pk, sk) = keys::counter(&self.counter);
        let mut step = Update::builder()
            .table_name(&tables.orders)
            .set_key(Some(key(pk, sk)))
            .expression_attribute_names("#used", keys::USED)
            .expression_attribute_values(":delta", number(self.delta));
        if let Some(limit) = self.limit.filter(|_| self.delta > 0) {
            let left = i64::from(limit) - i64::from(self.delta);
            // A counter that nobody has used yet is at zero.
            let unused = if left >= 0 { "attribute_not_exists(#used) OR " } else { "" };
            step = step
                .condition_expression(format!("{unused}#used <= :left"))
                .expression_attribute_values(":left", number(left));
        }
        let mut expression = "ADD #used :delta".to_owned();
        if let Some(at) = self.expires_at {
            expression.push_str(" SET #expires_at = :expires_at");
            step = step
                .expression_attribute_names("#expires_at", keys::EXPIRES_AT)
                .expression_attribute_values(":expires_at", number(at.as_second()));
        }
        update(step.update_expression(expression)).map(Some)
    }

    fn refusal(&self, _found: Option<&Item>) -> Result<CommitError, StoreError> {
        Ok(CommitError::LimitReached(self.counter.clone()))
    }
}
