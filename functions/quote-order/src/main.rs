//! Wires the function for Lambda.

use std::sync::Arc;

use oms_adapters::aws::{Aws, prime};
use oms_adapters::clock::SystemClock;
use oms_adapters::dynamodb::{DynamoCatalog, DynamoCircuits, DynamoOrders, Tables};
use oms_adapters::random::OsRandom;
use oms_app::breaker::{Breaker, Offer};
use oms_app::catalog_cache::CatalogCache;
use oms_app::quote_order::QuoteOrder;
use oms_runtime::{BootError, config, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let tables: Tables = config()?;
    let offered: quote_order::Config = config()?;
    let client = Aws::from_env().await.dynamodb();
    prime(&client, &tables).await;
    let clock = Arc::new(SystemClock);
    let orders = Arc::new(DynamoOrders::new(client.clone(), tables.clone(), Arc::new(OsRandom)));
    let circuits = Arc::new(DynamoCircuits::new(client.clone(), tables.clone()));
    let offer = Offer::of(offered.names()).watched_by(Arc::new(Breaker::new(circuits, clock.clone())));
    let catalog = CatalogCache::new(Arc::new(DynamoCatalog::new(client, tables)), clock.clone());
    serve(quote_order::function(QuoteOrder::new(orders, catalog, offer, clock))).await
}
