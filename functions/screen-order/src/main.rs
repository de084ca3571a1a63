//! Wires the function for Lambda.

use std::sync::Arc;

use oms_adapters::aws::{Aws, prime};
use oms_adapters::clock::SystemClock;
use oms_adapters::dynamodb::{DynamoOrders, Tables};
use oms_adapters::random::OsRandom;
use oms_app::screen_order::{FraudRules, ScreenOrder};
use oms_runtime::{BootError, config, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let tables: Tables = config()?;
    let client = Aws::from_env().await.dynamodb();
    prime(&client, &tables).await;
    let settings: screen_order::Config = config()?;
    let rules = Arc::new(FraudRules::read(&settings.review_above)?);
    let orders = Arc::new(DynamoOrders::new(client, tables, Arc::new(OsRandom)));
    serve(screen_order::function(ScreenOrder::new(orders, rules, Arc::new(SystemClock)))).await
}
