//! Every five minutes: comes back to labels whose carriers have not answered.

use std::sync::Arc;

use oms_app::Error;
use oms_app::fulfilment::settle_labels::{SettleLabels, Settled};
use oms_app::world::{LabelWorld, Misconfigured};
use oms_runtime::events::Ran;
use oms_runtime::{Function, events};

pub fn wired<W: LabelWorld>(world: &W) -> Result<Function, Misconfigured> {
    let (orders, settings, documents) = (world.orders(), world.settings(), world.documents()?);
    let settle = SettleLabels::new(orders, settings, documents, world.follow_ups(), world.carriers(), world.clock());
    Ok(events::schedule(settle.with_metrics(world.metrics()?), handle))
}

async fn handle(settle: Arc<SettleLabels>, correlation_id: String) -> Result<Ran, Error> {
    let settled = settle.run(&correlation_id).await?;
    if settled == Settled::default() {
        return Ok(Ran::Idle);
    }
    let Settled { looked, failed } = settled;
    tracing::info!(looked, failed, "labels");
    if failed > 0 {
        Err(Error::ServiceUnavailable(format!("{failed} label(s) could not be looked at")))
    } else {
        Ok(Ran::Worked)
    }
}
