//! The shipping table as it is given.

use std::collections::BTreeSet;

use oms_domain::fulfilment::parcel::Measures;
use oms_domain::pricing::carrier_rate::CarrierRate;
use oms_domain::pricing::shipping::{MAX_DELIVERY_DAYS, ShippingMethod, ShippingTable, WeightBracket, WorkingDays};
use oms_domain::text::{is_blank, is_one_line};

use super::dispatch::{self, GivenDispatch};
use super::{Faults, GivenPrices, services};

/// Most shipping methods of a shop.
const MAX_METHODS: usize = 50;

/// Most ranges of postal codes of a method.
const MAX_ZONES: usize = 100;

/// Most brackets of a method.
const MAX_BRACKETS: usize = 50;

/// Longest name, in characters.
const MAX_NAME_CHARACTERS: usize = 120;

/// The whole table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GivenShipping {
    /// In the order in which they are offered.
    pub methods: Vec<GivenMethod>,
    /// When the shop sends.
    pub dispatch: Option<GivenDispatch>,
}

/// One way to bring an order to the customer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GivenMethod {
    /// What clients send.
    pub code: String,
    /// What customers read.
    pub name: String,
    /// Countries it serves; empty for all.
    pub countries: Vec<String>,
    /// Postal codes that it serves beside them.
    pub zones: Vec<String>,
    /// Postal codes that it does not serve.
    pub except: Vec<String>,
    /// Prices of what no bracket holds.
    pub prices: GivenPrices,
    /// Prices of lighter parcels, lightest first.
    pub brackets: Vec<GivenBracket>,
    /// Nothing heavier is taken.
    pub max_weight_grams: Option<u64>,
    /// Goods of this value travel free.
    pub free_from: GivenPrices,
    /// How long it takes.
    pub working_days: Option<GivenWorkingDays>,
    /// Whose price it takes.
    pub carrier_rate: Option<GivenCarrierRate>,
}

/// A carrier's service whose price a method takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenCarrierRate {
    pub carrier: String,
    /// The carrier's code of the service.
    pub service: String,
    /// The empty box.
    pub empty: Measures,
}

/// The price of parcels up to a weight.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GivenBracket {
    /// Inclusive.
    pub up_to_grams: u64,
    /// Prices up to there.
    pub prices: GivenPrices,
}

/// How many working days a delivery takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GivenWorkingDays {
    /// At least.
    pub from: u8,
    /// At most.
    pub to: u8,
}

pub(super) fn read(given: &GivenShipping, faults: &mut Faults) -> ShippingTable {
    let GivenShipping { methods: given, dispatch } = given;
    if given.is_empty() {
        faults.add("/methods", "must have at least one entry, or nothing can be ordered");
    }
    if !faults.bounded("/methods", given, MAX_METHODS) {
        return ShippingTable::default();
    }
    let mut codes = BTreeSet::new();
    let methods = given.iter().enumerate().map(|(place, given)| {
        let place = format!("/methods/{place}");
        faults.code(&format!("{place}/code"), &given.code, &mut codes);
        method(given, &place, faults)
    });
    let methods = methods.collect();
    let dispatch = dispatch.as_ref().and_then(|given| dispatch::read(given, faults));
    ShippingTable { methods, dispatch }
}

fn method(given: &GivenMethod, place: &str, faults: &mut Faults) -> ShippingMethod {
    let at = |field: &str| format!("{place}/{field}");
    let name = &given.name;
    let one_line = name.trim() == name && is_one_line(name) && !is_blank(name);
    if !(1..=MAX_NAME_CHARACTERS).contains(&name.chars().count()) || !one_line {
        faults.add(at("name"), format!("must be one line of 1 to {MAX_NAME_CHARACTERS} characters"));
    }
    faults.countries(&at("countries"), &given.countries);
    for (field, zones) in [("zones", &given.zones), ("except", &given.except)] {
        if faults.bounded(&at(field), zones, MAX_ZONES) {
            faults.zones(&at(field), zones);
        }
    }
    if given.prices.is_empty() && given.brackets.is_empty() {
        faults.add(at("prices"), "must have a price in at least one currency");
    }
    if given.max_weight_grams == Some(0) {
        faults.add(at("max_weight_grams"), "must be at least 1");
    }
    ShippingMethod {
        code: given.code.clone(),
        name: given.name.clone(),
        countries: given.countries.clone(),
        zones: given.zones.clone(),
        except: given.except.clone(),
        prices: faults.prices(&at("prices"), &given.prices, 0),
        brackets: brackets(given, &at("brackets"), faults),
        max_weight_grams: given.max_weight_grams,
        free_from: faults.prices(&at("free_from"), &given.free_from, 1),
        working_days: given.working_days.map(|days| working_days(days, &at("working_days"), faults)),
        carrier_rate: given.carrier_rate.as_ref().map(|rate| carrier_rate(rate, &at("carrier_rate"), faults)),
    }
}

fn carrier_rate(given: &GivenCarrierRate, place: &str, faults: &mut Faults) -> CarrierRate {
    services::check(&given.carrier, &given.service, given.empty, place, faults);
    CarrierRate { carrier: given.carrier.clone(), service: given.service.clone(), empty: given.empty }
}

fn brackets(method: &GivenMethod, place: &str, faults: &mut Faults) -> Vec<WeightBracket> {
    if !faults.bounded(place, &method.brackets, MAX_BRACKETS) {
        return Vec::new();
    }
    let mut lighter = 0;
    let read = method.brackets.iter().enumerate().map(|(number, given)| {
        let (weight, prices) = (format!("{place}/{number}/up_to_grams"), format!("{place}/{number}/prices"));
        if given.up_to_grams <= lighter {
            faults.add(weight, "must be at least 1 and more than in the bracket before it");
        } else if method.max_weight_grams.is_some_and(|most| given.up_to_grams > most) {
            faults.add(weight, "must not be more than max_weight_grams");
        }
        lighter = lighter.max(given.up_to_grams);
        if given.prices.is_empty() {
            faults.add(prices.clone(), "must have a price in at least one currency");
        }
        WeightBracket { up_to_grams: given.up_to_grams, prices: faults.prices(&prices, &given.prices, 0) }
    });
    read.collect()
}

fn working_days(given: GivenWorkingDays, place: &str, faults: &mut Faults) -> WorkingDays {
    let GivenWorkingDays { from, to } = given;
    if from == 0 {
        faults.add(format!("{place}/from"), "must be at least 1");
    }
    if to < from || to > MAX_DELIVERY_DAYS {
        faults.add(format!("{place}/to"), format!("must not be less than `from` or more than {MAX_DELIVERY_DAYS}"));
    }
    WorkingDays { from, to }
}
