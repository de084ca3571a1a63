//! Counters of products, by what made them.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use oms_adapters::dynamodb::{DynamoCatalog, DynamoInventory, DynamoOrders};
use oms_adapters::random::OsRandom;
use oms_app::platform::recount::{Difference, Found, Intention, Recount, Recounted};
use oms_domain::catalog::stock::Stock;

use crate::OpsError;
use crate::stack::Stack as Deployed;

/// Counts all products anew, and sets their counters right if that is meant.
pub async fn recount(
    stack: &Deployed,
    client: Client,
    intention: Intention,
    progress: impl Fn(usize),
) -> Result<Recounted, OpsError> {
    let tables = stack.tables()?;
    let random = Arc::new(OsRandom);
    let recount = Recount::new(
        Arc::new(DynamoOrders::new(client.clone(), tables.clone(), random.clone())),
        Arc::new(DynamoCatalog::new(client.clone(), tables.clone())),
        Arc::new(DynamoInventory::new(client, tables, random)),
    );
    Ok(recount.run(intention, progress).await?)
}

/// One line about a product.
pub fn told(difference: &Difference) -> String {
    let Difference { product_id, sku, stored, found } = difference;
    match found {
        Found::Counted(counted) => format!("{product_id} {sku}: {}", changes(stored, counted)),
        Found::Written(counted) => format!("{product_id} {sku}: {}, written", changes(stored, counted)),
        Found::Moving => format!("{product_id} {sku}: moved while it was counted; stop what writes, and count again"),
        Found::Missing(missing) => format!(
            "{product_id} {sku}: {} units more left `{}` than ever came; take units in or cancel orders, and count again",
            missing.units,
            missing.counter.name()
        ),
        Found::Gone => format!("{product_id}: orders refer to it, and the catalog does not have it"),
    }
}

fn changes(stored: &Stock, counted: &Stock) -> String {
    let (before, after) = (stored.counters(), counted.counters());
    let changed = before.into_iter().zip(after).filter(|((_, before), (_, after))| before != after);
    let changed = changed.map(|((counter, before), (_, after))| format!("{} {before} → {after}", counter.name()));
    changed.collect::<Vec<_>>().join(", ")
}
