//! Wires the function for Lambda.

use std::sync::Arc;

use oms_adapters::aws::{Aws, prime};
use oms_adapters::clock::SystemClock;
use oms_adapters::dynamodb::{DynamoCircuits, DynamoMethods, Tables};
use oms_adapters::secrets::SecretsManager;
use oms_app::breaker::Breaker;
use oms_app::forget_methods::ForgetMethods;
use oms_app::ports::{Clock, Gateways};
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
    let methods = Arc::new(DynamoMethods::new(client, tables));
    serve(forget_methods::function(ForgetMethods::new(methods, gateways, clock))).await
}
