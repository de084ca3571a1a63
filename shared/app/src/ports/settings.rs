//! The tables that prices depend on, as an admin changes them: each has versions, and a record of who made which.

use std::str::FromStr;

use async_trait::async_trait;
use jiff::Timestamp;
use oms_domain::actor::Actor;
use oms_domain::pricing::TaxTable;
use oms_domain::pricing::promotion::PromotionTable;
use oms_domain::pricing::shipping::ShippingTable;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::StoreError;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Tax by destination and class.
    Taxes,
    /// Ways to bring an order.
    Shipping,
    /// What is taken off.
    Promotions,
}

impl Table {
    /// The name that clients use.
    pub const fn name(self) -> &'static str {
        match self {
            Table::Taxes => "taxes",
            Table::Shipping => "shipping",
            Table::Promotions => "promotions",
        }
    }

    /// As it is before anybody has set it up.
    pub fn empty(self) -> Setting {
        match self {
            Table::Taxes => Setting::Taxes(TaxTable::default()),
            Table::Shipping => Setting::Shipping(ShippingTable::default()),
            Table::Promotions => Setting::Promotions(PromotionTable::default()),
        }
    }
}

/// A name that is none of a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("table not found")]
pub struct NoTable;

impl FromStr for Table {
    type Err = NoTable;

    fn from_str(name: &str) -> Result<Self, NoTable> {
        [Table::Taxes, Table::Shipping, Table::Promotions].into_iter().find(|table| table.name() == name).ok_or(NoTable)
    }
}

/// What a table says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// Tax by destination and class.
    Taxes(TaxTable),
    /// Ways to bring an order.
    Shipping(ShippingTable),
    /// What is taken off.
    Promotions(PromotionTable),
}

impl Setting {
    /// Which table says it.
    pub const fn table(&self) -> Table {
        match self {
            Setting::Taxes(_) => Table::Taxes,
            Setting::Shipping(_) => Table::Shipping,
            Setting::Promotions(_) => Table::Promotions,
        }
    }
}

/// A table at one of its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned {
    /// What it says.
    pub setting: Setting,
    /// 0 before anybody has set it up, 1 as the first start sets it up; one more with every change.
    pub version: u64,
}

/// Who made a version of a table; kept for ever (K6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingRecord {
    /// Tells a repeated write from somebody else's.
    pub id: Uuid,
    /// The version that it made.
    pub version: u64,
    pub actor: Actor,
    pub at: Timestamp,
    pub correlation_id: String,
}

/// A new version of a table in the place of the present one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingChange {
    /// What it replaces, exactly as it was read.
    pub before: Versioned,
    /// What the table says from now on; of the same table.
    pub after: Setting,
    /// Who made it; of the version behind `before`.
    pub record: SettingRecord,
}

/// Why a table was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// It is no longer at the version that was to be replaced.
    #[error("the table has changed")]
    Stale,
    /// Others were writing it, again and again.
    #[error("others are changing the table")]
    Contended,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The store of the tables. Quotes and orders read the same ones through [`super::Catalog::quote`].
#[async_trait]
pub trait Settings: Send + Sync {
    /// A table as it is now.
    async fn current(&self, table: Table) -> Result<Versioned, StoreError>;

    /// What a table said at a version that has been replaced since.
    async fn replaced(&self, table: Table, version: u64) -> Result<Option<Setting>, StoreError>;

    /// Writes the new version, its record and what it replaces in one transaction, or nothing. A repeat of what was
    /// written is a success.
    async fn change(&self, change: &SettingChange) -> Result<(), SettingError>;

    /// Who made the last versions of a table, newest first, up to `limit`.
    async fn changes(&self, table: Table, limit: usize) -> Result<Vec<SettingRecord>, StoreError>;
}
