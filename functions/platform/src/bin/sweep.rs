//! The function `sweep` on AWS.

use oms_adapters::world::AwsWorld;
use oms_payments::readable_gateways;
use oms_runtime::{BootError, serve};
use platform::sweep;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let world = AwsWorld::start().await?.primed().await;
    let gateways = readable_gateways(&world, world.secrets().as_ref()).await?;
    serve(&world.with_gateways(gateways), sweep::wired).await
}
