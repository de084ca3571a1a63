//! The function `view-standing` on AWS.

use customers::view_standing;
use oms_adapters::world::AwsWorld;
use oms_runtime::{BootError, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    serve(&AwsWorld::start().await?.primed().await, view_standing::wired).await
}
