//! Wires the function for Lambda.

use std::sync::Arc;

use oms_adapters::aws::{Aws, prime};
use oms_adapters::dynamodb::{DynamoCatalog, Tables};
use oms_app::list_products::ListProducts;
use oms_runtime::{BootError, config, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let tables: Tables = config()?;
    let client = Aws::from_env().await.dynamodb();
    prime(&client, &tables).await;
    serve(list_products::function(ListProducts::new(Arc::new(DynamoCatalog::new(client, tables))))).await
}
