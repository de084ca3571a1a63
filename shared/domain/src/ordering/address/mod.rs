//! Personal data: who to deliver to and how to reach them.
//!
//! These types live in the person record of an order and in messages to the customer, nowhere else (O15): events,
//! logs and public events know at most the [`Destination`].

mod error;
pub mod postal;

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

pub use error::AddressError;

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
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Who receives the parcel.
    pub recipient_name: String,
    /// Street and number, or whatever stands there.
    pub street_address: String,
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
    /// Trims the fields, writes postal code and state as the country does, and names everything that is wrong.
    /// Countries without an entry in [`postal`] are checked for what every address needs only.
    pub fn checked(self) -> Result<Checked<Address>, Vec<AddressError>> {
        let trimmed = |text: String| text.trim().to_owned();
        let optional = |text: Option<String>| text.map(trimmed).filter(|text| !text.is_empty());
        let mut address = Address {
            recipient_name: trimmed(self.recipient_name),
            street_address: trimmed(self.street_address),
            city: trimmed(self.city),
            state: optional(self.state),
            postal_code: optional(self.postal_code),
            country: trimmed(self.country).to_ascii_uppercase(),
        };
        let needed = [
            ("recipient_name", &address.recipient_name),
            ("street_address", &address.street_address),
            ("city", &address.city),
        ];
        let mut errors: Vec<AddressError> = needed
            .into_iter()
            .filter(|(_, value)| value.is_empty())
            .map(|(name, _)| AddressError::Missing(name))
            .collect();
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
        if errors.is_empty() { Ok(Checked(address)) } else { Err(errors) }
    }

    /// The part of the address that prices and taxes depend on.
    pub fn destination(&self) -> Destination {
        Destination { country: self.country.clone(), state: self.state.clone() }
    }
}

/// Whether this is an ISO 3166-1 alpha-2 code, upper case.
pub fn is_country(code: &str) -> bool {
    rust_iso3166::from_alpha2(code).is_some()
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
    /// State or province as written in the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

/// Why a contact cannot be reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContactError {
    /// The name is empty.
    #[error("`name` must not be empty")]
    Name,
    /// Not an e-mail address.
    #[error("`email` is not an e-mail address")]
    Email,
    /// Not an international phone number.
    #[error("`phone` must be an international number such as +491701234567 (E.164)")]
    Phone,
}

/// How the customer is reached about this order (I4).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// How to address them.
    pub name: String,
    /// Where e-mail goes.
    pub email: String,
    /// Where SMS goes, E.164; without it there is no SMS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

impl Contact {
    /// Trims the fields and checks their form.
    pub fn checked(self) -> Result<Checked<Contact>, ContactError> {
        let contact = Contact {
            name: self.name.trim().to_owned(),
            email: self.email.trim().to_owned(),
            phone: self.phone.map(|phone| phone.trim().to_owned()),
        };
        if contact.name.is_empty() || contact.name.contains(['\r', '\n']) {
            return Err(ContactError::Name);
        }
        if !email_address::EmailAddress::is_valid(&contact.email) || !contact.email.is_ascii() {
            return Err(ContactError::Email);
        }
        if contact.phone.as_deref().is_some_and(|phone| !is_e164(phone)) {
            return Err(ContactError::Phone);
        }
        Ok(Checked(contact))
    }
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contact(..)")
    }
}

/// A plus, a country code that does not start with 0, 7 to 15 digits in all.
fn is_e164(phone: &str) -> bool {
    phone.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0')
    })
}

/// The person record of an order: the only stored place of personal data; erasing it leaves the ledger whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// How to reach the customer.
    pub contact: Checked<Contact>,
    /// Where the goods go.
    pub shipping_address: Checked<Address>,
    /// Where the invoice goes.
    pub billing_address: Checked<Address>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address() -> Address {
        Address {
            recipient_name: " Ada Lovelace ".into(),
            street_address: "Unter den Linden 1".into(),
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
    fn a_contact_is_reachable() {
        let contact = |email: &str, phone: Option<&str>| {
            Contact { name: "Ada".into(), email: email.into(), phone: phone.map(Into::into) }.checked()
        };
        assert!(contact("ada@example.com", Some("+491701234567")).is_ok());
        assert_eq!(contact("ada", None), Err(ContactError::Email));
        for phone in ["", "0170123456", "+0123456789", "+49 170", "+4917012345678901"] {
            assert_eq!(contact("ada@example.com", Some(phone)), Err(ContactError::Phone), "{phone}");
        }
    }

    #[test]
    fn debug_output_holds_no_personal_data() {
        let contact = Contact { name: "Ada".into(), email: "ada@example.com".into(), phone: None }.checked().unwrap();
        let address = address().checked().unwrap();
        let person = Person { contact, shipping_address: address.clone(), billing_address: address };
        let text = format!("{person:?}");
        for secret in ["Ada", "example.com", "Linden", "10117", "Berlin"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
