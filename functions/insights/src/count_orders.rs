//! Every quarter of an hour: counts the orders that somebody waits for, and those that have waited too long.

use std::sync::Arc;

use oms_app::Error;
use oms_app::insights::count_orders::{CountOrders, Counted};
use oms_app::world::{Misconfigured, World};
use oms_runtime::events::Ran;
use oms_runtime::{Function, events};

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let count = CountOrders::new(world.order_counts(), world.clock(), world.metrics()?);
    Ok(events::schedule(count, handle))
}

async fn handle(count: Arc<CountOrders>, correlation_id: String) -> Result<Ran, Error> {
    let counted = count.run(&correlation_id).await?;
    Ok(if counted == Counted::default() { Ran::Idle } else { Ran::Worked })
}
