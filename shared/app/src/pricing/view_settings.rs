//! Shows an admin a table that prices depend on, and who changed it (K6, K8).

use std::sync::Arc;

use oms_domain::access::Operation;
use oms_domain::actor::Caller;

use crate::error::Error;
use crate::ports::{SettingRecord, Settings, Table, Versioned};

/// Most changes that are shown.
pub const MAX_CHANGES: usize = 50;

pub struct ViewSettings {
    settings: Arc<dyn Settings>,
}

impl ViewSettings {
    pub fn new(settings: Arc<dyn Settings>) -> Self {
        ViewSettings { settings }
    }

    /// The table at its last version, or as it was at a version, and its last changes, newest first.
    pub async fn run(
        &self,
        caller: &Caller,
        table: Table,
        version: Option<u64>,
    ) -> Result<(Versioned, Vec<SettingRecord>), Error> {
        Operation::ViewSettings.open_to(caller)?;
        let changes = self.settings.changes(table, MAX_CHANGES).await?;
        let shown = match version {
            None => self.settings.current(table).await?,
            Some(version) => self.at(table, version, &changes).await?,
        };
        Ok((shown, changes))
    }

    /// A replaced version stays as it is; what is not replaced can only be the present one.
    async fn at(&self, table: Table, version: u64, changes: &[SettingRecord]) -> Result<Versioned, Error> {
        if let Some(setting) = self.settings.replaced(table, version).await? {
            let record = changes.iter().find(|record| record.version == version);
            let effective_from = record.and_then(|record| record.effective_from);
            return Ok(Versioned { effective_from, ..Versioned::of(setting, version) });
        }
        let current = self.settings.current(table).await?;
        if current.version == version { Ok(current) } else { Err(Error::NotFound) }
    }
}
