//! Wires the function for Lambda.

use std::sync::Arc;

use oms_adapters::aws::{Aws, prime};
use oms_adapters::dynamodb::{DynamoCustomers, Tables};
use oms_app::view_standing::ViewStanding;
use oms_runtime::{BootError, config, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let tables: Tables = config()?;
    let client = Aws::from_env().await.dynamodb();
    prime(&client, &tables).await;
    let customers = Arc::new(DynamoCustomers::new(client, tables));
    serve(view_standing::function(ViewStanding::new(customers))).await
}
