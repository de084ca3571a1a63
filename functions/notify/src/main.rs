//! Wires the function for Lambda.

use std::sync::Arc;

use oms_adapters::aws::{Aws, prime};
use oms_adapters::clock::SystemClock;
use oms_adapters::dynamodb::{DynamoNotices, DynamoOrders, Tables};
use oms_adapters::messenger::AwsMessenger;
use oms_adapters::random::OsRandom;
use oms_app::notify::Notify;
use oms_runtime::{BootError, config, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let tables: Tables = config()?;
    let settings: notify::Config = config()?;
    let aws = Aws::from_env().await;
    let (client, random) = (aws.dynamodb(), Arc::new(OsRandom));
    prime(&client, &tables).await;
    let notices = Arc::new(DynamoNotices::new(client.clone(), tables.clone(), random.clone()));
    let orders = Arc::new(DynamoOrders::new(client, tables, random));
    let messenger = Arc::new(AwsMessenger::new(aws.sesv2(), aws.sns(), settings.email_from.clone()));
    let notify = Notify::new(orders, notices, messenger, Arc::new(SystemClock), settings.shop())?;
    serve(notify::function(notify)).await
}
