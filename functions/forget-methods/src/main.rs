//! Wires the function for Lambda.

use std::sync::Arc;

use oms_adapters::aws::{Aws, prime};
use oms_adapters::clock::SystemClock;
use oms_adapters::dynamodb::{DynamoMethods, Tables};
use oms_app::forget_methods::ForgetMethods;
use oms_app::ports::Gateways;
use oms_runtime::{BootError, config, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let tables: Tables = config()?;
    let client = Aws::from_env().await.dynamodb();
    prime(&client, &tables).await;
    let methods = Arc::new(DynamoMethods::new(client, tables));
    // Providers are added here; the sandbox belongs to the local cloud and has no place in a deployed function.
    let gateways = Gateways::default();
    serve(forget_methods::function(ForgetMethods::new(methods, gateways, Arc::new(SystemClock)))).await
}
