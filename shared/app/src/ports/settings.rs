//! The tables that prices and shipping depend on, as an admin changes them: each has versions, and a record of who made which.

use std::str::FromStr;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use oms_domain::actor::Actor;
use oms_domain::fulfilment::locations::LocationTable;
use oms_domain::fulfilment::shop::ShopTable;
use oms_domain::pricing::TaxTable;
use oms_domain::pricing::promotion::PromotionTable;
use oms_domain::pricing::shipping::ShippingTable;
use oms_domain::returns::policy::ReturnsTable;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::StoreError;
use crate::catalog::catalog_cache::FRESH_SECONDS;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Tax by destination and class.
    Taxes,
    /// Ways to bring an order.
    Shipping,
    /// What is taken off.
    Promotions,
    /// Where parcels leave.
    Locations,
    /// What the shop does by itself.
    Shop,
    /// On which terms goods come back.
    Returns,
}

impl Table {
    /// All of them.
    pub const ALL: [Table; 6] =
        [Table::Taxes, Table::Shipping, Table::Promotions, Table::Locations, Table::Shop, Table::Returns];

    /// The name that clients use.
    pub const fn name(self) -> &'static str {
        match self {
            Table::Taxes => "taxes",
            Table::Shipping => "shipping",
            Table::Promotions => "promotions",
            Table::Locations => "locations",
            Table::Shop => "shop",
            Table::Returns => "returns",
        }
    }

    /// As it is before anybody has set it up.
    pub fn empty(self) -> Setting {
        match self {
            Table::Taxes => Setting::Taxes(TaxTable::default()),
            Table::Shipping => Setting::Shipping(ShippingTable::default()),
            Table::Promotions => Setting::Promotions(PromotionTable::default()),
            Table::Locations => Setting::Locations(LocationTable::default()),
            Table::Shop => Setting::Shop(ShopTable::default()),
            Table::Returns => Setting::Returns(ReturnsTable::default()),
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
        Table::ALL.into_iter().find(|table| table.name() == name).ok_or(NoTable)
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
    /// Where parcels leave.
    Locations(LocationTable),
    /// What the shop does by itself.
    Shop(ShopTable),
    /// On which terms goods come back.
    Returns(ReturnsTable),
}

impl Setting {
    /// Which table says it.
    pub const fn table(&self) -> Table {
        match self {
            Setting::Taxes(_) => Table::Taxes,
            Setting::Shipping(_) => Table::Shipping,
            Setting::Promotions(_) => Table::Promotions,
            Setting::Locations(_) => Table::Locations,
            Setting::Shop(_) => Table::Shop,
            Setting::Returns(_) => Table::Returns,
        }
    }
}

/// How long before it counts a change is announced: longer than any process remembers a table, so that all of them know it
/// in time.
pub const ANNOUNCED_SECONDS: i64 = 120;

/// By how much clocks may differ and a write may take longer than a read, together.
const MARGIN_SECONDS: i64 = 30;

/// For so long a change can be replaced before any process could have followed it: whoever read it reads again before it
/// counts.
const CORRECTABLE_SECONDS: i64 = ANNOUNCED_SECONDS - FRESH_SECONDS - MARGIN_SECONDS;

const _: () = assert!(CORRECTABLE_SECONDS > 0, "a change is announced for longer than tables are remembered");

/// A table at one of its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned {
    /// What it says.
    pub setting: Setting,
    /// 0 before anybody has set it up, 1 as the first start sets it up; one more with every change.
    pub version: u64,
    /// From when on it counts; nothing if it always has.
    pub effective_from: Option<Timestamp>,
    /// What counts until then, the oldest first.
    pub until_then: Vec<Effective>,
}

/// What a table says from a moment on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    pub setting: Setting,
    /// Which version says so; 0 where that was not written down, as by earlier releases.
    pub version: u64,
    /// Nothing if it always has.
    pub from: Option<Timestamp>,
}

impl Versioned {
    /// A version that counts and always has.
    pub fn of(setting: Setting, version: u64) -> Self {
        Versioned { setting, version, effective_from: None, until_then: Vec::new() }
    }

    /// The next version, if it is written `at` this time: announced, unless nothing counted before.
    ///
    /// What counts now and what was announced before stays, but for a change that is replaced so soon that nobody has
    /// followed it yet. So few versions stand beside each other, however often a table is changed.
    #[must_use]
    pub fn next(&self, setting: Setting, at: Timestamp) -> Versioned {
        let version = self.version + 1;
        if self.version == 0 {
            return Versioned::of(setting, version);
        }
        let seconds = |seconds| SignedDuration::from_secs(seconds);
        let mut until_then = self.until_then.clone();
        let still_ahead = seconds(ANNOUNCED_SECONDS - CORRECTABLE_SECONDS);
        let corrected = self.effective_from.is_some_and(|from| from.duration_since(at) >= still_ahead);
        if !corrected || until_then.is_empty() {
            until_then.push(Effective {
                setting: self.setting.clone(),
                version: self.version,
                from: self.effective_from,
            });
        }
        let begun = until_then.iter().rposition(|earlier| earlier.from.is_none_or(|from| from <= at));
        until_then.drain(..begun.unwrap_or(0));
        let effective_from = at.checked_add(seconds(ANNOUNCED_SECONDS)).ok();
        Versioned { setting, version, effective_from, until_then }
    }

    /// What counts at this time.
    pub fn at(&self, now: Timestamp) -> &Setting {
        let begun = self.effective().filter(|(from, _)| from.is_none_or(|from| from <= now)).last();
        begun.map_or(&self.setting, |(_, setting)| setting)
    }

    /// All that counts now or will, the oldest first.
    pub fn effective(&self) -> impl Iterator<Item = (Option<Timestamp>, &Setting)> {
        let earlier = self.until_then.iter().map(|earlier| (earlier.from, &earlier.setting));
        earlier.chain(std::iter::once((self.effective_from, &self.setting)))
    }

    /// The same with the version of each.
    pub fn effective_versions(&self) -> impl Iterator<Item = (u64, Option<Timestamp>, &Setting)> {
        let earlier = self.until_then.iter().map(|earlier| (earlier.version, earlier.from, &earlier.setting));
        earlier.chain(std::iter::once((self.version, self.effective_from, &self.setting)))
    }
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
    /// From when on the version counts, unless it was replaced before; changes of before counted at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Timestamp>,
}

/// A new version of a table in the place of the present one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingChange {
    /// What it replaces, exactly as it was read.
    pub before: Versioned,
    /// What follows, by [`Versioned::next`].
    pub after: Versioned,
    /// Who made it; of the version of `after`.
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
    /// A table at its last version, whether that counts already or is announced.
    async fn current(&self, table: Table) -> Result<Versioned, StoreError>;

    /// What a table said at a version that has been replaced since.
    async fn replaced(&self, table: Table, version: u64) -> Result<Option<Setting>, StoreError>;

    /// Writes the new version, its record and what it replaces in one transaction, or nothing. A repeat of what was
    /// written is a success.
    async fn change(&self, change: &SettingChange) -> Result<(), SettingError>;

    /// Who made the last versions of a table, newest first, up to `limit`.
    async fn changes(&self, table: Table, limit: usize) -> Result<Vec<SettingRecord>, StoreError>;
}
