//! Every minute: comes back to what is open at payment providers, cancels pending orders past their deadline.

use std::sync::Arc;

use oms_app::Error;
use oms_app::platform::sweep::{Sweep, Swept};
use oms_app::world::{Misconfigured, PaymentWorld};
use oms_runtime::events::Ran;
use oms_runtime::{Function, events};

pub fn wired<W: PaymentWorld>(world: &W) -> Result<Function, Misconfigured> {
    let sweep = Sweep::new(world.orders(), world.follow_ups(), world.gateways(), world.clock());
    Ok(events::schedule(sweep, handle))
}

async fn handle(sweep: Arc<Sweep>, correlation_id: String) -> Result<Ran, Error> {
    let swept = sweep.run(&correlation_id).await?;
    if swept == Swept::default() {
        return Ok(Ran::Idle);
    }
    tracing::info!(expired = swept.expired, looked = swept.looked, failed = swept.failed, "sweep");
    if swept.failed > 0 {
        Err(Error::ServiceUnavailable(format!("{} order(s) or task(s) could not be done", swept.failed)))
    } else {
        Ok(Ran::Worked)
    }
}
