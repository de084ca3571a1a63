//! Queue: looks at every submitted order for signs of fraud, and holds those that a person should see.

use std::sync::Arc;

use oms_app::Error;
use oms_app::screen_order::ScreenOrder;
use oms_domain::public_event::CloudEvent;
use oms_runtime::{Function, events};
use serde::Deserialize;

/// What the built-in rules need to know.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// Orders worth more are looked at, e.g. `1500.00 EUR`; empty for no limit.
    pub review_above: String,
}

/// The function.
pub fn function(screen: ScreenOrder) -> Function {
    events::queue(screen, handle)
}

async fn handle(screen: Arc<ScreenOrder>, event: CloudEvent) -> Result<(), Error> {
    screen.run(&event).await
}
