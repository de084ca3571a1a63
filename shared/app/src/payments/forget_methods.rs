//! Tells providers to forget means of payment that their customers have removed (E6).
//!
//! 1. Read those that are due.
//! 2. Tell the provider; one that it does not know is forgotten already. Then the reminder goes.
//! 3. Whatever fails is told again, after pauses that grow to a day, for as long as it takes: nothing is lost.
//!
//! One that its customer has let us keep again since is not forgotten.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::error::Error;
use crate::payments::gateways::Gateways;
use crate::payments::methods::MAX_METHODS;
use crate::ports::{Clock, PaymentMethods, Removed};

/// Most that are told in one run.
const RUN_METHODS: usize = 100;

/// Pauses between tries, in minutes; the last one is repeated.
const PAUSES_MINUTES: [i64; 5] = [5, 15, 60, 6 * 60, 24 * 60];

/// After so many tries a person should look.
const PATIENCE_TRIES: u32 = 5;

/// What a run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Forgotten {
    /// Forgotten by their providers.
    pub forgotten: usize,
    /// To be told again.
    pub postponed: usize,
}

pub struct ForgetMethods {
    methods: Arc<dyn PaymentMethods>,
    gateways: Gateways,
    clock: Arc<dyn Clock>,
}

impl ForgetMethods {
    pub fn new(methods: Arc<dyn PaymentMethods>, gateways: Gateways, clock: Arc<dyn Clock>) -> Self {
        ForgetMethods { methods, gateways, clock }
    }

    pub async fn run(&self) -> Result<Forgotten, Error> {
        let mut done = Forgotten::default();
        for removed in self.methods.removed(self.clock.now(), RUN_METHODS).await? {
            match self.forget(&removed).await {
                Ok(()) => {
                    self.methods.forgotten(&removed).await?;
                    done.forgotten += 1;
                }
                Err(error) => {
                    let id = removed.method.id;
                    if removed.tries >= PATIENCE_TRIES {
                        tracing::error!(method_id = %id, %error, "a provider does not forget a means of payment");
                    } else {
                        tracing::warn!(method_id = %id, %error, "a provider is told again to forget");
                    }
                    self.methods.postpone(&self.later(removed)).await?;
                    done.postponed += 1;
                }
            }
        }
        Ok(done)
    }

    async fn forget(&self, removed: &Removed) -> Result<(), Error> {
        let method = &removed.method;
        let kept = self.methods.methods(&method.user_id, MAX_METHODS).await?;
        if kept.iter().any(|kept| kept.id == method.id) {
            return Ok(());
        }
        let gateway = self.gateways.get(&method.provider);
        let gateway = gateway
            .ok_or_else(|| Error::ServiceUnavailable(format!("provider {} is not configured", method.provider)))?;
        Ok(gateway.forget(&method.method.token).await?)
    }

    fn later(&self, removed: Removed) -> Removed {
        let last = PAUSES_MINUTES.len() - 1;
        let place = usize::try_from(removed.tries).unwrap_or(last).min(last);
        let pause = SignedDuration::from_mins(PAUSES_MINUTES.get(place).copied().unwrap_or_default());
        let due = self.clock.now().checked_add(pause).unwrap_or(removed.due);
        Removed { due, tries: removed.tries.saturating_add(1), ..removed }
    }
}
