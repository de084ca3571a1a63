//! Wires the function for Lambda.

use std::sync::Arc;

use oms_adapters::aws::Aws;
use oms_adapters::dynamodb::{DynamoCatalog, DynamoShelf, Tables};
use oms_adapters::random::OsRandom;
use oms_adapters::sns_alerts::SnsAlerts;
use oms_adapters::sns_bus::Topic;
use oms_app::alert_stock::AlertStock;
use oms_runtime::{BootError, config, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let tables: Tables = config()?;
    let Topic { topic_arn } = config()?;
    let aws = Aws::from_env().await;
    let catalog = Arc::new(DynamoCatalog::new(aws.dynamodb(), tables.clone()));
    let shelf = Arc::new(DynamoShelf::new(aws.dynamodb(), tables, Arc::new(OsRandom)));
    let alerts = Arc::new(SnsAlerts::new(aws.sns(), topic_arn));
    serve(alert_stock::function(AlertStock::new(catalog, shelf, alerts))).await
}
