//! The function `relay` on AWS.

use oms_adapters::world::AwsWorld;
use oms_runtime::{BootError, serve};
use platform::relay;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    serve(&AwsWorld::start().await?, relay::wired).await
}
