//! The function `discontinue-product` on AWS.

use catalog::discontinue_product;
use oms_adapters::world::AwsWorld;
use oms_runtime::{BootError, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    serve(&AwsWorld::start().await?.primed().await, discontinue_product::wired).await
}
