//! Wires the function for Lambda.

use std::sync::Arc;

use oms_adapters::aws::{Aws, prime};
use oms_adapters::dynamodb::{DynamoMethods, Tables};
use oms_app::list_methods::ListMethods;
use oms_runtime::{BootError, config, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let tables: Tables = config()?;
    let client = Aws::from_env().await.dynamodb();
    prime(&client, &tables).await;
    let methods = Arc::new(DynamoMethods::new(client, tables));
    serve(list_methods::function(ListMethods::new(methods))).await
}
