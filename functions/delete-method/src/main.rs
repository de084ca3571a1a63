//! Wires the function for Lambda.

use std::sync::Arc;

use oms_adapters::aws::{Aws, prime};
use oms_adapters::clock::SystemClock;
use oms_adapters::dynamodb::{DynamoMethods, Tables};
use oms_app::delete_method::DeleteMethod;
use oms_runtime::{BootError, config, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let tables: Tables = config()?;
    let client = Aws::from_env().await.dynamodb();
    prime(&client, &tables).await;
    let methods = Arc::new(DynamoMethods::new(client, tables));
    serve(delete_method::function(DeleteMethod::new(methods, Arc::new(SystemClock)))).await
}
