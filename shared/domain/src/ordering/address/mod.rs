//! Personal data: who to deliver to and how to reach them.
//!
//! These types live in the person record of an order and in messages to the customer, nowhere else (O15): events,
//! logs and public events know at most the [`Destination`].

mod contact;
mod details;
mod error;
mod lines;
pub mod postal;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

pub use contact::{Contact, ContactError};
pub use details::{Details, MAX_NOTE_CHARACTERS, MAX_REFERENCE_CHARACTERS, MAX_TAG_CHARACTERS, MAX_TAGS};
pub use error::AddressError;
pub use lines::AddressLine;

use crate::link::{has_link, names_site};
use crate::text::{is_blank, is_one_line};

/// Longest field of an address or a contact, in characters.
pub const MAX_FIELD_CHARACTERS: usize = 200;

/// An address or a contact that has passed its check; only such a one is stored. Read as the value itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Checked<T>(T);

impl<T> Checked<T> {
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Checked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// An address as the customer wrote it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Who receives the parcel.
    pub recipient_name: String,
    /// The company that receives it, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// The company's number for value added tax, in capitals and without spaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vat_id: Option<String>,
    /// Street and number, or whatever stands there.
    pub street_address: String,
    /// A second line of it: staircase, floor, door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street_address_2: Option<String>,
    /// City or town.
    pub city: String,
    /// State, province or county, where the country uses one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Postal code, where the country uses one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2, upper case.
    pub country: String,
}

impl Address {
    /// Trims the fields, writes postal code, state and VAT id as they are written there, and names everything that is
    /// wrong. Countries without an entry in [`postal`] are checked for what every address needs only.
    pub fn checked(self) -> Result<Checked<Address>, Vec<AddressError>> {
        let trimmed = |text: String| text.trim().to_owned();
        let optional = |text: Option<String>| text.map(trimmed).filter(|text| !is_blank(text));
        let mut address = Address {
            recipient_name: trimmed(self.recipient_name),
            company: optional(self.company),
            vat_id: optional(self.vat_id),
            street_address: trimmed(self.street_address),
            street_address_2: optional(self.street_address_2),
            city: trimmed(self.city),
            state: optional(self.state).map(|state| postal::code(&state).unwrap_or(state)),
            postal_code: optional(self.postal_code),
            country: trimmed(self.country).to_ascii_uppercase(),
        };
        let mut errors = address.faulty_texts();
        if !is_country(&address.country) {
            errors.push(AddressError::UnknownCountry(address.country.clone()));
        }
        if let Some(rules) = postal::rules(&address.country) {
            match rules.postal_code(address.postal_code.as_deref()) {
                Ok(code) => address.postal_code = Some(code),
                Err(error) => errors.push(error),
            }
            match rules.state(address.state.as_deref()) {
                Ok(state) => address.state = state,
                Err(error) => errors.push(error),
            }
        }
        match address.vat_id.as_deref().map(vat_id) {
            Some(None) => errors.push(AddressError::VatId),
            Some(written) => address.vat_id = written,
            None => {}
        }
        if errors.is_empty() { Ok(Checked(address)) } else { Err(errors) }
    }

    /// Fields that every address needs and that hold nothing to see, and fields that are no line of a label or are a link.
    fn faulty_texts(&self) -> Vec<AddressError> {
        let needed =
            [("recipient_name", &self.recipient_name), ("street_address", &self.street_address), ("city", &self.city)];
        let more = [
            ("company", &self.company),
            ("street_address_2", &self.street_address_2),
            ("state", &self.state),
            ("postal_code", &self.postal_code),
        ];
        let missing = needed.iter().filter(|(_, text)| is_blank(text)).map(|(name, _)| AddressError::Missing(name));
        let given = more.iter().filter_map(|(name, text)| text.as_ref().map(|text| (name, text)));
        let texts = needed.iter().map(|(name, text)| (name, *text)).chain(given);
        let broken = texts.filter_map(|(name, text)| match *name {
            _ if !is_one_line(text) => Some(AddressError::NotOneLine(name)),
            // A company may be called like its site; a person is not.
            "recipient_name" => names_site(text).then_some(AddressError::Link(name)),
            _ => has_link(text).then_some(AddressError::Link(name)),
        });
        missing.chain(broken).collect()
    }

    /// The part of the address that prices and taxes depend on.
    pub fn destination(&self) -> Destination {
        Destination { country: self.country.clone(), state: self.state.clone(), postal_code: self.postal_code.clone() }
    }
}

/// Kosovo's code: not in ISO 3166-1, which leaves it to its users, and used by customs, banks and carriers.
const KOSOVO: &str = "XK";

/// Whether this is an ISO 3166-1 alpha-2 code, upper case, or the one that everybody uses for Kosovo.
pub fn is_country(code: &str) -> bool {
    rust_iso3166::from_alpha2(code).is_some() || code == KOSOVO
}

/// Shortest and longest number for value added tax with its country's prefix.
const VAT_ID_CHARACTERS: std::ops::RangeInclusive<usize> = 4..=20;

/// A number for value added tax as registers write it.
fn vat_id(given: &str) -> Option<String> {
    let written: String = given.chars().filter(|character| !matches!(character, ' ' | '.' | '-' | '/')).collect();
    let fits = VAT_ID_CHARACTERS.contains(&written.len()) && written.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (fits && written.contains(|character: char| character.is_ascii_digit())).then(|| written.to_ascii_uppercase())
}

impl fmt::Debug for Address {
    /// Personal data never reaches a log by accident.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address(in {})", self.country)
    }
}

/// Where goods go, as far as rates need to know; says nothing about the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// State or province. In events it is a code or missing ([`Destination::coded`]); those of before hold whatever stood
    /// in the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The postal code, while prices are worked out; it is with the address and nowhere else.
    #[serde(skip)]
    pub postal_code: Option<String>,
}

impl Destination {
    /// Somewhere in a country.
    pub const fn somewhere_in(country: String) -> Self {
        Destination { country, state: None, postal_code: None }
    }

    /// As much of it as events may hold: free text stays in the person record (O15).
    #[must_use]
    pub fn coded(self) -> Self {
        Destination { state: self.state.as_deref().and_then(postal::code), postal_code: None, country: self.country }
    }
}

/// The person record of an order: the only stored place of personal data; erasing it leaves the ledger whole.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// How to reach the customer.
    pub contact: Checked<Contact>,
    /// Where the goods go.
    pub shipping_address: Checked<Address>,
    /// Where the invoice goes.
    pub billing_address: Checked<Address>,
    /// What they say beside that.
    #[serde(default, skip_serializing_if = "Details::is_empty")]
    pub details: Details,
    /// What people wrote of the order later, by the version of the event that it belongs to. Each is stored as a record of its own
    /// beside this one, and both go together.
    #[serde(skip)]
    pub words: BTreeMap<u64, String>,
}

impl fmt::Debug for Person {
    /// Personal data never reaches a log by accident.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address() -> Address {
        Address {
            recipient_name: " Ada Lovelace ".into(),
            company: None,
            vat_id: None,
            street_address: "Unter den Linden 1".into(),
            street_address_2: None,
            city: "Berlin".into(),
            state: Some(" ".into()),
            postal_code: Some("10117".into()),
            country: "de".into(),
        }
    }

    #[test]
    fn an_address_is_trimmed_and_its_country_known() {
        let checked = address().checked().unwrap();
        assert_eq!(
            (checked.recipient_name.as_str(), checked.country.as_str(), checked.state.as_deref()),
            ("Ada Lovelace", "DE", None)
        );
        let nowhere = Address { country: "XX".into(), ..address() };
        assert_eq!(nowhere.checked(), Err(vec![AddressError::UnknownCountry("XX".into())]));
    }

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        let empty = Address { city: "  ".into(), postal_code: Some("1011".into()), ..address() };
        let fields: Vec<&str> = empty.checked().unwrap_err().iter().map(AddressError::field).collect();
        assert_eq!(fields, ["city", "postal_code"]);
    }

    #[test]
    fn debug_output_holds_no_personal_data() {
        let contact = Contact { name: "Ada".into(), email: "ada@example.com".into(), phone: None }.checked().unwrap();
        let address = address().checked().unwrap();
        let person = Person {
            contact,
            shipping_address: address.clone(),
            billing_address: address,
            details: Details::default(),
            words: BTreeMap::new(),
        };
        let text = format!("{person:?}");
        for secret in ["Ada", "example.com", "Linden", "10117", "Berlin"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
