//! The tables that tests run on are those of the template.

use oms_it::Template;
use oms_testkit::store::{CATALOG, KeyDefinition, ORDERS, Projection, TableDefinition};
use serde_json::{Value, json};

fn schema(key: KeyDefinition) -> Value {
    json!([{ "AttributeName": key.hash, "KeyType": "HASH" }, { "AttributeName": key.range, "KeyType": "RANGE" }])
}

fn projection(projection: Projection) -> Value {
    match projection {
        Projection::KeysOnly => json!({ "ProjectionType": "KEYS_ONLY" }),
        Projection::Include(names) => json!({ "ProjectionType": "INCLUDE", "NonKeyAttributes": names }),
    }
}

fn attributes(declared: &Value) -> Vec<(&str, &str)> {
    let mut names: Vec<(&str, &str)> = declared
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|part| Some((part["AttributeName"].as_str()?, part["AttributeType"].as_str()?)))
        .collect();
    names.sort_unstable();
    names
}

#[track_caller]
fn assert_same(declared: &Value, table: &TableDefinition) {
    assert_eq!(declared["KeySchema"], schema(table.key), "key of {}", table.name);
    let indexes: Vec<Value> = table
        .indexes
        .iter()
        .map(|index| {
            json!({
                "IndexName": index.name,
                "KeySchema": schema(index.key),
                "Projection": projection(index.projection),
            })
        })
        .collect();
    let declared_indexes = declared["GlobalSecondaryIndexes"].as_array().cloned().unwrap_or_default();
    assert_eq!(declared_indexes, indexes, "indexes of {}", table.name);
    let keys: Vec<(&str, &str)> = table.key_attributes().into_iter().map(|name| (name, "S")).collect();
    assert_eq!(attributes(&declared["AttributeDefinitions"]), keys, "key attributes of {}", table.name);
    let expiry = json!({ "AttributeName": table.expires, "Enabled": true });
    assert_eq!(declared["TimeToLiveSpecification"], expiry, "expiry of {}", table.name);
    let stream = if table.streamed { json!({ "StreamViewType": "NEW_IMAGE" }) } else { Value::Null };
    assert_eq!(declared["StreamSpecification"], stream, "stream of {}", table.name);
}

#[test]
fn tests_run_on_the_tables_of_the_template() {
    let template = Template::read();
    assert_same(template.properties("OrdersTable"), &ORDERS);
    assert_same(template.properties("CatalogTable"), &CATALOG);
}
