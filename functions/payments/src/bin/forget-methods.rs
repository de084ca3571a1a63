//! The function `forget-methods` on AWS.

use oms_adapters::world::AwsWorld;
use oms_payments::gateways;
use oms_runtime::{BootError, serve};
use payments::forget_methods;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let world = AwsWorld::start().await?.primed().await;
    let gateways = gateways(&world, world.secrets().as_ref()).await?;
    serve(&world.with_gateways(gateways), forget_methods::wired).await
}
