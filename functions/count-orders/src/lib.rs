//! Every quarter of an hour: counts the orders that somebody waits for, and those that have waited too long.

use std::sync::Arc;

use oms_app::Error;
use oms_app::count_orders::{CountOrders, Counted};
use oms_runtime::events::Ran;
use oms_runtime::{Function, events};

/// The function.
pub fn function(count: CountOrders) -> Function {
    events::schedule(count, handle)
}

async fn handle(count: Arc<CountOrders>, correlation_id: String) -> Result<Ran, Error> {
    let counted = count.run(&correlation_id).await?;
    Ok(if counted == Counted::default() { Ran::Idle } else { Ran::Worked })
}
