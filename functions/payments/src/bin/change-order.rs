//! The function `change-order` on AWS.

use oms_adapters::world::AwsWorld;
use oms_payments::gateways;
use oms_runtime::{BootError, serve};
use payments::change_order;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let world = AwsWorld::start().await?.primed().await;
    let gateways = gateways(&world, world.secrets().as_ref()).await?;
    serve(&world.with_gateways(gateways), change_order::wired).await
}
