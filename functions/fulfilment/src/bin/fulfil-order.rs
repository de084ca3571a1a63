//! The function `fulfil-order` on AWS.

use fulfilment::fulfil_order;
use oms_adapters::world::AwsWorld;
use oms_carriers::sellers;
use oms_runtime::{BootError, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let world = AwsWorld::start().await?.primed().await;
    let carriers = sellers(&world, world.secrets().as_ref()).await?;
    serve(&world.with_carriers(carriers), fulfil_order::wired).await
}
