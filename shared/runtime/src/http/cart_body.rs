//! The parts of a request that orders and quotes share.

use garde::Validate;
use oms_app::Field;
use oms_app::ordering::cart::Item;
use oms_domain::ordering::address::Address;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::one_line;
use super::problem::Problem;

/// One line of the cart.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemBody {
    /// Id of the product.
    #[garde(length(min = 1, max = 40))]
    product_id: String,
    /// Number of units, 1 to 9,999.
    #[garde(range(min = 1, max = 9_999))]
    quantity: u32,
    /// The price that the customer saw; if it has changed, nothing is ordered.
    #[garde(length(min = 1, max = 24))]
    price: Option<String>,
}

/// An address.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddressBody {
    /// The recipient's name.
    #[garde(length(chars, max = 200), custom(one_line))]
    recipient_name: String,
    /// Street and number.
    #[garde(length(chars, max = 200), custom(one_line))]
    street_address: String,
    /// City.
    #[garde(length(chars, max = 200), custom(one_line))]
    city: String,
    /// State or province, if the country has them.
    #[garde(length(chars, max = 200), inner(custom(one_line)))]
    state: Option<String>,
    /// Postal code, if the country has them.
    #[garde(length(chars, max = 20), inner(custom(one_line)))]
    postal_code: Option<String>,
    /// Country code, ISO 3166-1 alpha-2.
    #[garde(length(chars, max = 40))]
    country: String,
}

// Personal data never reaches a log by accident.
impl std::fmt::Debug for AddressBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AddressBody(..)")
    }
}

impl From<AddressBody> for Address {
    fn from(body: AddressBody) -> Self {
        Address {
            recipient_name: body.recipient_name,
            street_address: body.street_address,
            city: body.city,
            state: body.state,
            postal_code: body.postal_code,
            country: body.country,
        }
    }
}

/// The lines, or the places of those that name no product.
pub fn items(bodies: Vec<ItemBody>) -> Result<Vec<Item>, Problem> {
    let mut faults = Vec::new();
    let mut items = Vec::with_capacity(bodies.len());
    for (place, body) in bodies.into_iter().enumerate() {
        match body.product_id.parse() {
            Ok(product_id) => items.push(Item { product_id, quantity: body.quantity, price: body.price }),
            Err(_) => faults.push(Field::new(format!("/items/{place}/product_id"), "is not a product id")),
        }
    }
    if faults.is_empty() { Ok(items) } else { Err(Problem::invalid(faults)) }
}
