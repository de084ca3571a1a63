//! On which terms goods come back (settings table `returns`, H3, H5, H9).
//!
//! What a shop has set up when an order is placed counts for that order for ever: the order keeps the version of the table
//! and the time that each of its lines has. Customers are bound by it; for staff it is advice.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Longest time to return something, in days; ten years.
pub const MAX_WINDOW_DAYS: u16 = 3_650;

/// Longest time that an approved return is waited for, in days.
pub const MAX_EXPIRES_DAYS: u16 = 365;

/// Most reasons of the table.
pub const MAX_REASONS: usize = 50;

/// Most categories, and most countries, with a time of their own.
pub const MAX_WINDOWS: usize = 200;

/// Longest code of a reason, in characters.
pub const MAX_REASON_CODE_CHARACTERS: usize = 40;

/// Longest text of a reason, in characters.
pub const MAX_REASON_TEXT_CHARACTERS: usize = 120;

/// Time to return something where a shop has set up nothing, in days.
pub const USUAL_WINDOW_DAYS: u16 = 30;

/// For so many days an approved return is waited for where a shop has set up nothing.
pub const USUAL_EXPIRES_DAYS: u16 = 30;

const HOURS_PER_DAY: i64 = 24;

/// Who pays for the way back (H6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payer {
    /// Something was wrong with what the shop sent.
    Shop,
    Customer,
}

impl Payer {
    /// Both.
    pub const ALL: [Payer; 2] = [Payer::Shop, Payer::Customer];

    /// The name that is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Payer::Shop => "shop",
            Payer::Customer => "customer",
        }
    }
}

/// Why somebody sends goods back (H2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What clients send and events keep.
    pub code: String,
    /// What people read.
    pub text: String,
    /// Who pays for the way back. Where the shop does, it takes no fee either.
    pub label: Payer,
    /// Whether somebody has to see a photo first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub photo: bool,
}

/// In which condition a unit came back, as whoever unpacks it finds (H5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoodsCondition {
    AsNew,
    Opened,
    Damaged,
    Incomplete,
    /// Something else was in the parcel.
    WrongItem,
}

impl GoodsCondition {
    /// All of them.
    pub const ALL: [GoodsCondition; 5] = [
        GoodsCondition::AsNew,
        GoodsCondition::Opened,
        GoodsCondition::Damaged,
        GoodsCondition::Incomplete,
        GoodsCondition::WrongItem,
    ];

    /// The name that is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            GoodsCondition::AsNew => "as_new",
            GoodsCondition::Opened => "opened",
            GoodsCondition::Damaged => "damaged",
            GoodsCondition::Incomplete => "incomplete",
            GoodsCondition::WrongItem => "wrong_item",
        }
    }
}

/// Where units go that came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackTo {
    /// They can be sold again.
    Available,
    /// They cannot.
    Damaged,
    /// Into no stock: they are written off.
    None,
}

impl BackTo {
    /// All of them.
    pub const ALL: [BackTo; 3] = [BackTo::Available, BackTo::Damaged, BackTo::None];

    /// The name that is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            BackTo::Available => "available",
            BackTo::Damaged => "damaged",
            BackTo::None => "none",
        }
    }
}

/// What becomes of units in a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Treatment {
    pub stock: BackTo,
    /// Which share of their price goes back, from 0 to 1.
    pub rate: Decimal,
}

/// On which terms goods come back. A shop that has set up nothing has those of the default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnsTable {
    /// Time to return something, in days from the delivery; 0 is a final sale.
    pub days: u16,
    /// The same by category of the product, before the country's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_category: BTreeMap<String, u16>,
    /// The same by the country that the order went to.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_country: BTreeMap<String, u16>,
    /// Share of the price that the shop keeps for its work, from 0 to 1.
    #[serde(default, skip_serializing_if = "Decimal::is_zero")]
    pub restocking_fee: Decimal,
    pub reasons: Vec<Reason>,
    /// What becomes of units by their condition; the usual is done with one that is not named.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub conditions: BTreeMap<GoodsCondition, Treatment>,
    /// For so many days an approved return is waited for.
    pub expires_days: u16,
}

impl Default for ReturnsTable {
    fn default() -> Self {
        let reason =
            |code: &str, text: &str, label| Reason { code: code.into(), text: text.into(), label, photo: false };
        ReturnsTable {
            days: USUAL_WINDOW_DAYS,
            by_category: BTreeMap::new(),
            by_country: BTreeMap::new(),
            restocking_fee: Decimal::ZERO,
            reasons: vec![
                reason("unwanted", "I do not want it any more", Payer::Customer),
                reason("does_not_fit", "It does not fit", Payer::Customer),
                reason("not_as_described", "It is not as described", Payer::Shop),
                reason("defective", "It does not work", Payer::Shop),
                reason("wrong_item", "It is something else", Payer::Shop),
                reason("other", "Another reason", Payer::Customer),
            ],
            conditions: GoodsCondition::ALL.map(|condition| (condition, ReturnsTable::usual(condition))).into(),
            expires_days: USUAL_EXPIRES_DAYS,
        }
    }
}

impl ReturnsTable {
    /// What is done where the table does not say: what is as new can be sold again, what was opened gives all of its price and
    /// is not sold as new, damaged and incomplete goods give half, and what is something else gives nothing.
    pub fn usual(condition: GoodsCondition) -> Treatment {
        let (stock, percent) = match condition {
            GoodsCondition::AsNew => (BackTo::Available, 100),
            GoodsCondition::Opened => (BackTo::Damaged, 100),
            GoodsCondition::Damaged | GoodsCondition::Incomplete => (BackTo::Damaged, 50),
            GoodsCondition::WrongItem => (BackTo::None, 0),
        };
        Treatment { stock, rate: Decimal::new(percent, 2).normalize() }
    }

    /// What becomes of units in a condition.
    pub fn treatment(&self, condition: GoodsCondition) -> Treatment {
        self.conditions.get(&condition).copied().unwrap_or_else(|| ReturnsTable::usual(condition))
    }

    /// A reason by its code.
    pub fn reason(&self, code: &str) -> Option<&Reason> {
        self.reasons.iter().find(|reason| reason.code == code)
    }

    /// Days to return a product of a category that went to a country.
    pub fn window(&self, category: &str, country: &str) -> u16 {
        let own = self.by_category.get(category).or_else(|| self.by_country.get(country));
        own.copied().unwrap_or(self.days)
    }

    /// Until when an approved return is waited for.
    pub fn expires(&self, approved_at: Timestamp) -> Timestamp {
        after_days(approved_at, self.expires_days)
    }
}

/// What of the table is kept with an order from its placement on. Orders of before, and those of shops that have set up nothing,
/// have none and go by the usual terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnTerms {
    /// Version of the table, from 1.
    #[serde(rename = "v")]
    pub version: u64,
    /// Days to return a line that is not named.
    pub days: u16,
    /// Lines that have other days.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<(u16, u16)>,
}

impl ReturnTerms {
    /// The terms of lines, each with the category of its product, that go to a country.
    pub fn of<'a>(
        table: &ReturnsTable,
        version: u64,
        country: &str,
        lines: impl Iterator<Item = (u16, &'a str)>,
    ) -> Self {
        let days = table.by_country.get(country).copied().unwrap_or(table.days);
        let of_line = lines.map(|(line, category)| (line, table.window(category, country)));
        ReturnTerms { version, days, except: of_line.filter(|(_, own)| *own != days).collect() }
    }

    /// Days to return a line.
    pub fn days_of(&self, line: u16) -> u16 {
        let own = self.except.iter().find(|(known, _)| *known == line);
        own.map_or(self.days, |(_, days)| *days)
    }
}

/// When a time of so many days is over.
pub(crate) fn after_days(from: Timestamp, days: u16) -> Timestamp {
    let time = SignedDuration::from_hours(i64::from(days) * HOURS_PER_DAY);
    from.checked_add(time).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h3_a_category_comes_before_a_country_and_both_before_the_rest() {
        let table = ReturnsTable {
            by_category: [("underwear".to_owned(), 0), ("books".to_owned(), 60)].into(),
            by_country: [("DE".to_owned(), 14)].into(),
            ..ReturnsTable::default()
        };
        assert_eq!(table.window("toys", "FR"), 30);
        assert_eq!(table.window("toys", "DE"), 14);
        assert_eq!(table.window("books", "DE"), 60);
        assert_eq!(table.window("underwear", "DE"), 0);
        let lines = [(1, "toys"), (2, "books"), (3, "underwear")];
        let terms = ReturnTerms::of(&table, 4, "DE", lines.into_iter());
        assert_eq!(terms, ReturnTerms { version: 4, days: 14, except: vec![(2, 60), (3, 0)] });
        assert_eq!([1, 2, 3].map(|line| terms.days_of(line)), [14, 60, 0]);
        let stored = serde_json::to_string(&ReturnTerms::of(&table, 4, "DE", [(1, "toys")].into_iter())).unwrap();
        assert_eq!(stored, r#"{"v":4,"days":14}"#);
    }

    #[test]
    fn h5_the_usual_terms_name_every_condition_and_are_stored_whole() {
        let usual = ReturnsTable::default();
        assert_eq!(usual.conditions.len(), GoodsCondition::ALL.len());
        let stored = serde_json::to_string(&usual).unwrap();
        assert_eq!(serde_json::from_str::<ReturnsTable>(&stored).unwrap(), usual);
        let bare = ReturnsTable { conditions: BTreeMap::new(), ..usual.clone() };
        for condition in GoodsCondition::ALL {
            assert_eq!(bare.treatment(condition), usual.treatment(condition));
            assert!(usual.treatment(condition).rate <= Decimal::ONE);
        }
    }
}
