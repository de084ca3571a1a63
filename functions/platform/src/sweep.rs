//! Every minute: comes back to what is open at payment providers, cancels pending orders past their deadline, publishes what
//! the stream gave up on.

use std::sync::Arc;

use oms_app::Error;
use oms_app::platform::publisher::Publisher;
use oms_app::platform::sweep::{Sweep, Swept};
use oms_app::world::{Misconfigured, PaymentWorld};
use oms_runtime::events::Ran;
use oms_runtime::{Function, events};

pub fn wired<W: PaymentWorld>(world: &W) -> Result<Function, Misconfigured> {
    let publisher = Publisher::new(world.bus()?, world.outbox(), world.clock());
    let sweep = Sweep::new(world.orders(), world.follow_ups(), world.gateways(), world.clock())
        .publishing(publisher)
        .with_metrics(world.metrics()?);
    Ok(events::schedule(sweep, handle))
}

async fn handle(sweep: Arc<Sweep>, correlation_id: String) -> Result<Ran, Error> {
    let swept = sweep.run(&correlation_id).await?;
    if swept == Swept::default() {
        return Ok(Ran::Idle);
    }
    let Swept { expired, looked, published, failed } = swept;
    tracing::info!(expired, looked, published, failed, "sweep");
    if swept.failed > 0 {
        Err(Error::ServiceUnavailable(format!("{} order(s) or task(s) could not be done", swept.failed)))
    } else {
        Ok(Ran::Worked)
    }
}
