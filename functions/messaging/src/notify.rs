//! Queue → customer: one message per order, event and channel.

use std::sync::Arc;

use oms_app::Error;
use oms_app::customers::limits::Limiter;
use oms_app::messaging::notify::Notify;
use oms_app::messaging::tracking_links::TrackingLinks;
use oms_app::world::{Misconfigured, World};
use oms_domain::messaging::CallingCodes;
use oms_domain::public_event::CloudEvent;
use oms_runtime::{Function, events};
use serde::Deserialize;

/// What the shop has set.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// Whose numbers get text messages, e.g. `49, 43`; `all`, or empty for nobody's.
    pub sms_calling_codes: String,
    /// What tracking links begin with; their token follows behind a slash.
    pub track_url: String,
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let Config { sms_calling_codes, track_url } = world.setting()?;
    let codes = CallingCodes::read(&sms_calling_codes).map_err(|error| Misconfigured(error.to_string()))?;
    let notify = Notify::new(world.texts()?, world.orders(), world.notices(), world.messenger()?, world.clock());
    let notify = notify
        .with_links(TrackingLinks::new(world.link_keys()?, &track_url))
        .texting(codes)
        .with_metrics(world.metrics()?)
        .with_limits(Limiter::of(world)?);
    Ok(events::queue(notify, handle))
}

async fn handle(notify: Arc<Notify>, event: CloudEvent) -> Result<(), Error> {
    notify.run(&event).await
}
