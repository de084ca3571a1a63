//! Queue: takes paid orders as far as the shop does so by itself.

use std::sync::Arc;

use oms_app::Error;
use oms_app::fulfilment::fulfil_order::{FulfilOrder, Hands};
use oms_app::world::{LabelWorld, Misconfigured};
use oms_runtime::{Function, events};
use ordering::screen_order::screening;
use serde::Deserialize;

/// What the function is told by its environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Config {
    /// How often the queue delivers a message.
    pub fulfil_tries: u32,
}

pub fn wired<W: LabelWorld>(world: &W) -> Result<Function, Misconfigured> {
    let Config { fulfil_tries } = world.setting()?;
    let hands = Hands {
        orders: world.orders(),
        catalog: world.catalog(),
        settings: world.settings(),
        documents: world.documents()?,
        carriers: world.carriers(),
        screening: screening(world)?,
        alerts: world.alerts()?,
        clock: world.clock(),
    };
    Ok(events::counted_queue(FulfilOrder::new(hands, fulfil_tries), handle))
}

async fn handle(fulfil: Arc<FulfilOrder>, (event, delivery): events::Counted) -> Result<(), Error> {
    fulfil.run(&event, delivery).await
}
