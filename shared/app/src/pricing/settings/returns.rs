//! The terms of returns as they are given.

use std::collections::{BTreeMap, BTreeSet};

use oms_domain::returns::policy::{
    BackTo, GoodsCondition, MAX_EXPIRES_DAYS, MAX_REASON_CODE_CHARACTERS, MAX_REASON_TEXT_CHARACTERS, MAX_REASONS,
    MAX_WINDOW_DAYS, MAX_WINDOWS, Payer, Reason, ReturnsTable, Treatment,
};
use oms_domain::text::{is_blank, is_one_line};

use super::{Faults, escaped, known_country};
use crate::catalog::editing::MAX_CATEGORY_CHARACTERS;

/// On which terms goods come back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GivenReturns {
    /// Days from the delivery; 0 is a final sale.
    pub days: u32,
    /// The same by category of the product.
    pub by_category: BTreeMap<String, u32>,
    /// The same by country.
    pub by_country: BTreeMap<String, u32>,
    /// Share of the price that the shop keeps for its work; nothing for none.
    pub restocking_fee: Option<String>,
    pub reasons: Vec<GivenReason>,
    /// What becomes of units, by the name of their condition.
    pub conditions: BTreeMap<String, GivenTreatment>,
    /// Days for which an approved return is waited for.
    pub expires_days: u32,
}

/// Why somebody sends goods back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenReason {
    pub code: String,
    pub text: String,
    /// `shop` or `customer`.
    pub label_paid_by: String,
    pub photo_needed: bool,
}

/// What becomes of units in a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenTreatment {
    /// `available`, `damaged` or `none`.
    pub stock: String,
    /// Share of the price that goes back.
    pub rate: String,
}

pub(super) fn read(given: &GivenReturns, faults: &mut Faults) -> ReturnsTable {
    let usual = ReturnsTable::default();
    let restocking_fee = given.restocking_fee.as_deref().and_then(|text| faults.rate("/restocking_fee", text));
    ReturnsTable {
        days: days("/days", given.days, 0, MAX_WINDOW_DAYS, faults),
        by_category: windows("/by_category", &given.by_category, faults, |category| {
            let fits = (1..=MAX_CATEGORY_CHARACTERS).contains(&category.chars().count());
            (!fits || !is_one_line(category)).then_some("is not a category")
        }),
        by_country: windows("/by_country", &given.by_country, faults, |country| {
            (!known_country(country)).then_some("is not an ISO 3166-1 alpha-2 code such as DE")
        }),
        restocking_fee: restocking_fee.unwrap_or_default(),
        reasons: reasons(&given.reasons, faults),
        conditions: conditions(&given.conditions, &usual, faults),
        expires_days: days("/expires_days", given.expires_days, 1, MAX_EXPIRES_DAYS, faults),
    }
}

fn days(pointer: &str, given: u32, least: u16, most: u16, faults: &mut Faults) -> u16 {
    let read = u16::try_from(given).ok().filter(|days| (least..=most).contains(days));
    if read.is_none() {
        faults.add(pointer, format!("must be {least} to {most} days"));
    }
    read.unwrap_or(least)
}

fn windows(
    pointer: &str,
    given: &BTreeMap<String, u32>,
    faults: &mut Faults,
    wrong: impl Fn(&str) -> Option<&'static str>,
) -> BTreeMap<String, u16> {
    if given.len() > MAX_WINDOWS {
        faults.add(pointer, format!("must have at most {MAX_WINDOWS} entries"));
        return BTreeMap::new();
    }
    let mut read = BTreeMap::new();
    for (name, own) in given {
        let place = format!("{pointer}/{}", escaped(name));
        if let Some(wrong) = wrong(name) {
            faults.add(place.as_str(), wrong);
        }
        read.insert(name.clone(), days(&place, *own, 0, MAX_WINDOW_DAYS, faults));
    }
    read
}

fn reasons(given: &[GivenReason], faults: &mut Faults) -> Vec<Reason> {
    if !faults.bounded("/reasons", given, MAX_REASONS) {
        return Vec::new();
    }
    if given.is_empty() {
        faults.add("/reasons", "must have at least one reason");
    }
    let mut codes = BTreeSet::new();
    let read = given.iter().enumerate().filter_map(|(place, given)| {
        let place = format!("/reasons/{place}");
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let fits = (1..=MAX_REASON_CODE_CHARACTERS).contains(&given.code.len()) && given.code.bytes().all(plain);
        if !fits {
            faults.add(format!("{place}/code"), format!("must be 1 to {MAX_REASON_CODE_CHARACTERS} of a-z, 0-9 and _"));
        }
        if !codes.insert(given.code.as_str()) {
            faults.add(format!("{place}/code"), "is used twice");
        }
        let length = given.text.chars().count();
        if !(1..=MAX_REASON_TEXT_CHARACTERS).contains(&length) || is_blank(&given.text) || !is_one_line(&given.text) {
            let message = format!("must be one line of 1 to {MAX_REASON_TEXT_CHARACTERS} characters");
            faults.add(format!("{place}/text"), message);
        }
        let label = Payer::ALL.into_iter().find(|payer| payer.name() == given.label_paid_by);
        if label.is_none() {
            faults.add(format!("{place}/label_paid_by"), "must be `shop` or `customer`");
        }
        Some(Reason { code: given.code.clone(), text: given.text.clone(), label: label?, photo: given.photo_needed })
    });
    read.collect()
}

/// Conditions that are not named are written down as they usually are, so that the version says all of it.
fn conditions(
    given: &BTreeMap<String, GivenTreatment>,
    usual: &ReturnsTable,
    faults: &mut Faults,
) -> BTreeMap<GoodsCondition, Treatment> {
    let mut read = usual.conditions.clone();
    for (name, given) in given {
        let place = format!("/conditions/{}", escaped(name));
        let condition = GoodsCondition::ALL.into_iter().find(|condition| condition.name() == name);
        if condition.is_none() {
            faults.add(place.as_str(), "must be `as_new`, `opened`, `damaged`, `incomplete` or `wrong_item`");
        }
        let stock = BackTo::ALL.into_iter().find(|stock| stock.name() == given.stock);
        if stock.is_none() {
            faults.add(format!("{place}/stock"), "must be `available`, `damaged` or `none`");
        }
        let rate = faults.rate(&format!("{place}/rate"), &given.rate);
        if let (Some(condition), Some(stock), Some(rate)) = (condition, stock, rate) {
            read.insert(condition, Treatment { stock, rate });
        }
    }
    read
}
