//! The function `poll-parcels` on AWS.

use fulfilment::poll_parcels;
use oms_adapters::world::AwsWorld;
use oms_carriers::trackers;
use oms_runtime::{BootError, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let world = AwsWorld::start().await?.primed().await;
    let trackers = trackers(&world, world.secrets().as_ref()).await?;
    serve(&world.with_trackers(trackers), poll_parcels::wired).await
}
