//! The stream promises no order among the events of an order: whatever comes first, version n is published after n-1.

use std::sync::Arc;

use oms_app::platform::catch_up::{CatchUp, CaughtUp};
use oms_app::platform::relay::{Relay, StreamRecord};
use oms_app::platform::sweep::Swept;
use oms_app::ports::{Clock as _, Marker};
use oms_domain::ids::OrderId;
use oms_domain::ordering::Status;
use oms_testkit::builders::{a_product, admin, customer};
use oms_testkit::{Fault, SeededRandom, start};

use crate::shop::{Asked as _, REQUEST, Shop, a_cart, a_publisher, to_status};

/// A process of the relay that has just begun.
fn a_relay(shop: &Shop) -> Relay {
    Relay::new(a_publisher(&shop.store, &shop.bus, &shop.clock))
}

/// Versions in the order in which subscribers first saw them.
fn seen(shop: &Shop, id: OrderId) -> Vec<u64> {
    shop.bus.published().iter().filter(|event| event.subject == id).map(|event| event.data.version).collect()
}

fn calls(shop: &Shop) -> usize {
    shop.bus.calls().len()
}

#[tokio::test]
async fn l2_events_of_one_transaction_that_come_swapped_are_published_in_order() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let mut records = shop.stream(order.id, "s").await;
    records.reverse();
    assert!(shop.relay.run(&records).await.is_empty());
    assert_eq!(seen(&shop, order.id), [1, 2]);
}

#[tokio::test]
async fn l2_an_event_whose_sibling_is_in_another_batch_waits_for_nobody_and_overtakes_nobody() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let records = shop.stream(order.id, "s").await;
    assert!(shop.relay.run(&records[1..]).await.is_empty());
    assert_eq!(seen(&shop, order.id), [1, 2], "the missing one is read from the table");
    let before = calls(&shop);
    for relay in [&shop.relay, &a_relay(&shop)] {
        assert!(relay.run(&records[..1]).await.is_empty());
    }
    assert_eq!(calls(&shop), before, "what is older than the marker is not published again");
}

#[tokio::test]
async fn l2_a_later_event_brings_those_along_that_the_stream_lost() {
    let shop = Shop::open();
    let order = shop.a_paid_order(1).await;
    let records = shop.stream(order.id, "s").await;
    assert!(shop.relay.run(&records[..1]).await.is_empty());
    assert!(a_relay(&shop).run(&records[3..]).await.is_empty());
    assert_eq!(seen(&shop, order.id), [1, 2, 3, 4]);
    assert_eq!(shop.store.marker_now(order.id), Some(Marker { order_id: order.id, published: 4, look_at: None }));
}

#[tokio::test]
async fn l2_what_another_process_has_published_is_not_taken_for_missing() {
    let shop = Shop::open();
    let order = shop.a_paid_order(1).await;
    let records = shop.stream(order.id, "s").await;
    assert!(shop.relay.run(&records[..1]).await.is_empty());
    assert!(a_relay(&shop).run(&records[1..3]).await.is_empty());
    assert!(shop.relay.run(&records[3..]).await.is_empty());
    assert_eq!(seen(&shop, order.id), [1, 2, 3, 4]);
    let published: usize = shop.bus.calls().iter().map(Vec::len).sum();
    assert_eq!(published, 4, "each once");
}

#[tokio::test]
async fn l2_an_event_is_over_only_when_its_marker_is_written() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let records = shop.stream(order.id, "s").await;
    shop.relay.run(&[]).await;
    // The markers are read; writing them fails.
    shop.store.fail_next(Fault::Conflict);
    shop.store.fail_next(Fault::LostAcknowledgement);
    let again = shop.relay.run(&records).await;
    assert_eq!(again, ["s1", "s2"]);
    assert!(shop.relay.run(&records).await.is_empty());
    assert_eq!(shop.bus.calls().iter().map(Vec::len).sum::<usize>(), 2, "this process knows that they are published");
    assert_eq!(shop.store.marker_now(order.id).map(|marker| marker.published), Some(2));
}

#[tokio::test]
async fn l2_nothing_is_published_while_nobody_can_tell_how_far_it_was() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let records = shop.stream(order.id, "s").await;
    shop.store.fail_next(Fault::Unavailable);
    assert_eq!(shop.relay.run(&records).await, ["s1", "s2"]);
    assert!(seen(&shop, order.id).is_empty());
    assert!(shop.relay.run(&records).await.is_empty());
    assert_eq!(seen(&shop, order.id), [1, 2]);
}

/// Orders of before there were markers: what is older than a stream can be was published then.
#[tokio::test]
async fn l2_an_order_without_a_marker_goes_on_where_the_stream_can_still_be() {
    let shop = Shop::open();
    let order = shop.an_order_that_is(Status::Processing).await;
    assert_eq!(order.version, 6);
    shop.clock.advance_minutes(25 * 60);
    shop.update.ask(to_status(admin(), order.id, Status::Shipped)).await.unwrap();
    let records = shop.stream(order.id, "s").await;
    assert!(shop.relay.run(&records[6..]).await.is_empty());
    assert_eq!(seen(&shop, order.id), [7], "nobody hears of yesterday again");
    assert_eq!(shop.store.marker_now(order.id).map(|marker| marker.published), Some(7));
}

/// Two events of one transaction, the later first, of an order of before there were markers.
#[tokio::test]
async fn l2_siblings_of_an_order_without_a_marker_are_published_in_order_too() {
    let shop = Shop::open();
    let order = shop.a_paid_order(1).await;
    assert!(shop.relay.run(&shop.stream(order.id, "s").await).await.is_empty());
    shop.store.without_marker(order.id);
    shop.clock.advance_minutes(25 * 60);
    shop.cancelled(admin(), order.id).await.unwrap();
    let records = shop.stream(order.id, "s").await;
    assert_eq!(records.len(), 6);
    let relay = a_relay(&shop);
    assert!(relay.run(&records[5..]).await.is_empty());
    assert!(relay.run(&records[4..5]).await.is_empty());
    assert_eq!(seen(&shop, order.id), [1, 2, 3, 4, 5, 6]);
}

/// The stream gives up; the table does not.
#[tokio::test]
async fn l4_what_the_stream_gave_up_on_is_published_by_the_sweep() {
    let shop = Shop::open();
    let order = shop.a_paid_order(1).await;
    let records = shop.stream(order.id, "s").await;
    shop.bus.fail_next(2);
    assert_eq!(shop.relay.run(&records).await.len(), 4);
    let swept = async || shop.sweep.run(REQUEST).await.unwrap();
    assert_eq!(swept().await.published, 0, "the stream tries again first");
    shop.clock.advance_minutes(10);
    assert_eq!(swept().await, Swept { failed: 1, ..Swept::default() }, "the topic is still away");
    assert_eq!(swept().await, Swept::default(), "not in a rush");
    shop.clock.advance_minutes(10);
    assert_eq!(swept().await.published, 1);
    assert_eq!(seen(&shop, order.id), [1, 2, 3, 4]);
    assert_eq!(shop.store.marker_now(order.id), Some(Marker { order_id: order.id, published: 4, look_at: None }));
    shop.clock.advance_minutes(10);
    assert_eq!(swept().await.published, 0, "once");
}

/// It can be read after the next release, and its order goes on by itself.
#[tokio::test]
async fn l4_an_order_with_an_event_that_cannot_be_read_goes_on_when_it_can() {
    let shop = Shop::open();
    let order = shop.a_paid_order(1).await;
    let records = shop.stream(order.id, "s").await;
    let whole = shop.store.overwrite_event(order.id, 2, "{}");
    let relay = a_relay(&shop);
    let damaged = shop.stream(order.id, "s").await;
    assert_eq!(relay.run(&damaged).await, ["s2", "s3", "s4"]);
    shop.clock.advance_minutes(10);
    assert_eq!(shop.sweep.run(REQUEST).await.unwrap().failed, 1);
    assert_eq!(relay.run(&records[2..]).await, ["s3", "s4"], "the stream has given up on the second");
    assert_eq!(seen(&shop, order.id), [1]);
    shop.store.overwrite_event(order.id, 2, &whole);
    shop.clock.advance_minutes(10);
    assert_eq!(shop.sweep.run(REQUEST).await.unwrap().published, 1);
    assert_eq!(seen(&shop, order.id), [1, 2, 3, 4]);
}

/// The relay was switched off for longer than a stream keeps anything, or its letters are gone.
#[tokio::test]
async fn l4_orders_that_nobody_heard_of_are_found_by_their_markers() {
    let shop = Shop::selling([a_product(1).stocked(500).build()]);
    let behind = shop.a_paid_order(1).await;
    let mut orders = Vec::new();
    for number in 0..120 {
        let cart = a_cart([(1, 1)]).from(customer(&format!("customer-{number}")));
        orders.push(shop.create(cart).await.unwrap().order.id);
    }
    for id in &orders[1..] {
        assert!(shop.relay.run(&shop.stream(*id, "s").await).await.is_empty());
    }
    shop.relay.run(&shop.stream(behind.id, "s").await[..2]).await;
    let store = Arc::new(shop.store.clone());
    let catch_up = CatchUp::new(store.clone(), store, Arc::new(shop.clock.clone()));
    assert_eq!(catch_up.run(start()).await, Ok(CaughtUp { looked: 121, behind: 2 }));
    assert_eq!(shop.sweep.run(REQUEST).await.unwrap().published, 2);
    assert_eq!((seen(&shop, behind.id), seen(&shop, orders[0])), (vec![1, 2, 3, 4], vec![1, 2]));
    assert_eq!(catch_up.run(start()).await, Ok(CaughtUp { looked: 121, behind: 0 }));
    shop.clock.advance_minutes(60);
    assert_eq!(catch_up.run(shop.clock.now()).await, Ok(CaughtUp::default()), "nothing has changed since");
}

/// Any order of arrival, any batches, repeats, refusals of the topic, writes in doubt and processes that begin anew.
#[tokio::test]
async fn l2_whatever_the_stream_does_subscribers_see_each_order_in_order() {
    for seed in 0..200 {
        let random = SeededRandom::new(seed);
        let lot = |bound: usize| usize::try_from(random.next_u64() % bound as u64).unwrap();
        let shop = Shop::open();
        let ada = shop.an_order_that_is(Status::Delivered).await;
        let bob = shop.an_order_that_is(Status::Cancelled).await;
        let mut stream = [shop.stream(ada.id, "a").await, shop.stream(bob.id, "b").await].concat();
        for place in (1..stream.len()).rev() {
            stream.swap(place, lot(place + 1));
        }
        let mut relay = a_relay(&shop);
        let mut rest: &[StreamRecord] = &stream;
        for _ in 0..500 {
            let batch = &rest[..rest.len().min(1 + lot(4))];
            if batch.is_empty() {
                break;
            }
            match lot(6) {
                0 => shop.bus.fail_next(1 + lot(3)),
                1 => shop.store.fail_next([Fault::Unavailable, Fault::LostAcknowledgement][lot(2)]),
                2 => relay = a_relay(&shop),
                _ => {}
            }
            let again = relay.run(batch).await;
            let first = batch.iter().position(|record| again.contains(&record.sequence_number));
            rest = &rest[first.unwrap_or(batch.len())..];
        }
        assert!(rest.is_empty(), "seed {seed}");
        for order in [&ada, &bob] {
            let version = shop.store.order_now(order.id).version;
            assert_eq!(seen(&shop, order.id), (1..=version).collect::<Vec<_>>(), "seed {seed}");
            let marker = shop.store.marker_now(order.id);
            assert_eq!(marker, Some(Marker { order_id: order.id, published: version, look_at: None }), "seed {seed}");
        }
    }
}
