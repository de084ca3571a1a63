//! What a request costs at most, whoever sends it.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use oms_adapters::dynamodb::{DynamoCatalog, DynamoOrders, Tables};
use oms_app::ports::{Catalog as _, ListQuery, Orders as _, Scope};
use oms_domain::ordering::Status;
use oms_testkit::SeededRandom;
use oms_testkit::builders::{order_id, product_id, user};
use oms_testkit::store::{CATALOG, EmbeddedDynamo, ORDERS};

fn tables() -> Tables {
    Tables { orders: ORDERS.name.into(), catalog: CATALOG.name.into() }
}

#[tokio::test]
async fn a4_parts_of_a_long_read_are_no_retries() {
    let store = EmbeddedDynamo::start().await;
    let catalog = DynamoCatalog::new(store.client.clone(), tables());
    let ids: Vec<_> = (1..=1_000).map(product_id).collect();
    let (products, _) = catalog.quote(&ids).await.unwrap();
    assert!(products.is_empty());
}

/// One of ada's drafts, as far as lists know it.
fn a_draft(number: u64) -> WriteRequest {
    let id = order_id(number);
    let text = |value: String| AttributeValue::S(value);
    let item = HashMap::from([
        ("pk".to_owned(), text(format!("ORDER#{id}"))),
        ("sk".to_owned(), text("ORDER".to_owned())),
        ("customer".to_owned(), text(user("ada").to_string())),
        ("created".to_owned(), text(format!("2026-01-05T10:00:00.000Z#{id}"))),
        ("status".to_owned(), text("draft".to_owned())),
    ]);
    WriteRequest::builder().put_request(PutRequest::builder().set_item(Some(item)).build().unwrap()).build()
}

#[tokio::test]
async fn a7_a_filtered_list_looks_at_a_bounded_number_of_orders() {
    let store = EmbeddedDynamo::start().await;
    let drafts: Vec<_> = (1..=1_100).map(a_draft).collect();
    for some in drafts.chunks(25) {
        let call = store.quiet_client().batch_write_item().request_items(ORDERS.name, some.to_vec());
        call.send().await.unwrap();
    }
    let orders = DynamoOrders::new(store.client.clone(), tables(), Arc::new(SeededRandom::default()));
    let mut query = ListQuery {
        scope: Scope::Customer(user("ada")),
        statuses: vec![Status::Confirmed],
        from: None,
        until: None,
        newest_first: true,
        limit: 20,
        after: None,
    };
    store.meter.reset();
    let first = orders.list(&query).await.unwrap();
    assert_eq!((first.entries.len(), store.meter.round_trips()), (0, 4));
    query.after = first.next;
    assert!(query.after.is_some(), "there are more to look at");
    let rest = orders.list(&query).await.unwrap();
    assert_eq!((rest.entries.len(), rest.next), (0, None));
}
