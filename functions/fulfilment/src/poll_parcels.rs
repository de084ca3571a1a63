//! Every quarter of an hour: asks carriers after parcels of which nothing was heard.

use std::sync::Arc;

use oms_app::Error;
use oms_app::fulfilment::poll_parcels::{PollParcels, Polled};
use oms_app::world::{CarrierWorld, Misconfigured};
use oms_runtime::events::Ran;
use oms_runtime::{Function, events};

pub fn wired<W: CarrierWorld>(world: &W) -> Result<Function, Misconfigured> {
    let (orders, parcels, follow_ups) = (world.orders(), world.parcels(), world.follow_ups());
    let poll = PollParcels::new(orders, parcels, follow_ups, world.trackers(), world.clock());
    Ok(events::schedule(poll, handle))
}

async fn handle(poll: Arc<PollParcels>, correlation_id: String) -> Result<Ran, Error> {
    let polled = poll.run(&correlation_id).await?;
    if polled == Polled::default() {
        return Ok(Ran::Idle);
    }
    // A carrier that is away is asked again within the hour; that is no failure of ours.
    let Polled { asked, heard, failed } = polled;
    tracing::info!(asked, heard, failed, "parcels");
    Ok(Ran::Worked)
}
