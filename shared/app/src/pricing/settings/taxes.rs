//! The tax table as it is given.

use std::collections::BTreeMap;

use oms_domain::ordering::address::postal;
use oms_domain::pricing::{STANDARD_TAX_CLASS, TaxTable};

use super::{Faults, escaped, known_country, known_zone};
use crate::catalog::editing::MAX_TAX_CLASS_CHARACTERS;

/// Most destinations with rates of their own: every country, and the states of some.
pub const MAX_DESTINATIONS: usize = 400;

/// Most tax classes of one destination.
const MAX_CLASSES: usize = 50;

/// Longest abbreviation of a state in a country whose states are not known here, in characters.
const MAX_STATE_CHARACTERS: usize = 10;

/// Tax by destination and class.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GivenTaxes {
    /// Destination → class → rate, where `0.19` is 19 %.
    pub rates: BTreeMap<String, BTreeMap<String, String>>,
    /// Countries to which prices contain the tax.
    pub included: Vec<String>,
}

pub(super) fn read(given: &GivenTaxes, faults: &mut Faults) -> TaxTable {
    if given.rates.len() > MAX_DESTINATIONS {
        faults.add("/rates", format!("must have at most {MAX_DESTINATIONS} destinations"));
        return TaxTable::default();
    }
    faults.countries("/included", &given.included);
    let mut rates = BTreeMap::new();
    for (destination, classes) in &given.rates {
        let place = format!("/rates/{}", escaped(destination));
        if !known_destination(destination) {
            faults.add(place.clone(), "is not a country such as DE, a state of one such as US-NY, or postal codes of one such as ES:35 or ES:35000-35999");
        }
        if classes.len() > MAX_CLASSES {
            faults.add(place, format!("must have at most {MAX_CLASSES} classes"));
            continue;
        }
        if !classes.contains_key(STANDARD_TAX_CLASS) {
            // Goods given away pay it for shipping, and every class that has no rate of its own.
            faults.add(format!("{place}/{STANDARD_TAX_CLASS}"), "is missing");
        }
        let read = |(class, rate): (&String, &String)| {
            let place = format!("{place}/{}", escaped(class));
            if !is_class(class) {
                faults.add(place.clone(), "is not a tax class of 1 to 40 of a-z, 0-9, _ and -");
            }
            (class.clone(), faults.rate(&place, rate).unwrap_or_default())
        };
        rates.insert(destination.clone(), classes.iter().map(read).collect());
    }
    TaxTable { rates, included: given.included.iter().cloned().collect() }
}

fn is_class(class: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
    (1..=MAX_TAX_CLASS_CHARACTERS).contains(&class.len()) && class.bytes().all(plain)
}

/// A country, postal codes of one, or a state as addresses of its country write it.
fn known_destination(destination: &str) -> bool {
    if destination.contains(':') {
        return known_zone(destination);
    }
    let Some((country, state)) = destination.split_once('-') else { return known_country(destination) };
    let short = (1..=MAX_STATE_CHARACTERS).contains(&state.len())
        && state.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let exists = postal::rules(country).is_none_or(|rules| rules.state(Some(state)).is_ok());
    known_country(country) && short && exists
}
