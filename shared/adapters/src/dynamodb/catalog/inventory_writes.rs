//! What changes of the inventory write, item by item.

use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use oms_app::ports::{CommandRecord, Move, MoveKey, StoreError};
use oms_domain::catalog::movement::Movement;
use oms_domain::catalog::stock::{Counter, Stock};
use oms_domain::catalog::{Edit, Product, ProductDetail};
use oms_domain::ids::ProductId;

use super::product_item::{SHARDS, product_item, shard_attributes};
use super::sharded_product::{SHARD_COUNTERS, ShardedProduct};
use crate::dynamodb::companions::command::{command_item, remember};
use crate::dynamodb::item::{Item, item, json, key, number, text};
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;
use crate::dynamodb::writes::{self, telling_put};

/// Puts the items of changes together.
pub(crate) struct InventoryWrites<'a>(pub(crate) &'a Tables);

impl InventoryWrites<'_> {
    pub(crate) fn put_new(&self, item: Item) -> Result<TransactWriteItem, StoreError> {
        writes::put_new(&self.0.catalog, item)
    }

    pub(crate) fn put_over(&self, item: Item) -> Result<TransactWriteItem, StoreError> {
        writes::put_over(&self.0.catalog, item)
    }

    /// Claims a SKU for a product that may hold it already.
    pub(crate) fn claim(&self, product: &Product) -> Result<TransactWriteItem, StoreError> {
        let id = text(product.id.to_string());
        let claim =
            item(keys::seller_pk(&product.seller_id), keys::sku_sk(&product.sku), [(keys::PRODUCT_ID, id.clone())]);
        let put = telling_put(&self.0.catalog, claim)
            .condition_expression("attribute_not_exists(pk) OR #product_id = :self")
            .expression_attribute_names("#product_id", keys::PRODUCT_ID)
            .expression_attribute_values(":self", id);
        writes::put(put)
    }

    pub(crate) fn release(&self, product: &Product) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.0.catalog)
            .set_key(Some(key(keys::seller_pk(&product.seller_id), keys::sku_sk(&product.sku))))
            .condition_expression("attribute_not_exists(pk) OR #product_id = :self")
            .expression_attribute_names("#product_id", keys::PRODUCT_ID)
            .expression_attribute_values(":self", text(product.id.to_string()));
        writes::delete(delete)
    }

    pub(crate) fn update_of(&self, id: ProductId) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.0.catalog)
            .set_key(Some(key(keys::product_pk(id), keys::PRODUCT)))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    /// What an edit does to the shards: a hot product's repeat what orders have as a condition, and what they counted
    /// comes back when it is hot no more.
    pub(crate) fn shards(
        &self,
        before: &Product,
        after: &Product,
        sharded: Option<&ShardedProduct>,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let id = after.id;
        if after.hot {
            return (0..SHARDS).map(|number| self.shard(id, number, &shard_attributes(after))).collect();
        }
        let shards = sharded.filter(|_| before.hot).into_iter().flat_map(|sharded| sharded.shards.iter().zip(0..));
        shards.map(|(counts, number)| self.removal(id, number, counts)).collect()
    }

    /// Writes what a shard repeats; a shard that is not there yet begins without units.
    pub(crate) fn shard(
        &self,
        id: ProductId,
        number: u8,
        attributes: &[(&'static str, AttributeValue)],
    ) -> Result<TransactWriteItem, StoreError> {
        let mut update = Update::builder()
            .table_name(&self.0.catalog)
            .set_key(Some(key(keys::product_pk(id), keys::shard_sk(number))));
        let mut sets = Vec::new();
        for (name, value) in attributes {
            sets.push(format!("#{name} = :{name}"));
            update = update
                .expression_attribute_names(format!("#{name}"), *name)
                .expression_attribute_values(format!(":{name}"), value.clone());
        }
        let mut expression = format!("SET {}", sets.join(", "));
        if !attributes.iter().any(|(name, _)| *name == keys::LOW_STOCK_THRESHOLD) {
            expression.push_str(" REMOVE #threshold");
            update = update.expression_attribute_names("#threshold", keys::LOW_STOCK_THRESHOLD);
        }
        writes::update(update.update_expression(expression))
    }

    /// Removes a shard if it counts exactly what the product's own item takes over.
    pub(crate) fn removal(&self, id: ProductId, shard: u8, counts: &[i64]) -> Result<TransactWriteItem, StoreError> {
        let mut delete = Delete::builder()
            .table_name(&self.0.catalog)
            .set_key(Some(key(keys::product_pk(id), keys::shard_sk(shard))));
        for (name, placeholder, value) in shard_values(counts) {
            delete = delete
                .expression_attribute_names(placeholder, name)
                .expression_attribute_values(format!(":{name}"), value);
        }
        writes::delete(delete.condition_expression(shard_condition(counts)))
    }

    /// Sets and removes exactly what differs, and takes over what removed shards counted.
    pub(crate) fn difference(
        &self,
        before: &Product,
        after: &Product,
        taken_over: Option<&ShardedProduct>,
    ) -> Result<TransactWriteItem, StoreError> {
        let (old, new) = (product_item(before)?, product_item(after)?);
        let mut names: Vec<&String> =
            old.keys().chain(new.keys()).filter(|name| old.get(*name) != new.get(*name)).collect();
        // Orders and movements change the counters all the time; an edit never does.
        names.retain(|name| before.stock.counters().iter().all(|(counter, _)| counter.name() != name.as_str()));
        names.sort_unstable();
        names.dedup();
        let (mut sets, mut removals) = (Vec::new(), Vec::new());
        let mut update = self.update_of(after.id);
        for name in names {
            update = update.expression_attribute_names(format!("#{name}"), name);
            if let Some(value) = new.get(name) {
                sets.push(format!("#{name} = :{name}"));
                update = update.expression_attribute_values(format!(":{name}"), value.clone());
            } else {
                removals.push(format!("#{name}"));
            }
        }
        let mut expression = format!("SET {}", sets.join(", "));
        if !removals.is_empty() {
            expression.push_str(" REMOVE ");
            expression.push_str(&removals.join(", "));
        }
        if let Some(sharded) = taken_over {
            let sums =
                (0..SHARD_COUNTERS.len()).map(|place| sharded.shards.iter().map(|shard| shard[place]).sum::<i64>());
            let mut additions = Vec::new();
            for (counter, sum) in SHARD_COUNTERS.into_iter().zip(sums) {
                let name = counter.name();
                additions.push(format!("#{name} :{name}"));
                update = update
                    .expression_attribute_names(format!("#{name}"), name)
                    .expression_attribute_values(format!(":{name}"), number(sum));
            }
            expression.push_str(" ADD ");
            expression.push_str(&additions.join(", "));
        }
        // Entries from before versions were counted are at their first one.
        let first = if before.version == 1 { "attribute_not_exists(#version) OR " } else { "" };
        let update = update
            .update_expression(expression)
            .condition_expression(format!("attribute_exists(pk) AND ({first}#version = :base)"))
            .expression_attribute_values(":base", number(before.version));
        writes::update(update)
    }

    /// Moves two counters if all are as the record will say they were.
    pub(crate) fn moved(&self, wanted: &Move, seen: &Stock) -> Result<TransactWriteItem, StoreError> {
        let (mut update, condition) = self.where_seen(wanted.product_id, seen);
        let mut additions = Vec::new();
        for (counter, delta) in wanted.kind.deltas(wanted.quantity) {
            let name = counter.name();
            additions.push(format!("#{name} :{name}_delta"));
            update = update.expression_attribute_values(format!(":{name}_delta"), number(delta));
        }
        let update = update.update_expression(format!("ADD {}", additions.join(", "))).condition_expression(condition);
        writes::update(update)
    }

    /// Sets all counters of the product's own item if all are as they were seen.
    pub(crate) fn set_counters(
        &self,
        id: ProductId,
        seen: &Stock,
        counted: &Stock,
    ) -> Result<TransactWriteItem, StoreError> {
        let (mut update, condition) = self.where_seen(id, seen);
        let mut sets = Vec::new();
        for (counter, units) in counted.counters() {
            let name = counter.name();
            sets.push(format!("#{name} = :{name}_counted"));
            update = update.expression_attribute_values(format!(":{name}_counted"), number(units));
        }
        writes::update(update.update_expression(format!("SET {}", sets.join(", "))).condition_expression(condition))
    }

    /// Takes all units off a shard if it counts exactly these.
    pub(crate) fn emptied(&self, id: ProductId, shard: u8, counts: &[i64]) -> Result<TransactWriteItem, StoreError> {
        let mut update = Update::builder()
            .table_name(&self.0.catalog)
            .set_key(Some(key(keys::product_pk(id), keys::shard_sk(shard))))
            .expression_attribute_values(":none", number(0));
        let sets = SHARD_COUNTERS.map(|counter| format!("#{} = :none", counter.name()));
        for (name, placeholder, value) in shard_values(counts) {
            update = update
                .expression_attribute_names(placeholder, name)
                .expression_attribute_values(format!(":{name}"), value);
        }
        let update = update.update_expression(format!("SET {}", sets.join(", ")));
        writes::update(update.condition_expression(shard_condition(counts)))
    }

    /// An update of the product's own item whose condition are all of its counters.
    fn where_seen(&self, id: ProductId, seen: &Stock) -> (UpdateBuilder, String) {
        let mut update = self.update_of(id);
        let mut conditions = vec!["attribute_exists(pk)".to_owned()];
        for (counter, units) in seen.counters() {
            let name = counter.name();
            // Products from before the counter was kept have none of it.
            conditions.push(if counter == Counter::WrittenOff && units == 0 {
                format!("(attribute_not_exists(#{name}) OR #{name} = :{name})")
            } else {
                format!("#{name} = :{name}")
            });
            update = update
                .expression_attribute_names(format!("#{name}"), name)
                .expression_attribute_values(format!(":{name}"), number(units));
        }
        (update, conditions.join(" AND "))
    }

    pub(crate) fn remember(
        &self,
        wanted: &Move,
        key: &MoveKey,
        movement: &Movement,
    ) -> Result<TransactWriteItem, StoreError> {
        let outcome = serde_json::to_string(movement).map_err(|error| StoreError::Damaged(error.to_string()))?;
        let record = CommandRecord { request: key.request.clone(), outcome, expires_at: key.expires_at };
        let item = command_item(keys::product_pk(wanted.product_id), &key.key.0, &record);
        remember(&self.0.catalog, item, wanted.at)
    }
}

/// The names, placeholders and values of what a shard counts.
fn shard_values(counts: &[i64]) -> impl Iterator<Item = (&'static str, String, AttributeValue)> + '_ {
    SHARD_COUNTERS.into_iter().zip(counts).map(|(counter, units)| {
        let name = counter.name();
        (name, format!("#{name}"), number(*units))
    })
}

/// That a shard counts exactly these; a counter that never moved may be absent.
fn shard_condition(counts: &[i64]) -> String {
    let mut conditions = vec!["attribute_exists(pk)".to_owned()];
    for (counter, units) in SHARD_COUNTERS.into_iter().zip(counts) {
        let name = counter.name();
        let unmoved = if *units == 0 { format!("attribute_not_exists(#{name}) OR ") } else { String::new() };
        conditions.push(format!("({unmoved}#{name} = :{name})"));
    }
    conditions.join(" AND ")
}

pub(crate) fn detail_item(id: ProductId, detail: &ProductDetail) -> Result<Item, StoreError> {
    Ok(item(keys::product_pk(id), keys::DETAIL.into(), [(keys::BODY, json(detail)?)]))
}

pub(crate) fn edit_item(id: ProductId, edit: &Edit) -> Result<Item, StoreError> {
    Ok(item(keys::product_pk(id), keys::edit_sk(edit.version), [(keys::BODY, json(edit)?)]))
}

pub(crate) fn movement_item(id: ProductId, movement: &Movement) -> Result<Item, StoreError> {
    Ok(item(keys::product_pk(id), keys::movement_sk(movement.at, movement.id), [(keys::BODY, json(movement)?)]))
}
