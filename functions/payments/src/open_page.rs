//! Queue → provider: opens checkout pages that could not be opened while the customer waited.

use std::sync::Arc;

use oms_app::Error;
use oms_app::payments::open_page::OpenPage;
use oms_app::world::{Misconfigured, PaymentWorld};
use oms_runtime::{Function, events};
use serde::Deserialize;

/// What the function is told by its environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Config {
    /// How often the queue delivers a message.
    pub payment_tries: u32,
}

pub fn wired<W: PaymentWorld>(world: &W) -> Result<Function, Misconfigured> {
    let Config { payment_tries } = world.setting()?;
    let open_page = OpenPage::new(world.orders(), world.follow_ups(), world.gateways(), world.clock(), payment_tries);
    Ok(events::counted_queue(open_page, handle))
}

async fn handle(open_page: Arc<OpenPage>, (event, delivery): events::Counted) -> Result<(), Error> {
    open_page.run(&event, delivery).await
}
