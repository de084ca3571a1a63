//! JSON bodies: read strictly, every fault with its place; and no card number gets past here, whatever field it stands in.

use oms_app::Field;
use oms_domain::card::{NO_CARD_NUMBERS, card_like};
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

use super::problem::Problem;
use super::request::Request;
use super::shape::{MAX_FAULTS, Shape, inside};

/// Reads the body as `T`; everything that is wrong with it is told at once, each with its place.
///
/// Texts are looked at for card numbers after their bounds: what is out of bounds is told as that alone.
///
/// Not JSON, or with values of kinds that `T` does not know: `malformed_request`. Unknown or missing fields, broken bounds
/// and numbers like a card's: `validation_failed`. Both at once: `malformed_request`, which names the others as well.
pub fn read_json<T: DeserializeOwned + ToSchema>(request: &Request) -> Result<T, Problem> {
    let bytes = request.bounded_body()?;
    let sent: Value = serde_json::from_slice(bytes)
        .map_err(|error| Problem::malformed(&format!("the body is not JSON: {}", plain(&error))))?;
    let mut faults = Shape::of::<T>().faults(&sent);
    let mut cards = Vec::new();
    card_numbers(&sent, "", &faults.fields, &mut cards);
    faults.fields.extend(cards);
    faults.fields.truncate(MAX_FAULTS);
    if faults.fields.is_empty() {
        // What no schema says: a field that stands twice.
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        return serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let field = Field::new(pointer(&error.path().to_string()), plain(error.inner()));
            Problem::malformed("the body cannot be read").at(field)
        });
    }
    let problem = if faults.wrong_kind {
        Problem::malformed("values have the wrong type, see errors")
    } else {
        Problem::invalid(Vec::new())
    };
    Err(faults.fields.into_iter().fold(problem, Problem::at))
}

/// The same where the body may be missing, or null.
pub fn read_optional_json<T: DeserializeOwned + ToSchema + Default>(request: &Request) -> Result<T, Problem> {
    let missing = matches!(request.bounded_body()?.trim_ascii(), b"" | b"null");
    if missing { Ok(T::default()) } else { read_json(request) }
}

/// `serde_json` adds "at line 1 column 2"; a pointer says it better.
fn plain(error: &serde_json::Error) -> String {
    error.to_string().split(" at line ").next().unwrap_or_default().to_owned()
}

/// Fields of codes that machines make, which may look like a card's number by chance and have rules of their own. Fields
/// that end in `_id` are ids.
const MACHINE_MADE: [&str; 5] = ["sku", "tracking_number", "external_reference", "phone", "images"];

/// Names every text in which a number like a card's stands (E7), fields and names of fields alike.
fn card_numbers(value: &Value, place: &str, told: &[Field], faults: &mut Vec<Field>) {
    if !place.is_empty() && told.iter().any(|fault| fault.pointer == place) {
        return;
    }
    match value {
        Value::String(text) if card_like(text) => faults.push(Field::new(place, NO_CARD_NUMBERS)),
        Value::Array(parts) => {
            for (number, part) in parts.iter().enumerate() {
                card_numbers(part, &format!("{place}/{number}"), told, faults);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                if card_like(name) {
                    faults.push(Field::new(place, NO_CARD_NUMBERS));
                } else if !MACHINE_MADE.contains(&name.as_str()) && !name.ends_with("_id") {
                    card_numbers(field, &inside(place, name), told, faults);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// `items[0].quantity` → `/items/0/quantity`.
fn pointer(path: &str) -> String {
    if path.is_empty() || path == "." {
        return String::new();
    }
    let parts = path.split(['.', '[']).map(|part| part.trim_end_matches(']')).filter(|part| !part.is_empty());
    parts.fold(String::new(), |pointer, part| inside(&pointer, part))
}
