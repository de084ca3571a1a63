//! Wires the function for Lambda.

use std::sync::Arc;

use oms_adapters::aws::{Aws, prime};
use oms_adapters::clock::SystemClock;
use oms_adapters::dynamodb::{DynamoCatalog, DynamoOrders, Tables};
use oms_adapters::random::OsRandom;
use oms_app::catalog_cache::CatalogCache;
use oms_app::create_order::CreateOrder;
use oms_runtime::{BootError, config, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let tables: Tables = config()?;
    let settings: create_order::Config = config()?;
    let client = Aws::from_env().await.dynamodb();
    prime(&client, &tables).await;
    let (clock, random) = (Arc::new(SystemClock), Arc::new(OsRandom));
    let catalog = CatalogCache::new(Arc::new(DynamoCatalog::new(client.clone(), tables.clone())), clock.clone());
    let orders = Arc::new(DynamoOrders::new(client, tables, random.clone()));
    let create = CreateOrder::new(orders, catalog, clock, random).taking(settings.orders_per_minute);
    serve(create_order::function(create)).await
}
