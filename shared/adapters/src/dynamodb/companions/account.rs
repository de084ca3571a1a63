//! What the customer's account permits and counts: one item, `STANDING`, in one write. One that an earlier version wrote has
//! nothing but `blocked` and counts from there.

use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use oms_app::ports::{AccountStep, CommitError, Limited, OpenOrder, StoreError};
use oms_domain::ordering::Order;

use super::beside::Beside;
use crate::dynamodb::customers::allowances::open_orders;
use crate::dynamodb::customers::marks::{Parts, free_at};
use crate::dynamodb::item::{Item, key, number, text};
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;
use crate::dynamodb::writes::{check, update};

fn parts(step: &AccountStep, order: &Order) -> Parts {
    let mut parts = Parts::default();
    if step.in_good_standing {
        parts.condition(format!("(attribute_not_exists({0}) OR {0} = :false)", keys::BLOCKED));
        parts.value(":false", AttributeValue::Bool(false));
    }
    let ids = AttributeValue::Ss(vec![order.id.to_string()]);
    let open = keys::OPEN_ORDERS;
    match step.open {
        Some(OpenOrder::Begins { most }) => {
            parts.condition(format!("(attribute_not_exists({open}) OR size({open}) < :most OR contains({open}, :id))"));
            parts.value(":most", number(most));
            parts.value(":id", text(order.id.to_string()));
            parts.and(format!("ADD {open} :ids"));
            parts.value(":ids", ids);
        }
        // Taking away what is not there is no error: an order of before was not counted.
        Some(OpenOrder::Ends) => {
            parts.and(format!("DELETE {open} :ids"));
            parts.value(":ids", ids);
        }
        None => {}
    }
    if let Some(allowance) = step.counts {
        parts.counts(allowance, order.updated_at);
    }
    if let Some(allowance) = step.needs {
        parts.needs(allowance, order.updated_at);
    }
    parts
}

impl Beside for AccountStep {
    fn item(&self, order: &Order, tables: &Tables) -> Result<Option<TransactWriteItem>, StoreError> {
        let parts = parts(self, order);
        let account = key(keys::customer_pk(&self.user_id), keys::STANDING);
        let told = ReturnValuesOnConditionCheckFailure::AllOld;
        let Some(change) = parts.update_expression() else {
            let Some(condition) = parts.condition_expression() else { return Ok(None) };
            let unchanged = ConditionCheck::builder()
                .table_name(&tables.orders)
                .set_key(Some(account))
                .condition_expression(condition)
                .set_expression_attribute_values(Some(parts.values.into_iter().collect()))
                .return_values_on_condition_check_failure(told);
            return check(unchanged).map(Some);
        };
        let changed = Update::builder()
            .table_name(&tables.orders)
            .set_key(Some(account))
            .set_condition_expression(parts.condition_expression())
            .update_expression(change)
            .set_expression_attribute_values(Some(parts.values.into_iter().collect()))
            .return_values_on_condition_check_failure(told);
        update(changed).map(Some)
    }

    /// A blocked customer learns that first. Of two allowances the one that is free later is exhausted for sure.
    fn refusal(&self, found: Option<&Item>) -> Result<CommitError, StoreError> {
        let nothing = Item::new();
        let found = found.unwrap_or(&nothing);
        let blocked = found.get(keys::BLOCKED).and_then(|value| value.as_bool().ok()).copied().unwrap_or_default();
        if self.in_good_standing && blocked {
            return Ok(CommitError::NotInGoodStanding);
        }
        if let Some(OpenOrder::Begins { most }) = self.open {
            let open = open_orders(found)?;
            if open.len() >= usize::try_from(most).unwrap_or(usize::MAX) {
                return Ok(CommitError::Limited(Limited::OpenOrders(open)));
            }
        }
        let mut until = None;
        for allowance in self.counts.into_iter().chain(self.needs) {
            let free = free_at(found, allowance)?;
            if until.is_none_or(|(_, other)| free > other) {
                until = Some((allowance.act, free));
            }
        }
        let (act, free) = until.ok_or_else(super::untold)?;
        Ok(CommitError::Limited(Limited::Exhausted(act, free)))
    }
}
