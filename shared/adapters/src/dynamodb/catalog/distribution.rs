//! How the units of a hot product lie: evenly over its shards, or all in its own item.

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use oms_app::ports::StoreError;
use oms_domain::catalog::stock::Counter;
use oms_domain::ids::ProductId;

use super::counter_place::CounterPlace;
use super::sharded_product::ShardedProduct;
use crate::dynamodb::item::{key, number};
use crate::dynamodb::tables::Tables;
use crate::dynamodb::{keys, writes};

/// Smallest share, in units, for which a shard is worth its while.
const MIN_SHARE_UNITS: u32 = 4;

/// How units should lie for an order of `wanted`: an even share on every shard, or all in the base.
fn even_shares(total: u32, shards: usize, wanted: u32) -> Vec<u32> {
    let even = total / u32::try_from(shards).unwrap_or(u32::MAX).max(1);
    let share = if even >= MIN_SHARE_UNITS.max(wanted) { even } else { 0 };
    let mut units = vec![share; shards + 1];
    units[0] = total - units[1..].iter().sum::<u32>();
    units
}

/// How units are to lie afterwards, if they should not stay where they are.
fn redistribution(units: &[u32], wanted: u32) -> Option<Vec<u32>> {
    let total: u32 = units.iter().fold(0, |sum, units| sum.saturating_add(*units));
    let target = even_shares(total, units.len() - 1, wanted);
    let merges = target[0] == total;
    let served = units.iter().any(|units| *units >= wanted);
    let lopsided = units[0] > total / 2;
    let needed = if merges { units[0] != total } else { lopsided || !served };
    needed.then_some(target)
}

/// The transaction that distributes the units of a product anew for an order of `wanted`, and where they lie then.
pub(crate) fn distribute(
    sharded: &ShardedProduct,
    wanted: u32,
    tables: &Tables,
) -> Result<(Vec<TransactWriteItem>, Vec<u32>), StoreError> {
    let units = sharded.units();
    match redistribution(&units, wanted) {
        Some(target) => Ok((moves(sharded.product.id, &units, &target, tables)?, target)),
        None => Ok((Vec::new(), units)),
    }
}

/// The transaction that brings all units to the base.
pub(crate) fn gather(sharded: &ShardedProduct, tables: &Tables) -> Result<Vec<TransactWriteItem>, StoreError> {
    let units = sharded.units();
    let mut target = vec![0; units.len()];
    target[0] = sharded.product.stock.available;
    moves(sharded.product.id, &units, &target, tables)
}

/// Takes from the one what it adds to the other, whatever orders do meanwhile: repeated or late it never loses a unit.
fn moves(id: ProductId, from: &[u32], to: &[u32], tables: &Tables) -> Result<Vec<TransactWriteItem>, StoreError> {
    let mut items = Vec::new();
    for (index, (from, to)) in from.iter().zip(to).enumerate().filter(|(_, (from, to))| from != to) {
        let delta = i64::from(*to) - i64::from(*from);
        let mut condition = "attribute_exists(pk)".to_owned();
        let mut update = Update::builder()
            .table_name(&tables.catalog)
            .set_key(Some(key(keys::product_pk(id), CounterPlace::at(index).sk())))
            .update_expression("ADD #available :delta")
            .expression_attribute_names("#available", Counter::Available.name())
            .expression_attribute_values(":delta", number(delta));
        if delta < 0 {
            condition.push_str(" AND #available >= :taken");
            update = update.expression_attribute_values(":taken", number(-delta));
        }
        if index == 0 {
            condition.push_str(" AND attribute_exists(#shards)");
            update = update.expression_attribute_names("#shards", keys::SHARDS);
        }
        items.push(writes::update(update.condition_expression(condition))?);
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Distributing neither makes nor loses a unit, and whoever wanted some finds them.
        #[test]
        fn units_are_distributed_without_loss(units in prop::collection::vec(0_u32..60, 9), wanted in 1_u32..30) {
            let total: u32 = units.iter().sum();
            let after = redistribution(&units, wanted).unwrap_or_else(|| units.clone());
            prop_assert_eq!(after.iter().sum::<u32>(), total);
            prop_assert_eq!(after.iter().any(|units| *units >= wanted), total >= wanted);
        }
    }

    #[test]
    fn many_units_are_spread_and_few_are_merged() {
        assert_eq!(redistribution(&[80, 0, 0, 0, 0, 0, 0, 0, 0], 1), Some(vec![0, 10, 10, 10, 10, 10, 10, 10, 10]));
        assert_eq!(redistribution(&[0, 10, 10, 10, 0, 10, 10, 10, 10], 1), None);
        assert_eq!(redistribution(&[0, 3, 3, 3, 0, 3, 3, 3, 3], 1), Some(vec![21, 0, 0, 0, 0, 0, 0, 0, 0]));
        assert_eq!(redistribution(&[21, 0, 0, 0, 0, 0, 0, 0, 0], 1), None);
        assert_eq!(redistribution(&[0, 10, 10, 10, 10, 10, 10, 10, 10], 11), Some(vec![80, 0, 0, 0, 0, 0, 0, 0, 0]));
    }
}
