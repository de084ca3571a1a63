//! Every quarter of an hour: tells payment providers to forget what customers removed.

use std::sync::Arc;

use oms_app::Error;
use oms_app::payments::forget_methods::ForgetMethods;
use oms_app::world::{Misconfigured, PaymentWorld};
use oms_runtime::events::Ran;
use oms_runtime::{Function, events};

pub fn wired<W: PaymentWorld>(world: &W) -> Result<Function, Misconfigured> {
    let forget = ForgetMethods::new(world.payment_methods(), world.gateways(), world.clock());
    Ok(events::schedule(forget, handle))
}

async fn handle(forget: Arc<ForgetMethods>, _correlation_id: String) -> Result<Ran, Error> {
    let done = forget.run().await?;
    if done.forgotten > 0 || done.postponed > 0 {
        tracing::info!(forgotten = done.forgotten, postponed = done.postponed, "means of payment");
        return Ok(Ran::Worked);
    }
    Ok(Ran::Idle)
}
