//! Wires the function for Lambda.

use std::sync::Arc;

use oms_adapters::aws::{Aws, prime};
use oms_adapters::dynamodb::{DynamoSettings, Tables};
use oms_adapters::random::OsRandom;
use oms_app::view_settings::ViewSettings;
use oms_runtime::{BootError, config, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let tables: Tables = config()?;
    let client = Aws::from_env().await.dynamodb();
    prime(&client, &tables).await;
    let settings = Arc::new(DynamoSettings::new(client, tables, Arc::new(OsRandom)));
    serve(view_settings::function(ViewSettings::new(settings))).await
}
