//! Queue → provider: gives money back, once.

use std::sync::Arc;

use oms_app::Error;
use oms_app::payments::refund::Refund;
use oms_app::world::{Misconfigured, PaymentWorld};
use oms_domain::public_event::CloudEvent;
use oms_runtime::{Function, events};

pub fn wired<W: PaymentWorld>(world: &W) -> Result<Function, Misconfigured> {
    let refund = Refund::new(world.orders(), world.follow_ups(), world.gateways(), world.clock());
    Ok(events::queue(refund, handle))
}

async fn handle(refund: Arc<Refund>, event: CloudEvent) -> Result<(), Error> {
    refund.run(&event).await
}
