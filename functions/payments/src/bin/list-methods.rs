//! The function `list-methods` on AWS.

use oms_adapters::world::AwsWorld;
use oms_runtime::{BootError, serve};
use payments::list_methods;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    serve(&AwsWorld::start().await?.primed().await, list_methods::wired).await
}
