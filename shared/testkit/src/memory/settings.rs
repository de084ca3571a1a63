//! The tables that prices depend on, in memory.

use async_trait::async_trait;
use oms_app::ports::{
    Rates, Setting, SettingChange, SettingError, SettingRecord, Settings, StoreError, Table, Versioned,
};

use super::MemoryStore;
use super::world::World;

impl World {
    /// All three are set up together.
    pub(super) fn set_up(&mut self, rates: Rates) {
        self.rates = rates;
        self.past.set_up = true;
    }

    fn setting(&self, table: Table) -> Versioned {
        let setting = match table {
            Table::Taxes => Setting::Taxes(self.rates.taxes.clone()),
            Table::Shipping => Setting::Shipping(self.rates.shipping.clone()),
            Table::Promotions => Setting::Promotions(self.rates.promotions.clone()),
        };
        let last = self.past.records.get(&table).and_then(|records| records.last());
        Versioned { setting, version: last.map_or(u64::from(self.past.set_up), |record| record.version) }
    }

    fn change_setting(&mut self, change: &SettingChange) -> Result<(), SettingError> {
        let table = change.after.table();
        let records = self.past.records.get(&table).map_or(&[][..], Vec::as_slice);
        if records.iter().any(|record| record.id == change.record.id && record.version == change.record.version) {
            return Ok(());
        }
        if self.setting(table).version != change.before.version {
            return Err(SettingError::Stale);
        }
        match change.after.clone() {
            Setting::Taxes(taxes) => self.rates.taxes = taxes,
            Setting::Shipping(shipping) => self.rates.shipping = shipping,
            Setting::Promotions(promotions) => self.rates.promotions = promotions,
        }
        self.past.records.entry(table).or_default().push(change.record.clone());
        self.past.replaced.insert((table, change.before.version), change.before.setting.clone());
        Ok(())
    }
}

#[async_trait]
impl Settings for MemoryStore {
    async fn current(&self, table: Table) -> Result<Versioned, StoreError> {
        self.call(|world| world.setting(table))
    }

    async fn replaced(&self, table: Table, version: u64) -> Result<Option<Setting>, StoreError> {
        self.call(|world| world.past.replaced.get(&(table, version)).cloned())
    }

    async fn change(&self, change: &SettingChange) -> Result<(), SettingError> {
        self.write(|world| world.change_setting(change))
    }

    async fn changes(&self, table: Table, limit: usize) -> Result<Vec<SettingRecord>, StoreError> {
        self.call(|world| world.past.records.get(&table).into_iter().flatten().rev().take(limit).cloned().collect())
    }
}
