//! Replaces a table that prices depend on (K6, K8).
//!
//! 1. Only admins may.
//! 2. The table is checked as a whole; every fault is named. Nothing different, nothing written.
//! 3. The write is bound to the version that was read. With `If-Match` somebody else's change is told, without it the
//!    table is replaced whatever it said. Record and replaced table are kept in the same transaction.
//!
//! A change counts from an announced moment on, two minutes later ([`Versioned::next`]). Until then every process has learnt
//! of it, and quotes and orders of all of them change over together. The first table of an empty shop counts at once.
//!
//! How often promotions were used is counted elsewhere, by code, and stays as it is: a promotion
//! that comes back goes on from where it was.

use std::sync::Arc;

use oms_domain::access::Operation;

use crate::error::Error;
use crate::intent::Intent;
use crate::ports::{Clock, Random, SettingChange, SettingError, SettingRecord, Settings, Versioned};
use crate::pricing::settings::Given;

/// How often a change is tried on a table that others change meanwhile.
const MAX_ROUNDS: u32 = 16;

pub struct ChangeSettings {
    settings: Arc<dyn Settings>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl ChangeSettings {
    pub fn new(settings: Arc<dyn Settings>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        ChangeSettings { settings, clock, random }
    }

    /// `given` is the whole table; the answer is the table as it is now.
    pub async fn run(&self, intent: &Intent, given: &Given) -> Result<Versioned, Error> {
        Operation::ChangeSettings.open_to(&intent.caller)?;
        let after = given.checked()?;
        let id = self.random.uuid_v7(self.clock.now());
        for _ in 0..MAX_ROUNDS {
            let before = self.settings.current(given.table()).await?;
            if intent.expected_version.is_some_and(|expected| expected != before.version) {
                return Err(Error::VersionConflict { current: before.version });
            }
            if before.setting == after {
                return Ok(before);
            }
            let at = self.clock.now();
            let after = before.next(after.clone(), at);
            let record = SettingRecord {
                id,
                version: after.version,
                actor: intent.caller.actor(),
                at,
                correlation_id: intent.correlation_id.clone(),
                effective_from: after.effective_from,
            };
            let change = SettingChange { before, after, record };
            match self.settings.change(&change).await {
                Ok(()) => return Ok(change.after),
                Err(SettingError::Stale) => {}
                Err(SettingError::Contended) => return Err(Error::Contended),
                Err(SettingError::Store(error)) => return Err(error.into()),
            }
        }
        Err(Error::Contended)
    }
}
