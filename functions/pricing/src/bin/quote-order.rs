//! The function `quote-order` on AWS.

use oms_adapters::world::AwsWorld;
use oms_runtime::{BootError, serve};
use pricing::quote_order;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    serve(&AwsWorld::start().await?.primed().await, quote_order::wired).await
}
