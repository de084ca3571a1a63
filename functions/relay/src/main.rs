//! Wires the function for Lambda.

use std::sync::Arc;

use oms_adapters::aws::Aws;
use oms_adapters::sns_bus::{SnsBus, Topic};
use oms_app::relay::Relay;
use oms_runtime::{BootError, config, journal, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let Topic { topic_arn } = config()?;
    let bus = SnsBus::new(Aws::from_env().await.sns(), topic_arn);
    serve(relay::function(Relay::new(Arc::new(bus)).telling(journal()?))).await
}
