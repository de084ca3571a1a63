//! The function `hold-order` on AWS.

use oms_adapters::world::AwsWorld;
use oms_runtime::{BootError, serve};
use ordering::hold_order;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    serve(&AwsWorld::start().await?.primed().await, hold_order::wired).await
}
