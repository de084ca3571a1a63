//! Failures on request, for tests: a provider that cannot be reached, webhooks that get lost. Gone with the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use oms_app::ports::GatewayError;

/// What is to fail next; a cheap handle.
#[derive(Clone, Debug, Default)]
pub struct Outage(Arc<Planned>);

#[derive(Debug, Default)]
struct Planned {
    calls: AtomicU32,
    webhooks: AtomicU32,
}

impl Outage {
    /// The next `calls` calls of the shop (opening a page, refunding, looking a refund up) find the provider
    /// unavailable.
    pub fn fail_next(&self, calls: u32) {
        self.0.calls.store(calls, Ordering::SeqCst);
    }

    /// The next `webhooks` deliveries do not arrive; each is tried again later, as any that was not taken.
    pub fn lose_next(&self, webhooks: u32) {
        self.0.webhooks.store(webhooks, Ordering::SeqCst);
    }

    pub(super) fn passes(&self) -> Result<(), GatewayError> {
        if take_one(&self.0.calls) {
            Err(GatewayError::Unavailable("an outage was asked for".to_owned()))
        } else {
            Ok(())
        }
    }

    pub(super) fn loses_webhook(&self) -> bool {
        take_one(&self.0.webhooks)
    }
}

fn take_one(left: &AtomicU32) -> bool {
    left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}
