//! JSON bodies: read strictly, every fault with its place.

use garde::Validate;
use oms_app::Field;
use serde::de::DeserializeOwned;

use super::problem::Problem;
use super::request::Request;

/// A body that was read and whose fields are within their bounds.
#[derive(Debug, Clone)]
pub struct Checked<T>(pub T);

/// Reads the body as `T` and checks the bounds that `T` declares.
///
/// Not JSON, or of wrong types: `malformed_request`. Unknown or missing fields and broken bounds: `validation_failed`.
pub fn read_json<T>(request: &Request) -> Result<T, Problem>
where
    T: DeserializeOwned + Validate,
    T::Context: Default,
{
    let bytes = request.bounded_body()?;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut reader).map_err(|error| fault(&error))?;
    reader.end().map_err(|_| Problem::malformed("there is more after the JSON value"))?;
    value.validate().map_err(|report| {
        let fields = report.iter().map(|(path, error)| Field::new(pointer(&path.to_string()), error.message()));
        Problem::invalid(fields.collect())
    })?;
    Ok(value)
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
