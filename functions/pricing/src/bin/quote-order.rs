//! The function `quote-order` on AWS.

use oms_adapters::world::AwsWorld;
use oms_carriers::sellers_at_hand;
use oms_runtime::{BootError, serve};
use pricing::quote_order;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let world = AwsWorld::start().await?.primed().await;
    // Without a carrier the shop's own prices count.
    let carriers = sellers_at_hand(&world, world.secrets().as_ref()).await?;
    serve(&world.with_carriers(carriers), quote_order::wired).await
}
