//! The function `diagnose-order` on AWS.

use oms_adapters::world::AwsWorld;
use oms_runtime::{BootError, serve};
use ordering::diagnose_order;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    serve(&AwsWorld::start().await?.primed().await, diagnose_order::wired).await
}
