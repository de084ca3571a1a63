//! Queue → provider: gives money back, once.

use std::sync::Arc;

use oms_app::Error;
use oms_app::refund::Refund;
use oms_domain::public_event::CloudEvent;
use oms_runtime::{Function, events};

/// The function.
pub fn function(refund: Refund) -> Function {
    events::queue(refund, handle)
}

async fn handle(refund: Arc<Refund>, event: CloudEvent) -> Result<(), Error> {
    refund.run(&event).await
}
