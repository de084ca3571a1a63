//! Wires the function for Lambda.

use std::sync::Arc;

use oms_adapters::aws::{Aws, prime};
use oms_adapters::clock::SystemClock;
use oms_adapters::dynamodb::{DynamoCensus, Tables};
use oms_app::count_orders::CountOrders;
use oms_runtime::{BootError, config, journal, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let tables: Tables = config()?;
    let client = Aws::from_env().await.dynamodb();
    prime(&client, &tables).await;
    let census = Arc::new(DynamoCensus::new(client, tables));
    serve(count_orders::function(CountOrders::new(census, Arc::new(SystemClock), journal()?))).await
}
