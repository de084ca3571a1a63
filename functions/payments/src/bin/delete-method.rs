//! The function `delete-method` on AWS.

use oms_adapters::world::AwsWorld;
use oms_runtime::{BootError, serve};
use payments::delete_method;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    serve(&AwsWorld::start().await?.primed().await, delete_method::wired).await
}
