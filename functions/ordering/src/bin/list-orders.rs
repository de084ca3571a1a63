//! The function `list-orders` on AWS.

use oms_adapters::world::AwsWorld;
use oms_runtime::{BootError, serve};
use ordering::list_orders;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    serve(&AwsWorld::start().await?.primed().await, list_orders::wired).await
}
