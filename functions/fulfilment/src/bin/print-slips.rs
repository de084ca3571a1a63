//! The function `print-slips` on AWS.

use fulfilment::print_slips;
use oms_adapters::world::AwsWorld;
use oms_runtime::{BootError, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    serve(&AwsWorld::start().await?.primed().await, print_slips::wired).await
}
