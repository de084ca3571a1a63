//! Currencies as ISO 4217 has them, and as earlier versions stored them.

use std::fmt;
use std::str::FromStr;

use iso_currency::Currency as Iso;
use serde::{Deserialize, Serialize};

use super::MoneyError;

/// A currency and how many digits its minor units have. What comes in must be in use ([`FromStr`]); what is stored is read
/// as it was meant when it was stored.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Currency {
    code: &'static str,
    digits: u32,
    /// How it is stored; the code, but where the same code was stored with another number of digits.
    stored: &'static str,
}

/// Earlier versions counted these with fewer digits than ISO 4217 has, and stored them so under their code. Counted by the
/// standard they are stored under another word, so that no stored amount changes its meaning.
const RECOUNTED: [(&str, u32, &str); 3] = [("HUF", 0, "HUF.2"), ("MGA", 1, "MGA.2"), ("MRU", 1, "MRU.2")];

/// Codes that earlier versions took and that name no currency any more, with their digits.
const WITHDRAWN: [(&str, u32); 6] = [("ANG", 2), ("BYR", 0), ("ROL", 2), ("SKK", 2), ("STD", 2), ("ZMK", 2)];

/// Superseded by `VED` in one list, and beside it in ISO 4217.
const BOLIVAR: Iso = Iso::VES;

impl Currency {
    /// The three-letter code, e.g. `EUR`.
    pub fn code(self) -> &'static str {
        self.code
    }

    /// Digits after the decimal point: 2 for EUR, 0 for JPY, 3 for KWD.
    pub fn minor_digits(self) -> u32 {
        self.digits
    }

    /// How it is stored beside amounts, and in tables as their key.
    pub fn stored(self) -> &'static str {
        self.stored
    }

    /// The currency as it is counted today.
    #[must_use]
    pub fn today(self) -> Self {
        self.code.parse().unwrap_or(self)
    }

    /// A currency of which others tell us: also one that is not in use any more, in which old orders were paid.
    pub fn known(code: &str) -> Option<Self> {
        code.parse().ok().or_else(|| Currency::from_stored(code)).filter(|currency: &Currency| currency.code == code)
    }

    /// What a stored word means.
    pub fn from_stored(word: &str) -> Option<Self> {
        let recounted = RECOUNTED.iter().find_map(|(code, digits, new)| match word {
            _ if word == *code => Some(Currency { code, digits: *digits, stored: code }),
            _ if word == *new => Iso::from_code(code).map(of),
            _ => None,
        });
        let withdrawn = WITHDRAWN.iter().find(|(code, _)| *code == word);
        let withdrawn = withdrawn.map(|(code, digits)| Currency { code, digits: *digits, stored: code });
        recounted.or(withdrawn).or_else(|| Iso::from_code(word).map(of))
    }
}

/// Metals and the like have no minor units.
fn of(iso: Iso) -> Currency {
    let code = iso.code();
    let stored = RECOUNTED.iter().find(|(recounted, ..)| *recounted == code).map_or(code, |(.., new)| new);
    Currency { code, digits: iso.exponent().map_or(0, u32::from), stored }
}

/// Money that people pay with today: no metal, no unit of account of banks, nothing that another currency has replaced.
fn in_use(iso: Iso) -> bool {
    !iso.is_fund() && !iso.is_special() && (iso == BOLIVAR || iso.is_superseded().is_none())
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(code: &str) -> Result<Self, MoneyError> {
        let known = Iso::from_code(code).filter(|iso| in_use(*iso) && iso.code() == code);
        known.map(of).ok_or_else(|| MoneyError::UnknownCurrency(code.to_owned()))
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.stored)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.stored)
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let unknown = || serde::de::Error::custom(MoneyError::UnknownCurrency(word.clone()));
        Currency::from_stored(&word).ok_or_else(unknown)
    }
}
