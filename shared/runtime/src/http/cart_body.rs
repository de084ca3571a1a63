//! The parts of a request that orders and quotes share.

use oms_app::ordering::cart::Item;
use oms_domain::ids::ProductId;
use oms_domain::ordering::address::{Address, Contact};
use serde::Deserialize;
use utoipa::ToSchema;

use super::bounded::{Count, Line, MoneyText, Text};

/// One line of the cart.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemBody {
    /// Id of the product.
    #[schema(value_type = Uuid)]
    product_id: ProductId,
    /// Number of units.
    quantity: Count<1, 9_999>,
    /// The price that the customer saw; if it has changed, nothing is ordered.
    price: Option<MoneyText>,
}

/// An address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddressBody {
    /// The recipient's name.
    recipient_name: Line<0, 200>,
    /// The company, if one receives it.
    company: Option<Line<0, 200>>,
    /// The company's number for value added tax, such as DE123456789.
    vat_id: Option<Line<0, 40>>,
    /// Street and number.
    street_address: Line<0, 200>,
    /// A second line: staircase, floor, door.
    street_address_2: Option<Line<0, 200>>,
    /// City.
    city: Line<0, 200>,
    /// State or province, if the country has them.
    state: Option<Line<0, 200>>,
    /// Postal code, if the country has them.
    postal_code: Option<Line<0, 20>>,
    /// Country code, ISO 3166-1 alpha-2.
    country: Text<0, 40>,
}

// Personal data never reaches a log by accident.
impl std::fmt::Debug for AddressBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AddressBody(..)")
    }
}

/// How to reach the customer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactBody {
    /// The customer's name.
    name: Line<1, 200>,
    /// One e-mail address. A domain of other scripts is written as DNS has it.
    email: Line<3, 254>,
    /// International phone number for SMS, such as +49 170 1234567; stored as E.164 has it. Empty means none.
    phone: Option<Text<0, 40>>,
}

// Personal data never reaches a log by accident.
impl std::fmt::Debug for ContactBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ContactBody(..)")
    }
}

impl From<ContactBody> for Contact {
    fn from(body: ContactBody) -> Self {
        Contact { name: body.name.into(), email: body.email.into(), phone: body.phone.map(Into::into) }
    }
}

impl From<AddressBody> for Address {
    fn from(body: AddressBody) -> Self {
        Address {
            recipient_name: body.recipient_name.into(),
            company: body.company.map(Into::into),
            vat_id: body.vat_id.map(Into::into),
            street_address: body.street_address.into(),
            street_address_2: body.street_address_2.map(Into::into),
            city: body.city.into(),
            state: body.state.map(Into::into),
            postal_code: body.postal_code.map(Into::into),
            country: body.country.into(),
        }
    }
}

impl From<ItemBody> for Item {
    fn from(body: ItemBody) -> Self {
        let ItemBody { product_id, quantity, price } = body;
        Item { product_id, quantity: quantity.into(), price: price.map(Into::into) }
    }
}
