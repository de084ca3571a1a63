//! What an order does to stock: one update per product, and why it is refused.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use oms_app::ports::{Shortage, StoreError};
use oms_domain::catalog::stock::{self, MoveKind};
use oms_domain::ids::ProductId;
use oms_domain::money::Amount;
use oms_domain::ordering::Order;

use super::counter_place::CounterPlace;
use super::product_item::read_product;
use crate::dynamodb::item::{Item, key, number, text};
use crate::dynamodb::tables::Tables;
use crate::dynamodb::{keys, writes};

/// The version of a catalog entry that was never edited.
const FIRST_VERSION: u64 = 1;

/// A transaction may touch an item once, so all moves of a product become one update.
pub(crate) fn by_product(moves: &[stock::StockMove]) -> BTreeMap<ProductId, Vec<stock::StockMove>> {
    let mut products: BTreeMap<ProductId, Vec<stock::StockMove>> = BTreeMap::new();
    for part in moves {
        products.entry(part.product_id).or_default().push(*part);
    }
    products
}

/// All moves of a product as one update, under the condition that they are possible. `version` is that of the catalog entry
/// that the order was priced by: whatever of it price and permission depend on, an edit counts it up.
pub(crate) fn item(
    product_id: ProductId,
    moves: &[stock::StockMove],
    order: &Order,
    version: Option<u64>,
    tables: &Tables,
    place: CounterPlace,
) -> Result<TransactWriteItem, StoreError> {
    let mut deltas: BTreeMap<&'static str, i64> = BTreeMap::new();
    for (counter, delta) in moves.iter().flat_map(stock::StockMove::deltas) {
        *deltas.entry(counter.name()).or_default() += delta;
    }
    let mut update = Update::builder()
        .table_name(&tables.catalog)
        .set_key(Some(key(keys::product_pk(product_id), place.sk())))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    let mut conditions = vec!["attribute_exists(pk)".to_owned()];
    let mut additions = Vec::new();
    for (counter, delta) in deltas {
        additions.push(format!("#{counter} :{counter}"));
        update = update
            .expression_attribute_names(format!("#{counter}"), counter)
            .expression_attribute_values(format!(":{counter}"), number(delta));
        // A shard's other counters are differences: only the sums over all shards cannot be negative.
        let bounded = counter == stock::Counter::Available.name() || !matches!(place, CounterPlace::Shard(_));
        if delta < 0 && bounded {
            conditions.push(format!("#{counter} >= :{counter}_needed"));
            update = update.expression_attribute_values(format!(":{counter}_needed"), number(-delta));
        }
    }
    if place == CounterPlace::Whole {
        conditions.push("attribute_not_exists(#shards)".to_owned());
        update = update.expression_attribute_names("#shards", keys::SHARDS);
    }
    if moves.iter().any(|part| part.kind == MoveKind::Reserve) {
        conditions.push("#active = :true AND #price = :price AND #currency = :currency".to_owned());
        update = update
            .expression_attribute_names("#active", keys::ACTIVE)
            .expression_attribute_names("#price", keys::PRICE)
            .expression_attribute_names("#currency", keys::CURRENCY)
            .expression_attribute_values(":true", AttributeValue::Bool(true))
            .expression_attribute_values(":price", number(price(order, product_id)?.minor()))
            .expression_attribute_values(":currency", text(order.currency.stored()));
        if let Some(version) = version {
            // Entries that were never edited, and shards of before they told it, have no version.
            let untold = version == FIRST_VERSION || matches!(place, CounterPlace::Shard(_));
            conditions.push(if untold {
                "(attribute_not_exists(#version) OR #version = :version)".to_owned()
            } else {
                "#version = :version".to_owned()
            });
            update = update
                .expression_attribute_names("#version", keys::VERSION)
                .expression_attribute_values(":version", number(version));
        }
    }
    let update = update
        .update_expression(format!("ADD {}", additions.join(", ")))
        .condition_expression(conditions.join(" AND "));
    writes::update(update)
}

/// What the customer was quoted.
fn price(order: &Order, product_id: ProductId) -> Result<Amount, StoreError> {
    order.asked_price(product_id).ok_or_else(|| {
        StoreError::Damaged(format!("order {} reserves product {product_id}, which it does not contain", order.id))
    })
}

/// What was found instead of what the moves need.
pub(crate) fn shortage(product_id: ProductId, found: Option<&Item>) -> Result<Shortage, StoreError> {
    let found = found.filter(|item| !item.is_empty()).cloned().map(read_product).transpose()?;
    Ok(Shortage { product_id, found })
}

#[cfg(test)]
mod tests {
    use super::*;
    use oms_testkit::builders::{a_product, an_order};

    #[test]
    fn moves_of_one_product_become_one_update() {
        let product_id = a_product(1).build().id;
        let part = |kind, quantity| stock::StockMove { product_id, kind, quantity };
        let moves = [
            part(MoveKind::Restock(stock::Condition::Sellable), 2),
            part(MoveKind::Restock(stock::Condition::Damaged), 1),
        ];
        let tables = Tables { orders: "orders".into(), catalog: "catalog".into() };
        let order = an_order(1).of(&a_product(1).build(), 1).order();
        let moves = &by_product(&moves)[&product_id];
        let update = item(product_id, moves, &order, None, &tables, CounterPlace::Base).unwrap().update.unwrap();
        assert_eq!(update.update_expression(), "ADD #available :available, #damaged :damaged, #returned :returned");
        assert_eq!(update.condition_expression(), Some("attribute_exists(pk)"));
        assert_eq!(update.expression_attribute_values().unwrap()[":returned"], number(3));
    }
}
