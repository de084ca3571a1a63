//! Forms of postal codes and states, by country (A13, `ORD-1002`).
//!
//! In a form, `9` stands for a digit and `A` for a letter; everything else stands for itself. What a customer types is
//! compared without spaces and hyphens and written as the form has it, so `k1a0b1` becomes `K1A 0B1`. Whether a code
//! is in use is for a real address service to say.

use super::error::AddressError;

/// What addresses of one country look like.
#[derive(Debug)]
pub struct Rules {
    country: &'static str,
    forms: &'static [&'static str],
    example: &'static str,
    /// Postal abbreviations; empty where an address needs no state.
    states: &'static [&'static str],
}

const fn digits(country: &'static str, form: &'static [&'static str], example: &'static str) -> Rules {
    Rules { country, forms: form, example, states: &[] }
}

const US_STATES: &[&str] = &[
    "AA", "AE", "AK", "AL", "AP", "AR", "AS", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "GA", "GU", "HI", "IA", "ID",
    "IL", "IN", "KS", "KY", "LA", "MA", "MD", "ME", "MI", "MN", "MO", "MP", "MS", "MT", "NC", "ND", "NE", "NH", "NJ",
    "NM", "NV", "NY", "OH", "OK", "OR", "PA", "PR", "RI", "SC", "SD", "TN", "TX", "UT", "VA", "VI", "VT", "WA", "WI",
    "WV", "WY",
];

const CANADIAN_PROVINCES: &[&str] = &["AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"];

const AUSTRALIAN_STATES: &[&str] = &["ACT", "NSW", "NT", "QLD", "SA", "TAS", "VIC", "WA"];

const BRITISH_FORMS: &[&str] = &["A9 9AA", "A99 9AA", "AA9 9AA", "AA99 9AA", "A9A 9AA", "AA9A 9AA"];

const ALL: &[Rules] = &[
    digits("AT", &["9999"], "1010"),
    Rules { country: "AU", forms: &["9999"], example: "2000", states: AUSTRALIAN_STATES },
    digits("BE", &["9999"], "1000"),
    Rules { country: "CA", forms: &["A9A 9A9"], example: "K1A 0B1", states: CANADIAN_PROVINCES },
    digits("CH", &["9999"], "8001"),
    digits("DE", &["99999"], "10117"),
    digits("ES", &["99999"], "28013"),
    digits("FR", &["99999"], "75001"),
    digits("GB", BRITISH_FORMS, "SW1A 1AA"),
    digits("IT", &["99999"], "00184"),
    digits("NL", &["9999 AA"], "1012 AB"),
    digits("PL", &["99-999"], "00-950"),
    Rules { country: "US", forms: &["99999", "99999-9999"], example: "10001", states: US_STATES },
];

/// Longest code of a state, in characters: ISO 3166-2 has none with more behind the country.
const MAX_STATE_CODE_CHARACTERS: usize = 3;

/// A state as a code, in capitals, if it is written as one and not as free text.
pub fn code(state: &str) -> Option<String> {
    let is_code = (1..=MAX_STATE_CODE_CHARACTERS).contains(&state.len())
        && state.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_code.then(|| state.to_ascii_uppercase())
}

/// The rules of a country, if it has any here.
pub fn rules(country: &str) -> Option<&'static Rules> {
    ALL.iter().find(|rules| rules.country == country)
}

impl Rules {
    /// The code as this country writes it.
    pub fn postal_code(&self, given: Option<&str>) -> Result<String, AddressError> {
        let given = given.ok_or(AddressError::Missing("postal_code"))?;
        self.forms.iter().find_map(|form| written_as(form, given)).ok_or_else(|| AddressError::PostalCode {
            given: given.to_owned(),
            country: self.country,
            example: self.example,
        })
    }

    /// Whether the states of this country are known here.
    pub const fn knows_states(&self) -> bool {
        !self.states.is_empty()
    }

    /// The state's abbreviation; a country that needs none takes whatever is there.
    pub fn state(&self, given: Option<&str>) -> Result<Option<String>, AddressError> {
        if self.states.is_empty() {
            return Ok(given.map(ToOwned::to_owned));
        }
        let given = given.ok_or(AddressError::Missing("state"))?;
        let upper = given.to_ascii_uppercase();
        let known = self.states.contains(&upper.as_str()).then_some(upper);
        known.map(Some).ok_or_else(|| AddressError::State { given: given.to_owned(), country: self.country })
    }
}

/// `given` in this form, or nothing if it has another.
fn written_as(form: &str, given: &str) -> Option<String> {
    let mut rest = given.chars().filter(|character| !matches!(character, ' ' | '-'));
    let mut written = String::with_capacity(form.len());
    for place in form.chars() {
        match place {
            '9' => written.push(rest.next().filter(char::is_ascii_digit)?),
            'A' => written.push(rest.next().filter(char::is_ascii_alphabetic)?.to_ascii_uppercase()),
            fixed => written.push(fixed),
        }
    }
    rest.next().is_none().then_some(written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(country: &str, given: &str) -> Option<String> {
        rules(country).unwrap().postal_code(Some(given)).ok()
    }

    #[test]
    fn every_country_takes_its_own_example_and_asks_for_a_code() {
        for rules in ALL {
            assert_eq!(rules.postal_code(Some(rules.example)).as_deref(), Ok(rules.example), "{}", rules.country);
            assert_eq!(rules.postal_code(None), Err(AddressError::Missing("postal_code")));
        }
        assert!(rules("JP").is_none());
    }

    #[test]
    fn codes_are_written_as_the_country_writes_them() {
        for (country, given, written) in [
            ("CA", "k1a0b1", "K1A 0B1"),
            ("GB", "sw1a1aa", "SW1A 1AA"),
            ("GB", "m1 1ae", "M1 1AE"),
            ("NL", "1012ab", "1012 AB"),
            ("PL", "00950", "00-950"),
            ("US", "100011234", "10001-1234"),
            ("DE", "101 17", "10117"),
        ] {
            assert_eq!(code(country, given).as_deref(), Some(written));
        }
        for (country, given) in [("DE", "1011"), ("DE", "1011A"), ("GB", "10117"), ("US", "1000"), ("NL", "1012")] {
            assert_eq!(code(country, given), None, "{country} {given}");
        }
        assert_eq!(code("DE", "１０１１７"), None, "digits of other scripts are no digits of a parcel label");
    }

    #[test]
    fn states_are_known_where_an_address_needs_one() {
        let state = |country: &str, given| rules(country).unwrap().state(given);
        assert_eq!(state("US", Some("ny")), Ok(Some("NY".into())));
        assert_eq!(state("CA", Some("QC")), Ok(Some("QC".into())));
        assert_eq!(state("AU", None), Err(AddressError::Missing("state")));
        assert_eq!(state("US", Some("ON")), Err(AddressError::State { given: "ON".into(), country: "US" }));
        assert_eq!(state("DE", Some("Berlin")), Ok(Some("Berlin".into())));
    }

    proptest! {
        #[test]
        fn what_was_written_once_is_written_the_same_again(given in "[ A-Za-z0-9-]{0,12}") {
            for rules in ALL {
                if let Ok(written) = rules.postal_code(Some(&given)) {
                    prop_assert_eq!(rules.postal_code(Some(&written)), Ok(written));
                }
            }
        }
    }
}
