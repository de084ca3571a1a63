//! Wires the function for Lambda.

use std::sync::Arc;

use oms_adapters::aws::{Aws, prime};
use oms_adapters::clock::SystemClock;
use oms_adapters::dynamodb::{DynamoShelf, Tables};
use oms_adapters::random::OsRandom;
use oms_app::update_product::UpdateProduct;
use oms_runtime::{BootError, config, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let tables: Tables = config()?;
    let client = Aws::from_env().await.dynamodb();
    prime(&client, &tables).await;
    let random = Arc::new(OsRandom);
    let shelf = Arc::new(DynamoShelf::new(client, tables, random.clone()));
    serve(update_product::function(UpdateProduct::new(shelf, Arc::new(SystemClock), random))).await
}
