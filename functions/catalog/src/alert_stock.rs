//! Stream of products → topic: tells administrators when little is left (F7).

use std::sync::Arc;

use oms_app::catalog::alert_stock::{AlertStock, Touched};
use oms_app::world::{Misconfigured, World};
use oms_runtime::{Function, events};

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let alert = AlertStock::new(world.catalog(), world.inventory(), world.alerts()?);
    Ok(events::products(alert, handle))
}

async fn handle(alert: Arc<AlertStock>, records: Vec<Touched>) -> Vec<String> {
    alert.run(&records).await
}
