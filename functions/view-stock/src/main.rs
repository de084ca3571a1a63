//! Wires the function for Lambda.

use std::sync::Arc;

use oms_adapters::aws::{Aws, prime};
use oms_adapters::dynamodb::{DynamoCatalog, DynamoShelf, Tables};
use oms_adapters::random::OsRandom;
use oms_app::view_stock::ViewStock;
use oms_runtime::{BootError, config, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let tables: Tables = config()?;
    let client = Aws::from_env().await.dynamodb();
    prime(&client, &tables).await;
    let catalog = Arc::new(DynamoCatalog::new(client.clone(), tables.clone()));
    let shelf = Arc::new(DynamoShelf::new(client, tables, Arc::new(OsRandom)));
    serve(view_stock::function(ViewStock::new(catalog, shelf))).await
}
