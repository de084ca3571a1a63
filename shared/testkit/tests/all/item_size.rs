//! What an item weighs.

use oms_testkit::store::item_bytes;

#[test]
fn names_count_and_numbers_are_short() {
    let item = serde_json::json!({ "pk": { "S": "ORDER" }, "version": { "N": "12" }, "active": { "BOOL": true } });
    assert_eq!(item_bytes(item.as_object().unwrap()), (2 + 5) + (7 + 2) + (6 + 1));
}
