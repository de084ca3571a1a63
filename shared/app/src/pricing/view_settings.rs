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

    /// The table as it is now, or as it was at a version, and its last changes, newest first.
    pub async fn run(
        &self,
        caller: &Caller,
        table: Table,
        version: Option<u64>,
    ) -> Result<(Versioned, Vec<SettingRecord>), Error> {
        Operation::ViewSettings.open_to(caller)?;
        let shown = match version {
            None => self.settings.current(table).await?,
            Some(version) => self.at(table, version).await?,
        };
        Ok((shown, self.settings.changes(table, MAX_CHANGES).await?))
    }

    /// A replaced version stays as it is; what is not replaced can only be the present one.
    async fn at(&self, table: Table, version: u64) -> Result<Versioned, Error> {
        if let Some(setting) = self.settings.replaced(table, version).await? {
            return Ok(Versioned { setting, version });
        }
        let current = self.settings.current(table).await?;
        if current.version == version { Ok(current) } else { Err(Error::NotFound) }
    }
}
