//! The tables that a shop is set up by, as an admin gives them: read as a whole, every fault with its place (K8).
//!
//! A table replaces the one before it, so nothing in it may be wrong: what is charged to customers follows from it.

mod dispatch;
mod locations;
mod promotions;
mod returns;
mod services;
mod shipping;
mod shop;
mod taxes;

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr as _;

use oms_domain::money::{Amount, Currency, MAX_PRICE_MINOR_UNITS, Money};
use oms_domain::ordering::address::is_country;
use oms_domain::pricing::promotion::MAX_CODE_CHARACTERS;
use oms_domain::pricing::zone::Zone;
use rust_decimal::Decimal;

use crate::error::{Error, Field};
use crate::ports::{Setting, Table};

pub use dispatch::{GivenClosed, GivenDispatch};
pub use locations::GivenLocation;
pub use promotions::GivenPromotion;
pub use returns::{GivenReason, GivenReturns, GivenTreatment};
pub use shipping::{GivenBracket, GivenCarrierRate, GivenMethod, GivenShipping, GivenWorkingDays};
pub use shop::{GivenLabelRule, GivenShop};
pub use taxes::{GivenTaxes, MAX_DESTINATIONS};

/// Most digits of a rate behind the point; `0.055` has three.
const MAX_RATE_DIGITS: u32 = 6;

/// Amounts as texts by currency code.
pub type GivenPrices = BTreeMap<String, String>;

/// A whole table as it was sent; texts where something may be wrong with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// Tax by destination and class.
    Taxes(GivenTaxes),
    /// Ways to bring an order, and when it leaves.
    Shipping(GivenShipping),
    /// What is taken off.
    Promotions(Vec<GivenPromotion>),
    /// Where parcels leave.
    Locations(Vec<GivenLocation>),
    /// What the shop does by itself.
    Shop(GivenShop),
    /// On which terms goods come back.
    Returns(GivenReturns),
}

impl Given {
    /// Which table it is for.
    pub const fn table(&self) -> Table {
        match self {
            Given::Taxes(_) => Table::Taxes,
            Given::Shipping(_) => Table::Shipping,
            Given::Promotions(_) => Table::Promotions,
            Given::Locations(_) => Table::Locations,
            Given::Shop(_) => Table::Shop,
            Given::Returns(_) => Table::Returns,
        }
    }

    /// The table, or everything that is wrong with it.
    pub fn checked(&self) -> Result<Setting, Error> {
        let mut faults = Faults::default();
        let setting = match self {
            Given::Taxes(given) => Setting::Taxes(taxes::read(given, &mut faults)),
            Given::Shipping(given) => Setting::Shipping(shipping::read(given, &mut faults)),
            Given::Promotions(given) => Setting::Promotions(promotions::read(given, &mut faults)),
            Given::Locations(given) => Setting::Locations(locations::read(given, &mut faults)),
            Given::Shop(given) => Setting::Shop(shop::read(given, &mut faults)),
            Given::Returns(given) => Setting::Returns(returns::read(given, &mut faults)),
        };
        if faults.0.is_empty() { Ok(setting) } else { Err(Error::Invalid(faults.0)) }
    }
}

/// Collects what is wrong. A reader that has found a fault goes on with something in its place: the table is refused.
#[derive(Debug, Default)]
struct Faults(Vec<Field>);

impl Faults {
    fn add(&mut self, pointer: impl Into<String>, message: impl ToString) {
        self.0.push(Field::new(pointer, message));
    }

    /// At most so many entries; what a larger table holds is not looked at.
    fn bounded<T>(&mut self, pointer: &str, entries: &[T], most: usize) -> bool {
        let fits = entries.len() <= most;
        if !fits {
            self.add(pointer, format!("must have at most {most} entries"));
        }
        fits
    }

    /// A code that clients send and that names one entry.
    fn code<'a>(&mut self, pointer: &str, code: &'a str, seen: &mut BTreeSet<&'a str>) {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !(1..=MAX_CODE_CHARACTERS).contains(&code.len()) || !code.bytes().all(plain) {
            self.add(pointer, format!("must be 1 to {MAX_CODE_CHARACTERS} letters, digits, hyphens or underscores"));
        }
        if !seen.insert(code) {
            self.add(pointer, "is used twice");
        }
    }

    /// Different countries.
    fn countries(&mut self, pointer: &str, countries: &[String]) {
        let mut seen = BTreeSet::new();
        for (place, country) in countries.iter().enumerate() {
            if !known_country(country) {
                self.add(format!("{pointer}/{place}"), "is not an ISO 3166-1 alpha-2 code such as DE");
            } else if !seen.insert(country) {
                self.add(format!("{pointer}/{place}"), "is listed twice");
            }
        }
    }

    /// Different ranges of postal codes.
    fn zones(&mut self, pointer: &str, zones: &[String]) {
        let mut seen = BTreeSet::new();
        for (place, zone) in zones.iter().enumerate() {
            if !known_zone(zone) {
                self.add(
                    format!("{pointer}/{place}"),
                    "is not a range of postal codes such as ES:35 or ES:35000-35999",
                );
            } else if !seen.insert(zone) {
                self.add(format!("{pointer}/{place}"), "is listed twice");
            }
        }
    }

    fn currency(&mut self, pointer: &str, code: &str) -> Option<Currency> {
        let known = Currency::from_str(code).ok().filter(|currency| currency.code() == code);
        if known.is_none() {
            self.add(pointer, "is not an ISO 4217 currency code such as EUR");
        }
        known
    }

    /// An amount from `least` minor units on.
    fn amount(&mut self, pointer: &str, text: &str, currency: Currency, least: i64) -> Amount {
        match Money::parse(text, currency) {
            Ok(money) if (least..=MAX_PRICE_MINOR_UNITS).contains(&money.amount.minor()) => return money.amount,
            Ok(_) if least > 0 => self.add(pointer, "must be greater than zero and not too large for an order"),
            Ok(_) => self.add(pointer, "must not be negative or too large for an order"),
            Err(error) => self.add(pointer, error),
        }
        Amount::ZERO
    }

    /// Amounts by currency.
    fn prices(&mut self, pointer: &str, prices: &GivenPrices, least: i64) -> BTreeMap<String, Amount> {
        let mut read = BTreeMap::new();
        for (code, text) in prices {
            let place = format!("{pointer}/{}", escaped(code));
            if let Some(currency) = self.currency(&place, code) {
                read.insert(currency.stored().to_owned(), self.amount(&place, text, currency, least));
            }
        }
        read
    }

    /// A share from nothing to all, as a plain decimal.
    fn rate(&mut self, pointer: &str, text: &str) -> Option<Decimal> {
        let plain = text.len() <= 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let rate = Decimal::from_str(text).ok().filter(|_| plain);
        let fits = |rate: &Decimal| *rate <= Decimal::ONE && rate.normalize().scale() <= MAX_RATE_DIGITS;
        let rate = rate.filter(fits);
        if rate.is_none() {
            let message = format!("must be a decimal from 0 to 1 with at most {MAX_RATE_DIGITS} digits; 0.19 is 19 %");
            self.add(pointer, message);
        }
        rate
    }
}

/// `rust_iso3166` also knows lower case; a table is compared as it is written.
fn known_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()) && is_country(code)
}

fn known_zone(text: &str) -> bool {
    Zone::parse(text).is_some_and(|zone| known_country(zone.country))
}

/// `~` and `/` have a meaning in a JSON pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
