//! Wires the function for Lambda.

use std::sync::Arc;

use oms_adapters::aws::Aws;
use oms_adapters::dynamodb::{TableProbe, Tables};
use oms_adapters::sns_bus::{SnsBus, Topic, TopicProbe};
use oms_app::health::Health;
use oms_app::ports::Probe;
use oms_runtime::{BootError, config, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let tables: Tables = config()?;
    let Topic { topic_arn } = config()?;
    let aws = Aws::from_env().await;
    let client = aws.dynamodb();
    let probes: Vec<Arc<dyn Probe>> = vec![
        Arc::new(TableProbe::new(client.clone(), "orders", tables.orders)),
        Arc::new(TableProbe::new(client, "catalog", tables.catalog)),
        Arc::new(TopicProbe::new(SnsBus::new(aws.sns(), topic_arn))),
    ];
    serve(health::function(Health::new(probes))).await
}
