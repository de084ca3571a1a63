//! An address as people write it on a parcel.

use super::{Address, postal};

/// A line of an address, and its end, without which a parcel does not get far.
#[derive(Clone, PartialEq, Eq)]
pub struct AddressLine {
    pub text: String,
    /// Postal code, and state or province, where they stand behind the city; else empty.
    pub end: String,
}

impl AddressLine {
    fn of(text: &str) -> Self {
        AddressLine { text: text.to_owned(), end: String::new() }
    }

    /// The whole of it.
    pub fn whole(&self) -> String {
        let gap = if self.end.is_empty() { "" } else { " " };
        format!("{}{gap}{}", self.text, self.end)
    }
}

/// Where the postal code stands behind the city, and state or province between them.
const CITY_FIRST: [&str; 8] = ["AU", "CA", "GB", "IE", "IN", "NZ", "US", "ZA"];

/// Names of countries that the standard has none for, or one that people do not write on parcels.
const NAMES: [(&str, &str); 3] = [("GB", "United Kingdom"), ("US", "United States"), ("XK", "Kosovo")];

impl Address {
    /// The lines as the address's country writes them; at most six, of which the last is the country in English capitals.
    pub fn lines(&self) -> Vec<AddressLine> {
        let street = [
            Some(&self.recipient_name),
            self.company.as_ref(),
            Some(&self.street_address),
            self.street_address_2.as_ref(),
        ];
        let mut lines: Vec<AddressLine> = street.into_iter().flatten().map(|line| AddressLine::of(line)).collect();
        lines.push(self.city_line());
        lines.push(AddressLine::of(&country(&self.country).to_uppercase()));
        lines
    }

    fn city_line(&self) -> AddressLine {
        let code = self.postal_code.as_deref().unwrap_or_default();
        if !CITY_FIRST.contains(&self.country.as_str()) {
            let state = self.state.as_ref().map(|state| format!(", {state}")).unwrap_or_default();
            return AddressLine::of(format!("{code} {}{state}", self.city).trim_start());
        }
        let state = self.state.as_deref();
        let (text, end) = match (state, state.and_then(postal::code)) {
            (_, Some(short)) => (format!("{},", self.city), format!("{short} {code}")),
            (Some(long), None) => (format!("{}, {long}", self.city), code.to_owned()),
            (None, None) => (self.city.clone(), code.to_owned()),
        };
        AddressLine { text, end: end.trim_end().to_owned() }
    }
}

/// The country's name in English.
fn country(code: &str) -> &str {
    let ours = NAMES.iter().find(|(named, _)| *named == code).map(|(_, name)| *name);
    ours.or_else(|| rust_iso3166::from_alpha2(code).map(|country| country.name)).unwrap_or(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(city: &str, state: Option<&str>, postal_code: Option<&str>, country: &str) -> Vec<String> {
        let address = Address {
            recipient_name: "Ada Lovelace".into(),
            street_address: "Main Street 1".into(),
            city: city.into(),
            state: state.map(Into::into),
            postal_code: postal_code.map(Into::into),
            country: country.into(),
            ..Address::default()
        };
        address.lines().iter().skip(2).map(AddressLine::whole).collect()
    }

    #[test]
    fn city_and_code_stand_as_the_country_writes_them() {
        assert_eq!(written("Berlin", None, Some("10117"), "DE"), ["10117 Berlin", "GERMANY"]);
        assert_eq!(written("New York", Some("NY"), Some("10001"), "US"), ["New York, NY 10001", "UNITED STATES"]);
        assert_eq!(written("London", None, Some("SW1A 1AA"), "GB"), ["London SW1A 1AA", "UNITED KINGDOM"]);
        assert_eq!(written("Pune", Some("Maharashtra"), None, "IN"), ["Pune, Maharashtra", "INDIA"]);
        assert_eq!(written("Kyoto", Some("Kyoto-fu"), Some("606-0807"), "JP"), ["606-0807 Kyoto, Kyoto-fu", "JAPAN"]);
        assert_eq!(written("Dubai", None, None, "AE"), ["Dubai", "UNITED ARAB EMIRATES"]);
    }
}
