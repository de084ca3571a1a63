//! The function `change-settings` on AWS.

use oms_adapters::world::AwsWorld;
use oms_runtime::{BootError, serve};
use pricing::change_settings;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    serve(&AwsWorld::start().await?.primed().await, change_settings::wired).await
}
