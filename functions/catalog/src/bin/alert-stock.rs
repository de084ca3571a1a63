//! The function `alert-stock` on AWS.

use catalog::alert_stock;
use oms_adapters::world::AwsWorld;
use oms_runtime::{BootError, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    serve(&AwsWorld::start().await?, alert_stock::wired).await
}
