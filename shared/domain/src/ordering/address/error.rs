//! Why an address cannot be delivered to.

/// Why an address cannot be delivered to (A13, `ORD-1002`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The country is not an ISO 3166-1 alpha-2 code.
    #[error("`{0}` is not a two-letter ISO 3166-1 country code")]
    UnknownCountry(String),
    /// A field that every address, or every address of this country, needs is empty.
    #[error("`{0}` must not be empty")]
    Missing(&'static str),
    /// A field holds a line break, another control character, or one that turns the direction of the text.
    #[error("`{0}` must be one line without control characters")]
    NotOneLine(&'static str),
    /// A field holds somebody's web address.
    #[error("`{0}` must not hold a web address")]
    Link(&'static str),
    /// Not a number for value added tax.
    #[error("`vat_id` must be 4 to 20 letters and digits such as DE123456789")]
    VatId,
    /// The postal code is not one of this country.
    #[error("`{given}` is not a postal code in {country}; an example is {example}")]
    PostalCode {
        /// What was given.
        given: String,
        /// ISO 3166-1 alpha-2.
        country: &'static str,
        /// What one looks like.
        example: &'static str,
    },
    /// The state is not one of this country.
    #[error("`{given}` is not a state, province or territory of {country}; use its postal abbreviation")]
    State {
        /// What was given.
        given: String,
        /// ISO 3166-1 alpha-2.
        country: &'static str,
    },
}

impl AddressError {
    /// The field that is wrong.
    pub const fn field(&self) -> &'static str {
        match self {
            AddressError::UnknownCountry(_) => "country",
            AddressError::Missing(field) | AddressError::NotOneLine(field) | AddressError::Link(field) => field,
            AddressError::VatId => "vat_id",
            AddressError::PostalCode { .. } => "postal_code",
            AddressError::State { .. } => "state",
        }
    }
}
