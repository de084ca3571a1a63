//! Every minute: cancels pending orders past their deadline.

use std::sync::Arc;

use oms_app::Error;
use oms_app::sweep::Sweep;
use oms_runtime::{Function, events};

/// The function.
pub fn function(sweep: Sweep) -> Function {
    events::schedule(sweep, handle)
}

async fn handle(sweep: Arc<Sweep>, correlation_id: String) -> Result<(), Error> {
    let swept = sweep.run(&correlation_id).await?;
    if swept.expired > 0 || swept.failed > 0 {
        tracing::info!(expired = swept.expired, failed = swept.failed, "sweep");
    }
    if swept.failed > 0 { Err(Error::Down(format!("{} order(s) could not be expired", swept.failed))) } else { Ok(()) }
}
