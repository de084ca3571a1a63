//! Stream → topic: everything once or again, and never out of order within an order.

use std::sync::Arc;

use oms_app::platform::publisher::MAX_BATCH;
use oms_app::platform::relay::{Relay, StreamRecord};
use oms_domain::ordering::Status;
use oms_testkit::builders::customer;
use oms_testkit::memory::MemoryMetrics;

use crate::shop::{Shop, a_cart, a_publisher};

fn versions(shop: &Shop) -> Vec<String> {
    shop.bus.published().into_iter().map(|event| event.id).collect()
}

#[tokio::test]
async fn what_is_committed_is_published_in_order() {
    let shop = Shop::open();
    let order = shop.a_paid_order(1).await;
    assert!(shop.relay.run(&shop.stream(order.id, "s").await).await.is_empty());
    let expected = ["order.created", "order.submitted", "order.payment_requested", "order.payment_confirmed"];
    assert_eq!(shop.bus.names(), expected);
}

#[tokio::test]
async fn a_failing_event_lets_no_later_one_of_its_order_overtake_and_keeps_no_other_order() {
    let shop = Shop::open();
    let ada = shop.an_order_that_is(Status::Processing).await;
    let bob = shop.create(a_cart([(1, 1)]).from(customer("bob"))).await.unwrap().order;
    let mut records = shop.stream(ada.id, "ada-").await;
    records.extend(shop.stream(bob.id, "bob-").await);
    // The first event of the first round is Ada's first.
    shop.bus.fail_next(1);
    let again = shop.relay.run(&records).await;
    assert_eq!(again, ["ada-1", "ada-2", "ada-3", "ada-4", "ada-5", "ada-6"]);
    assert_eq!(versions(&shop), [format!("{}/1", bob.id), format!("{}/2", bob.id)]);

    // The stream delivers from the first failure on: everything comes out, in order, and Bob's are dropped as repeats.
    assert!(shop.relay.run(&records).await.is_empty());
    let of_ada: Vec<u64> =
        shop.bus.published().iter().filter(|event| event.subject == ada.id).map(|event| event.data.version).collect();
    assert_eq!(of_ada, [1, 2, 3, 4, 5, 6]);
    assert_eq!(versions(&shop).len(), 8);
}

#[tokio::test]
async fn a_call_holds_at_most_ten_events_and_one_of_each_order() {
    let shop = Shop::open();
    let mut records = Vec::new();
    for number in 0..12 {
        let cart = a_cart([(1, 1)]).from(customer(&format!("customer-{number}")));
        let order = shop.create(cart).await.unwrap().order;
        records.extend(shop.stream(order.id, &format!("{number}-")).await);
    }
    assert!(shop.relay.run(&records).await.is_empty());
    let calls = shop.bus.calls();
    assert_eq!(calls.iter().map(Vec::len).collect::<Vec<_>>(), [MAX_BATCH, 2, MAX_BATCH, 2]);
    for call in calls {
        let mut orders: Vec<_> = call.iter().map(|event| event.subject).collect();
        orders.sort_unstable();
        orders.dedup();
        assert_eq!(orders.len(), call.len());
    }
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_reported_and_keeps_nobody_else() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let mut records = shop.stream(order.id, "s").await;
    let poison = |number: &str, order_id, body: &str| StreamRecord {
        sequence_number: number.into(),
        order_id,
        version: Some(1),
        body: body.into(),
    };
    records.insert(0, poison("p1", None, &records[0].body));
    records.insert(1, poison("p2", Some(oms_testkit::builders::order_id(9)), "{"));
    assert_eq!(shop.relay.run(&records).await, ["p1", "p2"]);
    assert_eq!(versions(&shop).len(), 2);
}

#[tokio::test]
async fn what_follows_an_unreadable_event_of_its_order_waits_and_other_orders_do_not() {
    let shop = Shop::open();
    let ada = shop.an_order_that_is(Status::Processing).await;
    let bob = shop.create(a_cart([(1, 1)]).from(customer("bob"))).await.unwrap().order;
    shop.store.overwrite_event(ada.id, 2, "{}");
    let mut records = shop.stream(ada.id, "ada-").await;
    records.extend(shop.stream(bob.id, "bob-").await);
    assert_eq!(shop.relay.run(&records).await, ["ada-2", "ada-3", "ada-4", "ada-5", "ada-6"]);
    let of_ada: Vec<u64> =
        shop.bus.published().iter().filter(|event| event.subject == ada.id).map(|event| event.data.version).collect();
    assert_eq!(of_ada, [1]);
    assert_eq!(versions(&shop).iter().filter(|id| id.starts_with(&bob.id.to_string())).count(), 2);
}

#[tokio::test]
async fn an_event_that_arrives_damaged_is_read_from_the_table() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let mut records = shop.stream(order.id, "s").await;
    records[0].body = "{".to_owned();
    assert!(shop.relay.run(&records).await.is_empty());
    assert_eq!(versions(&shop), [format!("{}/1", order.id), format!("{}/2", order.id)]);
}

fn created(metrics: &MemoryMetrics) -> usize {
    metrics.figures().iter().filter(|(name, _)| *name == "orders_created_total").count()
}

#[tokio::test]
async fn p4_an_event_is_counted_when_the_stream_will_not_deliver_it_again() {
    let shop = Shop::open();
    let metrics = MemoryMetrics::default();
    let relay = Relay::new(a_publisher(&shop.store, &shop.bus, &shop.clock)).with_metrics(Arc::new(metrics.clone()));
    let ada = shop.an_order_that_is(Status::Delivered).await;
    let bob = shop.create(a_cart([(1, 1)]).from(customer("bob"))).await.unwrap().order;
    let mut records = shop.stream(bob.id, "bob-").await;
    records.extend(shop.stream(ada.id, "ada-").await);

    // The first record is not published: the stream delivers all of them again.
    shop.bus.fail_next(1);
    let again = relay.run(&records).await;
    assert_eq!(again[0], "bob-1");
    assert!(metrics.figures().is_empty(), "all of it comes again: {:?}", metrics.figures());

    assert!(relay.run(&records).await.is_empty());
    let names: Vec<&str> = metrics.figures().into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "orders_created_total",
            "order_value",
            "orders_created_total",
            "order_value",
            "orders_completed_total",
            "order_processing_duration"
        ]
    );
}

#[tokio::test]
async fn p4_what_is_published_beside_a_failure_is_counted_once() {
    let shop = Shop::open();
    let metrics = MemoryMetrics::default();
    let relay = Relay::new(a_publisher(&shop.store, &shop.bus, &shop.clock)).with_metrics(Arc::new(metrics.clone()));
    let bob = shop.create(a_cart([(1, 1)]).from(customer("bob"))).await.unwrap().order;
    let mut records = shop.stream(bob.id, "bob-").await;
    let poison = StreamRecord { sequence_number: "p".into(), order_id: None, version: None, body: "{".into() };
    // Before the failure it is over, behind it it comes again.
    records.push(poison.clone());
    assert_eq!(relay.run(&records).await, ["p"]);
    assert_eq!(created(&metrics), 1);
    let carol = shop.create(a_cart([(1, 2)]).from(customer("carol"))).await.unwrap().order;
    let behind: Vec<StreamRecord> = [poison].into_iter().chain(shop.stream(carol.id, "carol-").await).collect();
    assert_eq!(relay.run(&behind).await, ["p"]);
    assert_eq!(relay.run(&behind).await, ["p"]);
    assert_eq!(created(&metrics), 1);
    assert!(relay.run(&behind[1..]).await.is_empty());
    assert_eq!(created(&metrics), 2);
}
