//! Queue → customer: one message per order, event and channel.

use std::sync::Arc;

use oms_app::Error;
use oms_app::customers::limits::Limiter;
use oms_app::messaging::notify::Notify;
use oms_app::world::{Misconfigured, World};
use oms_domain::public_event::CloudEvent;
use oms_runtime::{Function, events};

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let notify = Notify::new(world.texts()?, world.orders(), world.notices(), world.messenger()?, world.clock());
    let notify = notify.with_metrics(world.metrics()?).with_limits(Limiter::of(world)?);
    Ok(events::queue(notify, handle))
}

async fn handle(notify: Arc<Notify>, event: CloudEvent) -> Result<(), Error> {
    notify.run(&event).await
}
