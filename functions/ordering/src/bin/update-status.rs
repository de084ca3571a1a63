//! The function `update-status` on AWS.

use oms_adapters::world::AwsWorld;
use oms_runtime::{BootError, serve};
use ordering::update_status;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    serve(&AwsWorld::start().await?.primed().await, update_status::wired).await
}
