//! The function `track-order` on AWS.

use fulfilment::track_order;
use oms_adapters::world::AwsWorld;
use oms_runtime::{BootError, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    serve(&AwsWorld::start().await?.primed().await, track_order::wired).await
}
