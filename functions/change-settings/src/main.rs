//! Wires the function for Lambda.

use std::sync::Arc;

use oms_adapters::aws::{Aws, prime};
use oms_adapters::clock::SystemClock;
use oms_adapters::dynamodb::{DynamoSettings, Tables};
use oms_adapters::random::OsRandom;
use oms_app::change_settings::ChangeSettings;
use oms_runtime::{BootError, config, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let tables: Tables = config()?;
    let client = Aws::from_env().await.dynamodb();
    prime(&client, &tables).await;
    let random = Arc::new(OsRandom);
    let settings = Arc::new(DynamoSettings::new(client, tables, random.clone()));
    serve(change_settings::function(ChangeSettings::new(settings, Arc::new(SystemClock), random))).await
}
