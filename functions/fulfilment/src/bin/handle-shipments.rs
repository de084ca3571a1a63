//! The function `handle-shipments` on AWS.

use fulfilment::handle_shipments;
use oms_adapters::world::AwsWorld;
use oms_runtime::{BootError, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    serve(&AwsWorld::start().await?.primed().await, handle_shipments::wired).await
}
