//! The function `view-settings` on AWS.

use oms_adapters::world::AwsWorld;
use oms_runtime::{BootError, serve};
use pricing::view_settings;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    serve(&AwsWorld::start().await?.primed().await, view_settings::wired).await
}
