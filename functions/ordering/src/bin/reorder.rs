//! The function `reorder` on AWS.

use oms_adapters::world::AwsWorld;
use oms_runtime::{BootError, serve};
use ordering::reorder;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    serve(&AwsWorld::start().await?.primed().await, reorder::wired).await
}
