//! The function `sweep` on AWS.

use oms_adapters::world::AwsWorld;
use oms_payments::gateways_at_hand;
use oms_runtime::{BootError, serve};
use platform::sweep;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let world = AwsWorld::start().await?.primed().await;
    // What can be done without a provider is done: orders expire whatever is wrong with a secret.
    let gateways = gateways_at_hand(&world, world.secrets().as_ref()).await?;
    serve(&world.with_gateways(gateways), sweep::wired).await
}
