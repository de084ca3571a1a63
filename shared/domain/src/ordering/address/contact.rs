//! How the customer is reached.

use std::fmt;

use email_address::{EmailAddress, Options};
use serde::{Deserialize, Serialize};

use super::Checked;
use crate::link::names_site;
use crate::text::{digit, is_blank, is_one_line};

/// Longest e-mail address, in characters (RFC 5321).
const MAX_EMAIL_CHARACTERS: usize = 254;

/// Why a contact cannot be reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContactError {
    /// The name is empty, or not one line.
    #[error("`name` must be one line with something to read in it")]
    Name,
    /// The name is somebody's web address.
    #[error("`name` must not hold a web address")]
    Link,
    /// Not an e-mail address.
    #[error("`email` must be one e-mail address such as ada@example.com")]
    Email,
    /// Not an international phone number.
    #[error("`phone` must be an international number such as +491701234567 (E.164)")]
    Phone,
}

impl ContactError {
    /// The field that is wrong.
    pub const fn field(&self) -> &'static str {
        match self {
            ContactError::Name | ContactError::Link => "name",
            ContactError::Email => "email",
            ContactError::Phone => "phone",
        }
    }
}

/// How the customer is reached about this order (I4).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// How to address them.
    pub name: String,
    /// Where e-mail goes: one ASCII `local@domain.tld`, its domain in lower case and as DNS has it.
    pub email: String,
    /// Where SMS goes, E.164; without it there is no SMS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

impl Contact {
    /// Writes the fields as mail and phone networks have them, or names everything that is wrong.
    pub fn checked(self) -> Result<Checked<Contact>, Vec<ContactError>> {
        let mut errors = Vec::new();
        let name = self.name.trim().to_owned();
        if is_blank(&name) || !is_one_line(&name) {
            errors.push(ContactError::Name);
        } else if names_site(&name) {
            errors.push(ContactError::Link);
        }
        let email = email(self.email.trim()).unwrap_or_else(|| {
            errors.push(ContactError::Email);
            String::new()
        });
        let phone = self.phone.filter(|phone| !is_blank(phone)).and_then(|given| {
            let phone = phone(&given);
            if phone.is_none() {
                errors.push(ContactError::Phone);
            }
            phone
        });
        if errors.is_empty() { Ok(Checked(Contact { name, email, phone })) } else { Err(errors) }
    }
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contact(..)")
    }
}

/// One address that mail servers take: no name before it, no quotes, no comments, no second one behind it; a domain of
/// other scripts as DNS has it.
fn email(given: &str) -> Option<String> {
    let (local, domain) = given.split_once('@')?;
    let plain = !local.is_empty() && local.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
    let domain = idna::domain_to_ascii_strict(domain).ok().filter(|_| plain)?;
    let top = domain.rsplit('.').next().unwrap_or_default();
    let named = top.len() > 1 && !top.bytes().all(|byte| byte.is_ascii_digit());
    let written = format!("{local}@{domain}");
    let rules = Options::default().with_required_tld().without_domain_literal().without_display_text();
    let valid = written.len() <= MAX_EMAIL_CHARACTERS && EmailAddress::parse_with_options(&written, rules).is_ok();
    (valid && named).then_some(written)
}

/// The number as E.164 has it: a plus, a country code that does not start with 0, 7 to 15 digits in all. People write
/// spaces, dashes, dots, slashes and brackets, `00` for the plus, and a `(0)` that only callers from inside dial.
fn phone(given: &str) -> Option<String> {
    let trimmed = given.trim().replace("(0)", "");
    let mut digits = String::new();
    let mut plus = false;
    for (place, character) in trimmed.chars().enumerate() {
        match (character, digit(character).and_then(|value| char::from_digit(value, 10))) {
            (_, Some(value)) => digits.push(value),
            ('+' | '\u{ff0b}', None) if place == 0 => plus = true,
            ('-' | '.' | '/' | '(' | ')' | '\u{2010}'..='\u{2015}', None) => {}
            (space, None) if space.is_whitespace() => {}
            (_, None) => return None,
        }
    }
    let number = if plus { digits.as_str() } else { digits.strip_prefix("00")? };
    ((7..=15).contains(&number.len()) && !number.starts_with('0')).then(|| format!("+{number}"))
}
