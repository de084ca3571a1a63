//! Postal-code ranges in tables: islands, enclaves and free ports have taxes and carriers of their own.
//!
//! `ES:35` are all codes that begin with 35, `ES:35000-35999` those from the one to the other, `DE:78266` is one village.
//! Codes are compared without spaces and hyphens.

use crate::ordering::address::Destination;

/// Longest end of a range, in characters.
const MAX_CODE_CHARACTERS: usize = 10;

/// A part of a country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone<'a> {
    pub country: &'a str,
    from: &'a str,
    to: &'a str,
}

impl<'a> Zone<'a> {
    /// Reads `ES:35` or `ES:35000-35999`; nothing if it is something else.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (country, codes) = text.split_once(':')?;
        let (from, to) = codes.split_once('-').unwrap_or((codes, codes));
        let plain = |code: &str| {
            (1..=MAX_CODE_CHARACTERS).contains(&code.len())
                && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        };
        (plain(from) && plain(to) && from.len() == to.len() && from <= to).then_some(Zone { country, from, to })
    }

    /// Whether a destination lies in it. Without a postal code none does.
    pub fn holds(&self, destination: &Destination) -> bool {
        let code = destination.postal_code.as_deref().unwrap_or_default();
        let code: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
        let begins = code.to_ascii_uppercase();
        self.country == destination.country
            && begins.get(..self.from.len()).is_some_and(|begins| (self.from..=self.to).contains(&begins))
    }

    /// How narrow it is: of two that hold a destination the one with the longer codes says more.
    pub const fn narrowness(&self) -> usize {
        self.from.len()
    }
}
