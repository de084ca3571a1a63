//! The function `health` on AWS.

use oms_adapters::world::AwsWorld;
use oms_runtime::{BootError, serve};
use platform::health;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    serve(&AwsWorld::start().await?, health::wired).await
}
