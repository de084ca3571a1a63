//! Stream → topic: publishes every committed event.

use std::sync::Arc;

use oms_app::relay::{Relay, StreamRecord};
use oms_runtime::{Function, events};

/// The function.
pub fn function(relay: Relay) -> Function {
    events::stream(relay, handle)
}

async fn handle(relay: Arc<Relay>, records: Vec<StreamRecord>) -> Vec<String> {
    relay.run(&records).await
}
