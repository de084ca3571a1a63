//! The function `handle-returns` on AWS.

use oms_adapters::world::AwsWorld;
use oms_runtime::{BootError, serve};
use returns::handle_returns;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    serve(&AwsWorld::start().await?.primed().await, handle_returns::wired).await
}
