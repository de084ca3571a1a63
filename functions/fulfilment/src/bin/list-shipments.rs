//! The function `list-shipments` on AWS.

use fulfilment::list_shipments;
use oms_adapters::world::AwsWorld;
use oms_runtime::{BootError, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    serve(&AwsWorld::start().await?.primed().await, list_shipments::wired).await
}
