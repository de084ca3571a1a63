//! How large an item is by DynamoDB's rules, from its JSON on the wire.

use serde_json::{Map, Value};

/// Bytes that a list or map takes beside its elements, and each element beside itself.
const CONTAINER_BYTES: usize = 3;
const ELEMENT_BYTES: usize = 1;

/// The size of an item in bytes: names and values in UTF-8, numbers two digits to a byte.
pub fn item_bytes(item: &Map<String, Value>) -> usize {
    item.iter().map(|(name, value)| name.len() + value_bytes(value)).sum()
}

fn value_bytes(value: &Value) -> usize {
    let Some((kind, inner)) = value.as_object().and_then(|object| object.iter().next()) else { return 0 };
    let text = |value: &Value| value.as_str().map_or(0, str::len);
    let elements = |value: &Value| value.as_array().cloned().unwrap_or_default();
    match kind.as_str() {
        "S" => text(inner),
        "N" => number_bytes(inner.as_str().unwrap_or_default()),
        "B" => text(inner) / 4 * 3,
        "BOOL" | "NULL" => 1,
        "SS" | "BS" => elements(inner).iter().map(text).sum(),
        "NS" => elements(inner).iter().map(|value| number_bytes(value.as_str().unwrap_or_default())).sum(),
        "L" => CONTAINER_BYTES + elements(inner).iter().map(|value| ELEMENT_BYTES + value_bytes(value)).sum::<usize>(),
        "M" => {
            let entries = inner.as_object().cloned().unwrap_or_default();
            let parts = entries.iter().map(|(name, value)| ELEMENT_BYTES + name.len() + value_bytes(value));
            CONTAINER_BYTES + parts.sum::<usize>()
        }
        _ => 0,
    }
}

fn number_bytes(number: &str) -> usize {
    let digits = number.trim_start_matches('-').replace('.', "");
    let significant = digits.trim_matches('0').len();
    significant.div_ceil(2) + 1 + usize::from(number.starts_with('-'))
}
