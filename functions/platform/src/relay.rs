//! Stream → topic: publishes every committed event.

use std::sync::Arc;

use oms_app::platform::publisher::Publisher;
use oms_app::platform::relay::{Relay, StreamRecord};
use oms_app::world::{Misconfigured, World};
use oms_runtime::{Function, events};

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let publisher = Publisher::new(world.bus()?, world.outbox(), world.clock());
    let relay = Relay::new(publisher).with_metrics(world.metrics()?);
    Ok(events::stream(relay, handle))
}

async fn handle(relay: Arc<Relay>, records: Vec<StreamRecord>) -> Vec<String> {
    relay.run(&records).await
}
