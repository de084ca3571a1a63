//! JSON bodies: read strictly, every fault with its place; and no card number gets past here, whatever field it stands in.

use garde::Validate;
use oms_app::Field;
use oms_domain::card::{NO_CARD_NUMBERS, card_like};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::problem::Problem;
use super::request::Request;

/// A body that was read and whose fields are within their bounds.
#[derive(Debug, Clone)]
pub struct Checked<T>(pub T);

/// Reads the body as `T` and checks the bounds that `T` declares.
///
/// Not JSON, or of wrong types: `malformed_request`. Unknown or missing fields, broken bounds and numbers like a card's: `validation_failed`.
pub fn read_json<T>(request: &Request) -> Result<T, Problem>
where
    T: DeserializeOwned + Validate,
    T::Context: Default,
{
    let bytes = request.bounded_body()?;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut reader).map_err(|error| fault(&error))?;
    reader.end().map_err(|_| Problem::malformed("the body has extra content after the JSON value"))?;
    let mut faults = Vec::new();
    if let Err(report) = value.validate() {
        faults.extend(report.iter().map(|(path, error)| Field::new(pointer(&path.to_string()), error.message())));
    }
    // It was JSON a moment ago.
    card_numbers(&serde_json::from_slice(bytes).unwrap_or_default(), "", &mut faults);
    if faults.is_empty() { Ok(value) } else { Err(Problem::invalid(faults)) }
}

/// Fields of numbers that machines make, which may look like a card's by chance and have rules of their own. Fields that
/// end in `_id` are ids.
const MACHINE_MADE: [&str; 3] = ["tracking_number", "phone", "images"];

/// Names every text in which a number like a card's stands (E7), fields and names of fields alike.
fn card_numbers(value: &Value, place: &str, faults: &mut Vec<Field>) {
    match value {
        Value::String(text) if card_like(text) => faults.push(Field::new(place, NO_CARD_NUMBERS)),
        Value::Array(parts) => {
            for (number, part) in parts.iter().enumerate() {
                card_numbers(part, &format!("{place}/{number}"), faults);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                if card_like(name) {
                    faults.push(Field::new(place, NO_CARD_NUMBERS));
                } else if !MACHINE_MADE.contains(&name.as_str()) && !name.ends_with("_id") {
                    let name = name.replace('~', "~0").replace('/', "~1");
                    card_numbers(field, &format!("{place}/{name}"), faults);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A rule for fields of one line: what prints, no control characters. They would end in mails, SMS and on labels.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "garde hands over references")]
pub fn one_line(text: &str, _: &()) -> garde::Result {
    if text.chars().any(char::is_control) {
        return Err(garde::Error::new("must be one line without control characters"));
    }
    Ok(())
}

fn fault(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let place = pointer(&error.path().to_string());
    let inner = error.inner();
    let message = inner.to_string();
    // serde_json adds "at line 1 column 2"; the pointer says it better.
    let message = message.split(" at line ").next().unwrap_or_default().to_owned();
    let named = message.split('`').nth(1).unwrap_or_default();
    if message.starts_with("missing field") {
        return Problem::invalid(vec![Field::new(format!("{place}/{named}"), "is missing")]);
    }
    if message.starts_with("unknown field") {
        let place = if place.ends_with(&format!("/{named}")) { place } else { format!("{place}/{named}") };
        return Problem::invalid(vec![Field::new(place, "is not a field of this request")]);
    }
    if inner.is_data() {
        return Problem::malformed("a value has the wrong type").at(Field::new(place, message));
    }
    Problem::malformed(&format!("the body is not JSON: {message}"))
}

/// `items[0].quantity` → `/items/0/quantity`.
fn pointer(path: &str) -> String {
    if path.is_empty() || path == "." {
        return String::new();
    }
    let parts = path.split(['.', '[']).map(|part| part.trim_end_matches(']')).filter(|part| !part.is_empty());
    parts.fold(String::new(), |mut pointer, part| {
        pointer.push('/');
        pointer.push_str(&part.replace('~', "~0").replace('/', "~1"));
        pointer
    })
}
