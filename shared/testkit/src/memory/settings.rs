//! The tables that prices depend on, in memory.

use async_trait::async_trait;
use oms_app::ports::{
    NumberedReturns, RateSchedule, Rates, Schedule, Setting, SettingChange, SettingError, SettingRecord, Settings,
    StoreError, Table, Versioned,
};

use super::MemoryStore;
use super::world::World;

impl World {
    /// All three are set up together.
    pub(super) fn set_up(&mut self, rates: Rates) {
        let Rates { taxes, shipping, promotions } = rates;
        for setting in [Setting::Taxes(taxes), Setting::Shipping(shipping), Setting::Promotions(promotions)] {
            let version = self.setting(setting.table()).version.max(1);
            self.tables.insert(setting.table(), Versioned::of(setting, version));
        }
    }

    /// The tables over time.
    pub(super) fn schedule(&self) -> RateSchedule {
        RateSchedule {
            taxes: schedule(&self.setting(Table::Taxes), |setting| match setting {
                Setting::Taxes(table) => Some(table.clone()),
                Setting::Shipping(_)
                | Setting::Promotions(_)
                | Setting::Locations(_)
                | Setting::Shop(_)
                | Setting::Returns(_) => None,
            }),
            shipping: schedule(&self.setting(Table::Shipping), |setting| match setting {
                Setting::Shipping(table) => Some(table.clone()),
                Setting::Taxes(_)
                | Setting::Promotions(_)
                | Setting::Locations(_)
                | Setting::Shop(_)
                | Setting::Returns(_) => None,
            }),
            promotions: schedule(&self.setting(Table::Promotions), |setting| match setting {
                Setting::Promotions(table) => Some(table.clone()),
                Setting::Taxes(_)
                | Setting::Shipping(_)
                | Setting::Locations(_)
                | Setting::Shop(_)
                | Setting::Returns(_) => None,
            }),
            returns: returns(&self.setting(Table::Returns)),
        }
    }

    fn setting(&self, table: Table) -> Versioned {
        self.tables.get(&table).cloned().unwrap_or_else(|| Versioned::of(table.empty(), 0))
    }

    fn change_setting(&mut self, change: &SettingChange) -> Result<(), SettingError> {
        let table = change.after.setting.table();
        let records = self.past.records.get(&table).map_or(&[][..], Vec::as_slice);
        if records.iter().any(|record| record.id == change.record.id && record.version == change.record.version) {
            return Ok(());
        }
        if self.setting(table).version != change.before.version {
            return Err(SettingError::Stale);
        }
        self.tables.insert(table, change.after.clone());
        self.past.records.entry(table).or_default().push(change.record.clone());
        self.past.replaced.insert((table, change.before.version), change.before.setting.clone());
        Ok(())
    }
}

fn schedule<T: Default>(table: &Versioned, of: impl Fn(&Setting) -> Option<T>) -> Schedule<T> {
    let mut versions = table.effective().filter_map(|(from, setting)| Some((from, of(setting)?)));
    let first = versions.next().map_or_else(T::default, |(_, table)| table);
    versions.fold(Schedule::of(first), |schedule, (from, table)| match from {
        Some(from) => schedule.then(from, table),
        None => Schedule::of(table),
    })
}

fn returns(table: &Versioned) -> Schedule<NumberedReturns> {
    let mut schedule = Schedule::default();
    for (version, from, setting) in table.effective_versions() {
        let Setting::Returns(table) = setting else { continue };
        let numbered = NumberedReturns { version, table: table.clone() };
        schedule = match from {
            Some(from) => schedule.then(from, numbered),
            None => Schedule::of(numbered),
        };
    }
    schedule
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
