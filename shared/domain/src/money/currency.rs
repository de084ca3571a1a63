//! Currencies as ISO 4217 has them, and as earlier versions stored them.

use std::fmt;
use std::str::FromStr;

use iso_currency::Currency as Iso;
use serde::{Deserialize, Serialize};

use super::MoneyError;

/// A currency and how many digits its minor units have. What comes in must be in use ([`FromStr`]); what is stored is read
/// as it was meant when it was stored.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Currency(Kind);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// As ISO 4217 has it.
    Iso(Iso),
    /// As an earlier version counted it.
    Recounted(&'static (&'static str, u32, &'static str)),
    /// As it was before it was withdrawn.
    Withdrawn(&'static (&'static str, u32)),
}

/// Earlier versions counted these with fewer digits than ISO 4217 has, and stored them so under their code. Counted by the
/// standard they are stored under another word, so that no stored amount changes its meaning.
static RECOUNTED: [(&str, u32, &str); 3] = [("HUF", 0, "HUF.2"), ("MGA", 1, "MGA.2"), ("MRU", 1, "MRU.2")];

/// Codes that earlier versions took and that name no currency any more, with their digits.
static WITHDRAWN: [(&str, u32); 6] = [("ANG", 2), ("BYR", 0), ("ROL", 2), ("SKK", 2), ("STD", 2), ("ZMK", 2)];

/// Superseded by `VED` in one list, and beside it in ISO 4217.
const BOLIVAR: Iso = Iso::VES;

impl Currency {
    /// The three-letter code, e.g. `EUR`.
    pub fn code(self) -> &'static str {
        match self.0 {
            Kind::Iso(iso) => iso.code(),
            Kind::Recounted((code, ..)) | Kind::Withdrawn((code, _)) => code,
        }
    }

    /// Digits after the decimal point: 2 for EUR, 0 for JPY, 3 for KWD.
    pub fn minor_digits(self) -> u32 {
        match self.0 {
            // Metals and the like have no minor units.
            Kind::Iso(iso) => iso.exponent().map_or(0, u32::from),
            Kind::Recounted((_, digits, _)) | Kind::Withdrawn((_, digits)) => *digits,
        }
    }

    /// How it is stored beside amounts, and in tables as their key: the code, but where the same code was stored with
    /// another number of digits.
    pub fn stored(self) -> &'static str {
        let code = self.code();
        match self.0 {
            Kind::Iso(_) => RECOUNTED.iter().find(|(old, ..)| *old == code).map_or(code, |(.., new)| new),
            Kind::Recounted(_) | Kind::Withdrawn(_) => code,
        }
    }

    /// The currency as it is counted today.
    #[must_use]
    pub fn today(self) -> Self {
        self.code().parse().unwrap_or(self)
    }

    /// A currency of which others tell us: also one that is not in use any more, in which old orders were paid.
    pub fn known(code: &str) -> Option<Self> {
        code.parse().ok().or_else(|| Currency::from_stored(code)).filter(|currency: &Currency| currency.code() == code)
    }

    /// What a stored word means.
    pub fn from_stored(word: &str) -> Option<Self> {
        let iso = |code: &str| Iso::from_code(code).map(Kind::Iso);
        let recounted = RECOUNTED.iter().find_map(|entry| match word {
            _ if word == entry.0 => Some(Kind::Recounted(entry)),
            _ if word == entry.2 => iso(entry.0),
            _ => None,
        });
        let withdrawn = WITHDRAWN.iter().find(|(code, _)| *code == word).map(Kind::Withdrawn);
        recounted.or(withdrawn).or_else(|| iso(word)).map(Currency)
    }
}

/// Money that people pay with today: no metal, no unit of account of banks, nothing that another currency has replaced.
fn in_use(iso: Iso) -> bool {
    !iso.is_fund() && !iso.is_special() && (iso == BOLIVAR || iso.is_superseded().is_none())
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(code: &str) -> Result<Self, MoneyError> {
        let known = Iso::from_code(code).filter(|iso| in_use(*iso) && iso.code() == code);
        known.map(|iso| Currency(Kind::Iso(iso))).ok_or_else(|| MoneyError::UnknownCurrency(code.to_owned()))
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.stored())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.stored())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let unknown = || serde::de::Error::custom(MoneyError::UnknownCurrency(word.clone()));
        Currency::from_stored(&word).ok_or_else(unknown)
    }
}
