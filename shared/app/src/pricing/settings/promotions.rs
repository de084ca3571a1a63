//! The promotion table as it is given.

use std::collections::BTreeSet;

use jiff::Timestamp;
use oms_domain::ids::ProductId;
use oms_domain::money::{Amount, Currency};
use oms_domain::pricing::promotion::{Benefit, MAX_CODE_CHARACTERS, MAX_PROMOTIONS, Promotion, PromotionTable, normal};
use oms_domain::text::{is_blank, is_one_line};

use super::Faults;

/// One promotion.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GivenPromotion {
    /// What customers type.
    pub code: String,
    /// Applies by itself.
    pub automatic: bool,
    /// `percentage`, `fixed_amount` or `free_shipping`.
    pub kind: String,
    /// The share of a percentage.
    pub rate: Option<String>,
    /// The amount of a fixed amount.
    pub amount: Option<String>,
    /// For orders in this currency only.
    pub currency: Option<String>,
    /// What the goods must be worth.
    pub minimum: Option<String>,
    pub starts_at: Option<String>,
    /// Until when, exclusive.
    pub ends_at: Option<String>,
    /// How often in all.
    pub max_uses: Option<u32>,
    /// How often by one customer.
    pub max_uses_per_customer: Option<u32>,
    /// Most that a percentage takes off.
    pub maximum: Option<String>,
    /// Methods that it makes free; empty for all.
    pub shipping_methods: Vec<String>,
    /// Ids of the products that it is for, beside those of `categories`; both empty for all.
    pub products: Vec<String>,
    pub categories: Vec<String>,
    /// Not together with others.
    pub exclusive: bool,
    /// False: switched off.
    pub active: bool,
}

/// Most products, categories and methods that a promotion can name, each.
const MAX_NAMED: usize = 100;

pub(super) fn read(given: &[GivenPromotion], faults: &mut Faults) -> PromotionTable {
    if !faults.bounded("/promotions", given, MAX_PROMOTIONS) {
        return PromotionTable::default();
    }
    let mut codes = BTreeSet::new();
    let promotions = given.iter().enumerate().filter_map(|(place, given)| {
        let place = format!("/promotions/{place}");
        faults.code(&format!("{place}/code"), &given.code, &mut codes);
        promotion(given, &place, faults)
    });
    PromotionTable { promotions: promotions.collect() }
}

/// Nothing where a fault leaves nothing to go on with.
fn promotion(given: &GivenPromotion, place: &str, faults: &mut Faults) -> Option<Promotion> {
    let at = |field: &str| format!("{place}/{field}");
    if normal(&given.code) != given.code {
        faults.add(at("code"), "must be in upper case; customers may type it in any case");
    }
    let currency = given.currency.as_deref().map(|code| faults.currency(&at("currency"), code));
    let amounts = given.amount.is_some() || given.minimum.is_some() || given.maximum.is_some();
    if currency.is_none() && amounts {
        faults.add(at("currency"), "is missing: an amount needs a currency");
    }
    let currency = currency.flatten();
    let benefit = benefit(given, currency, place, faults);
    let minimum = given.minimum.as_deref().zip(currency);
    let minimum = minimum.map(|(text, currency)| faults.amount(&at("minimum"), text, currency, 0));
    let maximum = given.maximum.as_deref().zip(currency);
    let maximum = maximum.map(|(text, currency)| faults.amount(&at("maximum"), text, currency, 1));
    if given.maximum.is_some() && given.kind != "percentage" {
        faults.add(at("maximum"), "is only allowed for a percentage");
    }
    if !given.shipping_methods.is_empty() && given.kind != "free_shipping" {
        faults.add(at("shipping_methods"), "is only allowed for free shipping");
    }
    for (field, named) in [("shipping_methods", &given.shipping_methods), ("categories", &given.categories)] {
        names(named, &at(field), faults);
    }
    let products = products(&given.products, &at("products"), faults);
    let starts_at = time(given.starts_at.as_deref(), &at("starts_at"), faults);
    let ends_at = time(given.ends_at.as_deref(), &at("ends_at"), faults);
    if starts_at.zip(ends_at).is_some_and(|(starts, ends)| starts >= ends) {
        faults.add(at("ends_at"), "must be later than starts_at");
    }
    for (field, most) in [("max_uses", given.max_uses), ("max_uses_per_customer", given.max_uses_per_customer)] {
        match most {
            Some(_) if given.automatic => {
                faults.add(at(field), "is not allowed for an automatic promotion");
            }
            Some(0) => faults.add(at(field), "must be at least 1; to switch a promotion off, set `active` to false"),
            Some(_) | None => {}
        }
    }
    Some(Promotion {
        code: given.code.clone(),
        automatic: given.automatic,
        benefit: benefit?,
        currency,
        minimum: minimum.unwrap_or(Amount::ZERO),
        starts_at,
        ends_at,
        max_uses: given.max_uses,
        max_uses_per_customer: given.max_uses_per_customer,
        maximum,
        shipping_methods: given.shipping_methods.clone(),
        products,
        categories: given.categories.clone(),
        exclusive: given.exclusive,
        active: given.active,
    })
}

/// Different names, each of a method or a category.
fn names(given: &[String], place: &str, faults: &mut Faults) {
    if !faults.bounded(place, given, MAX_NAMED) {
        return;
    }
    for (number, name) in given.iter().enumerate() {
        if !(1..=MAX_CODE_CHARACTERS).contains(&name.chars().count()) || is_blank(name) || !is_one_line(name) {
            faults
                .add(format!("{place}/{number}"), format!("must be one line of 1 to {MAX_CODE_CHARACTERS} characters"));
        } else if given[..number].contains(name) {
            faults.add(format!("{place}/{number}"), "is listed twice");
        }
    }
}

fn products(given: &[String], place: &str, faults: &mut Faults) -> Vec<ProductId> {
    if !faults.bounded(place, given, MAX_NAMED) {
        return Vec::new();
    }
    let mut read: Vec<ProductId> = Vec::new();
    for (number, id) in given.iter().enumerate() {
        match id.parse() {
            Ok(id) if read.contains(&id) => faults.add(format!("{place}/{number}"), "is listed twice"),
            Ok(id) => read.push(id),
            Err(_) => faults.add(format!("{place}/{number}"), "is not the id of a product"),
        }
    }
    read
}

/// What the kind needs must be there, and nothing that another kind needs.
fn benefit(given: &GivenPromotion, currency: Option<Currency>, place: &str, faults: &mut Faults) -> Option<Benefit> {
    let (rate, amount) = (format!("{place}/rate"), format!("{place}/amount"));
    let kind = given.kind.as_str();
    if given.rate.is_some() && matches!(kind, "fixed_amount" | "free_shipping") {
        faults.add(rate.clone(), "is only allowed for a percentage");
    }
    if given.amount.is_some() && matches!(kind, "percentage" | "free_shipping") {
        faults.add(amount.clone(), "is only allowed for a fixed amount");
    }
    match (kind, &given.rate, &given.amount) {
        ("percentage", Some(text), _) => {
            let share = faults.rate(&rate, text)?;
            if share.is_zero() {
                faults.add(rate, "must be greater than 0");
            }
            Some(Benefit::Percentage { rate: share })
        }
        ("percentage", None, _) => {
            faults.add(rate, "is missing");
            None
        }
        ("fixed_amount", _, Some(text)) => {
            Some(Benefit::FixedAmount { amount: faults.amount(&amount, text, currency?, 1) })
        }
        ("fixed_amount", _, None) => {
            faults.add(amount, "is missing");
            None
        }
        ("free_shipping", _, _) => Some(Benefit::FreeShipping),
        _ => {
            faults.add(format!("{place}/kind"), "must be percentage, fixed_amount or free_shipping");
            None
        }
    }
}

fn time(given: Option<&str>, place: &str, faults: &mut Faults) -> Option<Timestamp> {
    let read = given?.parse();
    if read.is_err() {
        faults.add(place, "is not a time such as 2026-03-01T00:00:00Z");
    }
    read.ok()
}
