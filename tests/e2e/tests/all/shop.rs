//! What there is to buy, and what a customer sends to buy it.

use serde_json::{Value, json};

/// 100 units at 19.90 EUR.
pub(crate) const MUG: &str = "01990000-0000-7000-8000-000000000001";
/// 80 units at 21.90 EUR, in the mug's category.
pub(crate) const SAND_MUG: &str = "01990000-0000-7000-8000-000000000002";
/// 500 units at 8.90 EUR, of another seller.
pub(crate) const TEA: &str = "01990000-0000-7000-8000-000000000003";
/// 500 units at 6.90 EUR.
pub(crate) const MINT: &str = "01990000-0000-7000-8000-000000000004";
/// 50 units at 120.00 EUR.
pub(crate) const PRINT: &str = "01990000-0000-7000-8000-000000000006";
/// Not sold everywhere.
pub(crate) const KETTLE: &str = "01990000-0000-7000-8000-000000000007";
/// One unit.
pub(crate) const LAST_BOWL: &str = "01990000-0000-7000-8000-000000000008";
/// Not in the catalog.
pub(crate) const NO_PRODUCT: &str = "01990000-0000-7000-8000-0000000000ff";

/// Whose the mugs are, and whose the tea.
pub(crate) const POTTERY: &str = "north-pottery";
pub(crate) const TEA_HOUSE: &str = "harbour-tea";

/// The body of an order for these products.
pub(crate) fn cart(items: &[(&str, u32)]) -> Value {
    let items: Vec<Value> =
        items.iter().map(|(product, quantity)| json!({"product_id": product, "quantity": quantity})).collect();
    json!({
        "items": items,
        "contact": { "name": "Ada Lovelace", "email": "ada@example.com", "phone": "+491701234567" },
        "shipping_address": {
            "recipient_name": "Ada Lovelace", "street_address": "Unter den Linden 1", "city": "Berlin",
            "postal_code": "10117", "country": "DE"
        }
    })
}

/// The same body with one part set to something else, by JSON pointer; null takes the part away.
pub(crate) fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap();
    match parent {
        Value::Array(entries) => entries[name.parse::<usize>().unwrap()] = value,
        Value::Object(members) if value.is_null() => {
            members.remove(name);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => parent[name] = value,
    }
    body
}

/// The text of a member.
#[track_caller]
pub(crate) fn text<'a>(body: &'a Value, member: &str) -> &'a str {
    body[member].as_str().unwrap_or_else(|| panic!("no {member} in {body}"))
}

/// The id of an order that was answered.
#[track_caller]
pub(crate) fn id(order: &Value) -> &str {
    text(order, "id")
}
