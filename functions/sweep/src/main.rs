//! Wires the function for Lambda.

use std::sync::Arc;

use oms_adapters::aws::{Aws, prime};
use oms_adapters::clock::SystemClock;
use oms_adapters::dynamodb::{DynamoAgenda, DynamoCircuits, DynamoOrders, Tables};
use oms_adapters::random::OsRandom;
use oms_adapters::secrets::SecretsManager;
use oms_app::breaker::Breaker;
use oms_app::ports::{Clock, Gateways};
use oms_app::sweep::Sweep;
use oms_payments::setup::providers;
use oms_runtime::{BootError, config, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let tables: Tables = config()?;
    let aws = Aws::from_env().await;
    let client = aws.dynamodb();
    prime(&client, &tables).await;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let circuits = Arc::new(DynamoCircuits::new(client.clone(), tables.clone()));
    let providers = providers(&config()?, &SecretsManager::new(aws.secretsmanager()), &clock).await?;
    let gateways = Gateways::guarded(providers, &Arc::new(Breaker::new(circuits, clock.clone())));
    let agenda = Arc::new(DynamoAgenda::new(client.clone(), tables.clone()));
    let orders = Arc::new(DynamoOrders::new(client, tables, Arc::new(OsRandom)));
    serve(sweep::function(Sweep::new(orders, agenda, gateways, clock))).await
}
