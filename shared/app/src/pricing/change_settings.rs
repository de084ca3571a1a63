//! Replaces a table that prices depend on (K6, K8).
//!
//! 1. Only admins may.
//! 2. The table is checked as a whole; every fault is named. Nothing different, nothing written.
//! 3. The write is bound to the version that was read. With `If-Match` somebody else's change is told, without it the
//!    table is replaced whatever it said. Record and replaced table are kept in the same transaction.
//!
//! Quotes and orders follow when what their process remembers has aged out: at the latest after the 60 seconds of
//! [`crate::catalog::catalog_cache`]. How often promotions were used is counted elsewhere, by code, and stays as it is: a promotion
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
        let at = self.clock.now();
        let id = self.random.uuid_v7(at);
        for _ in 0..MAX_ROUNDS {
            let before = self.settings.current(given.table()).await?;
            if intent.expected_version.is_some_and(|expected| expected != before.version) {
                return Err(Error::VersionConflict { current: before.version });
            }
            if before.setting == after {
                return Ok(before);
            }
            let version = before.version + 1;
            let correlation_id = intent.correlation_id.clone();
            let record = SettingRecord { id, version, actor: intent.caller.actor(), at, correlation_id };
            let change = SettingChange { before, after: after.clone(), record };
            match self.settings.change(&change).await {
                Ok(()) => return Ok(Versioned { setting: after, version }),
                Err(SettingError::Stale) => {}
                Err(SettingError::Contended) => return Err(Error::Contended),
                Err(SettingError::Store(error)) => return Err(error.into()),
            }
        }
        Err(Error::Contended)
    }
}
