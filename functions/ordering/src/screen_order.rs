//! Queue: looks at every submitted order for signs of fraud, and holds those that a person should see.

use std::sync::Arc;

use oms_app::Error;
use oms_app::ordering::screen_order::{FraudRules, ScreenOrder, Screening};
use oms_app::world::{Misconfigured, World};
use oms_domain::public_event::CloudEvent;
use oms_runtime::{Function, events};
use serde::Deserialize;

/// What the built-in rules need to know.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// Orders worth more are looked at, e.g. `1500.00 EUR`; empty for no limit.
    pub review_above: String,
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    Ok(events::queue(ScreenOrder(screening(world)?), handle))
}

/// The look that is taken here and before an order is prepared.
pub fn screening<W: World>(world: &W) -> Result<Screening, Misconfigured> {
    let config: Config = world.setting()?;
    let rules = FraudRules::read(&config.review_above).map_err(|error| Misconfigured(error.to_string()))?;
    Ok(Screening::new(world.orders(), Arc::new(rules), world.clock()))
}

async fn handle(screen: Arc<ScreenOrder>, event: CloudEvent) -> Result<(), Error> {
    screen.run(&event).await
}
