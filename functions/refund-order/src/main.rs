//! Wires the function for Lambda.

use std::sync::Arc;

use oms_adapters::aws::{Aws, prime};
use oms_adapters::clock::SystemClock;
use oms_adapters::dynamodb::{DynamoOrders, Tables};
use oms_adapters::random::OsRandom;
use oms_app::refund_order::RefundOrder;
use oms_runtime::{BootError, config, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let tables: Tables = config()?;
    let client = Aws::from_env().await.dynamodb();
    prime(&client, &tables).await;
    let orders = Arc::new(DynamoOrders::new(client, tables, Arc::new(OsRandom)));
    serve(refund_order::function(RefundOrder::new(orders, Arc::new(SystemClock)))).await
}
