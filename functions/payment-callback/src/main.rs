//! Wires the function for Lambda.

use std::sync::Arc;

use oms_adapters::aws::{Aws, prime};
use oms_adapters::clock::SystemClock;
use oms_adapters::dynamodb::{DynamoAgenda, DynamoOrders, Tables};
use oms_adapters::random::OsRandom;
use oms_app::payment_callback::PaymentCallback;
use oms_app::ports::Gateways;
use oms_runtime::{BootError, config, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let tables: Tables = config()?;
    let client = Aws::from_env().await.dynamodb();
    prime(&client, &tables).await;
    let agenda = Arc::new(DynamoAgenda::new(client.clone(), tables.clone()));
    let orders = Arc::new(DynamoOrders::new(client, tables, Arc::new(OsRandom)));
    // Providers are added here; the sandbox belongs to the local cloud and has no place in a deployed function.
    let gateways = Gateways::default();
    serve(payment_callback::function(PaymentCallback::new(orders, agenda, gateways, Arc::new(SystemClock)))).await
}
