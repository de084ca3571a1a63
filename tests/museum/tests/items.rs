//! Every stored item is read by the adapter of its port.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::events::streams;
use crate::folder::{Folder, behind, key, text};
use crate::now::{self, FoundOrder, Store};

/// Later than any item that is kept.
const AFTER_ALL: &str = "2199-01-01T00:00:00Z";

/// Earlier than any item that is kept.
const BEFORE_ALL: &str = "2020-01-01T00:00:00Z";

async fn store_of(folder: &Folder) -> (Store, Vec<Value>, Vec<Value>) {
    let (orders, catalog) = (folder.items("orders"), folder.items("catalog"));
    (Store::holding(&orders, &catalog).await, orders, catalog)
}

fn body(item: &Value) -> &str {
    text(item, "body")
}

/// The shipments of a parcel, each with the time when it left. Before there was a set of them there was one, of whom nothing more is known.
fn owners_of(item: &Value) -> BTreeSet<String> {
    let set = item["owners"]["SS"].as_array().cloned().unwrap_or_default();
    let before = if item["before"].is_object() { text(item, "before") } else { text(item, "shipment") };
    let before = Some(before).filter(|before| !before.is_empty()).map(|before| format!("{before} "));
    set.iter().map(|owner| owner.as_str().unwrap().to_owned()).chain(before).collect()
}

fn number(item: &Value, attribute: &str) -> u64 {
    item[attribute]["N"].as_str().unwrap_or_else(|| panic!("no number {attribute} in {item}")).parse().unwrap()
}

#[tokio::test]
async fn every_item_of_the_table_of_orders_is_read_as_it_was_written() {
    for folder in Folder::all() {
        let (store, orders, _) = store_of(&folder).await;
        for (order, stream) in streams(&folder) {
            order_is_read(&store, &order, &orders, &stream).await;
        }
        let due = store.due_tasks(AFTER_ALL).await;
        let to_come_back_to = |item: &Value| due.contains(&(key(item).0.to_owned(), key(item).1.to_owned()));
        for item in &orders {
            let (pk, sk) = key(item);
            let id = pk.split_once('#').map_or("", |(_, id)| id);
            let word = sk.split_once('#').map_or(sk, |(word, _)| word);
            match word {
                // With the order, above.
                "ORDER" | "PERSON" | "EVENT" => {}
                "COMMAND" => {
                    let expected = json!({
                        "request": text(item, "request"), "outcome": text(item, "outcome"),
                        "expires_at": item["expires_at"]["N"],
                    });
                    assert_eq!(store.command(id, behind(sk, "COMMAND#")).await, expected);
                }
                "CHECKOUT" => {
                    assert_eq!(store.page(id, behind(sk, "CHECKOUT#")).await, body(item));
                    assert_eq!(to_come_back_to(item), item["due"].is_object(), "{item}");
                }
                "SHIPMENT" => {
                    let listed: Value = serde_json::from_str(body(item)).unwrap();
                    let parcels = listed["parcels"].as_array().map_or(0, Vec::len);
                    let wanted = (listed["id"].as_str().unwrap(), listed["status"].as_str().unwrap(), parcels);
                    let found = store.shipments().await;
                    let found = found.iter().any(|(id, status, parcels)| (&**id, &**status, *parcels) == wanted);
                    assert!(found, "{item}");
                }
                "PARCEL" => {
                    let (carrier, number) = id.split_once('#').unwrap();
                    let (owners, version, journey) = store.parcel(carrier, number).await;
                    assert_eq!(owners, owners_of(item), "{item}");
                    assert_eq!((version, journey.as_str()), (self::number(item, "version"), body(item)), "{item}");
                    assert_eq!(to_come_back_to(item), item["due"].is_object(), "{item}");
                }
                "REFUND" => assert!(to_come_back_to(item), "{item}"),
                "LABEL" => assert_eq!(to_come_back_to(item), item["due"].is_object(), "{item}"),
                "NOTICE" => {
                    let (version, channel) = behind(sk, "NOTICE#").split_once('#').unwrap();
                    let found = store.notice(id, version.parse().unwrap(), channel, AFTER_ALL).await;
                    assert_eq!(found, text(item, "state"), "{item}");
                }
                "PARKED" => {
                    assert_eq!(store.parked(id).await, body(item));
                    assert!(to_come_back_to(item), "{item}");
                }
                "CIRCUIT" => {
                    let circuit = store.circuit(id).await;
                    assert_eq!(circuit["failures"], number(item, "failures"), "{item}");
                    assert_eq!(circuit["version"], number(item, "version"), "{item}");
                    assert_eq!(circuit["until"].as_str(), item["until"]["S"].as_str(), "{item}");
                }
                "PUBLISHED" => {
                    assert_eq!(store.published(id).await, number(item, "published"), "{item}");
                    let waits = store.unpublished(AFTER_ALL).await.contains(id);
                    assert_eq!(waits, item["due"].is_object(), "{item}");
                }
                "STANDING" if pk.starts_with("RECIPIENT#") => {
                    for place in 0..60 {
                        let Some(at) = item[format!("m{place}")]["N"].as_str() else { break };
                        let found = store.messages_to(id, place + 1, BEFORE_ALL).await;
                        let at: i64 = at.parse().unwrap();
                        assert_eq!(found, (at > 0).then_some(at), "m{place} of {item}");
                    }
                }
                "USES" => assert_eq!(u64::from(store.used((id, None, None)).await), number(item, "used")),
                _ => of_a_customer_is_read(&store, item).await,
            }
        }
    }
}

/// The order, its person and its events.
async fn order_is_read(store: &Store, order: &Value, orders: &[Value], stream: &[String]) {
    let pk = key(order).0;
    let id = behind(pk, "ORDER#");
    let person = orders.iter().find(|item| key(item) == (pk, "PERSON"));
    let expected = FoundOrder {
        state: now::state_written_again(text(order, "state")),
        person: person.map(|person| body(person).to_owned()),
        request: order["request"]["S"].as_str().map(ToOwned::to_owned),
    };
    assert_eq!(store.order(id).await.unwrap(), expected);
    assert_eq!(store.events(id).await, stream);
    let pending = text(order, "status") == "pending";
    assert_eq!(store.overdue(AFTER_ALL).await.contains(id), pending, "{order}");
    assert_eq!(order["due"].is_object(), pending, "{order}");
}

/// What is kept of a customer, and what their provider is to forget.
async fn of_a_customer_is_read(store: &Store, item: &Value) {
    let (pk, sk) = key(item);
    if pk == "REMOVED" {
        let removed: Value = serde_json::from_str(body(item)).unwrap();
        assert!(store.removed(AFTER_ALL).await.contains(&removed), "{item}");
        return;
    }
    let user = behind(pk, "CUSTOMER#");
    match sk.split_once('#') {
        Some(("METHOD", _)) => {
            let kept: Value = serde_json::from_str(body(item)).unwrap();
            assert!(store.methods(user).await.contains(&kept), "{item}");
        }
        Some(("DECISION", _)) => {
            let decided: Value = serde_json::from_str(body(item)).unwrap();
            assert!(store.standings(user).await.contains(&decided), "{item}");
        }
        Some(("PROMOTION", code)) => {
            assert_eq!(u64::from(store.used((code, Some(user), None)).await), number(item, "used"));
        }
        Some(("RATE", minute)) => {
            let counter = (user, None, Some(minute.parse().unwrap()));
            assert_eq!(u64::from(store.used(counter).await), number(item, "used"));
        }
        // It is read where the same cart is ordered again, which a story does.
        Some(("CART", _)) => assert!(store.order(text(item, "order_id")).await.is_some(), "{item}"),
        // Orders have it as a condition; the last decision says the same.
        None if sk == "STANDING" => {
            assert_eq!(store.standings(user).await[0]["blocked"], item["blocked"]["BOOL"], "{item}");
        }
        _ => panic!("nobody reads {item}"),
    }
}

#[tokio::test]
async fn lists_and_counts_find_every_stored_order() {
    for folder in Folder::all() {
        let (store, _, _) = store_of(&folder).await;
        let mut states: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (order, _) in streams(&folder) {
            let customer = text(&order, "customer");
            assert_eq!(store.list(Some(customer), "").await, [text(&order, "summary")], "each order has its customer");
            states.entry(text(&order, "status").to_owned()).or_default().push(text(&order, "summary").to_owned());
        }
        for (status, mut summaries) in states {
            let mut found = store.list(None, &status).await;
            found.sort();
            summaries.sort();
            assert_eq!(found, summaries, "{status}");
            assert_eq!(store.count(&status).await, summaries.len() as u64, "{status}");
        }
    }
}

#[tokio::test]
async fn every_item_of_the_catalogue_is_read_as_it_was_written() {
    for folder in Folder::all() {
        let (store, _, catalog) = store_of(&folder).await;
        for item in &catalog {
            let (pk, sk) = key(item);
            let id = pk.split_once('#').map_or("", |(_, id)| id);
            let (table, version) = sk.split_once('#').unwrap_or((sk, ""));
            if sk == "PRODUCT" {
                product_is_read(&store, item, &catalog).await;
            } else if sk == "PRODUCT#DETAIL" {
                let detail: Value = serde_json::from_str(body(item)).unwrap();
                assert_eq!(store.product(id).await["detail"], detail);
            } else if sk.starts_with("PRODUCT#SHARD#") {
                assert_eq!(store.product(id).await["product"]["hot"], true);
            } else if sk.starts_with("MOVEMENT#") {
                assert!(store.movements(id).await.contains(&body(item).to_owned()), "{item}");
            } else if sk.starts_with("EDIT#") {
                assert_eq!(now::edit_written_again(body(item)), body(item));
            } else if sk == "ALERT" {
                let expected = json!({
                    "crossing": number(item, "crossing"), "low": item["low"]["BOOL"], "told": item["told"]["BOOL"],
                });
                assert_eq!(store.alert(id).await, expected);
            } else if sk.starts_with("SKU#") {
                assert_eq!(
                    store.product_of_sku(id, behind(sk, "SKU#")).await.as_deref(),
                    Some(text(item, "product_id"))
                );
            } else if table == "CHANGE" {
                let (table, _) = version.split_once('#').unwrap();
                assert!(store.table_changes(name_of(table)).await.contains(&body(item).to_owned()), "{item}");
            } else if pk == "RATES" && version.is_empty() {
                assert_eq!(store.table(name_of(table)).await, (number(item, "version"), body(item).to_owned()));
            } else if pk == "RATES" {
                assert_eq!(store.table_at(name_of(table), version.parse().unwrap()).await, body(item));
            } else {
                // A remembered movement is read where it is asked for again, which a message does.
                assert!(sk.starts_with("COMMAND#"), "nobody reads {item}");
            }
        }
    }
}

/// What clients call a table of prices.
fn name_of(table: &str) -> &'static str {
    match table {
        "TAX" => "taxes",
        "SHIPPING" => "shipping",
        "PROMOTIONS" => "promotions",
        "LOCATIONS" => "locations",
        "SHOP" => "shop",
        "RETURNS" => "returns",
        _ => panic!("no table {table}"),
    }
}

/// Attributes and counters; those of a hot product are spread over its shards.
async fn product_is_read(store: &Store, item: &Value, catalog: &[Value]) {
    let (pk, _) = key(item);
    let product = store.product(behind(pk, "PRODUCT#")).await["product"].clone();
    for attribute in ["sku", "name", "category", "seller_id", "currency", "tax_class"] {
        assert_eq!(product[attribute], item[attribute]["S"], "{item}");
    }
    for attribute in ["price", "version", "weight_grams"] {
        assert_eq!(product[attribute], number(item, attribute), "{item}");
    }
    assert_eq!(product["active"], item["active"]["BOOL"], "{item}");
    assert_eq!(product["hot"].as_bool().unwrap_or_default(), item["shards"].is_object(), "{item}");
    let parts: Vec<&Value> = catalog
        .iter()
        .filter(|part| key(part).0 == pk && key(part).1.starts_with("PRODUCT#SHARD#"))
        .chain([item])
        .collect();
    for counter in ["available", "reserved", "on_hold", "damaged", "shipped", "returned", "received", "written_off"] {
        let sum: i64 = parts
            .iter()
            .filter_map(|part| part[counter]["N"].as_str())
            .map(|units| units.parse::<i64>().unwrap())
            .sum();
        assert_eq!(product["stock"][counter].as_i64(), Some(sum), "{counter} of {item}");
    }
    assert_eq!(store.listing().await.contains(behind(pk, "PRODUCT#")), item["list"].is_object(), "{item}");
}

#[tokio::test]
async fn what_items_of_before_lack_is_read_as_it_always_was() {
    let folder = Folder::first();
    let (orders, catalog) = (folder.values("older/orders.jsonl"), folder.values("older/catalog.jsonl"));
    let store = Store::holding(&orders, &catalog).await;
    let mut read = String::new();
    for item in orders.iter().chain(&catalog) {
        let (pk, sk) = key(item);
        let found = match sk {
            "ORDER" => serde_json::from_str(&store.order(behind(pk, "ORDER#")).await.unwrap().state).unwrap(),
            "PRODUCT" | "PRODUCT#DETAIL" => store.product(behind(pk, "PRODUCT#")).await,
            "TAX" | "SHIPPING" | "PROMOTIONS" => {
                let (version, said) = store.table(name_of(sk)).await;
                json!({"version": version, "said": serde_json::from_str::<Value>(&said).unwrap()})
            }
            _ => json!(store.removed(AFTER_ALL).await),
        };
        writeln!(read, "{pk} {sk}\n{found:#}").unwrap();
    }
    insta::assert_snapshot!(read);
}
