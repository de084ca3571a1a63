//! What clients and consumers meet when the store, the bus, the provider or the messenger misbehaves.

use oms_domain::ids::OrderId;
use oms_domain::messaging::Channel;
use oms_it::{Bench, Call, Entry, Template, cart, queue_event, stream_event};
use oms_testkit::builders::product_id;
use oms_testkit::memory::{GatewayFault, MessengerFault};
use oms_testkit::{Fault, Faults as _, start};
use serde_json::{Value, json};

use crate::roles::{Watch, cooling};

/// More faults than any retry lives through.
const ENDLESS: usize = 1_000;

fn a_cart() -> Value {
    cart(&[(product_id(1), 2)])
}

fn processing(id: OrderId) -> Call {
    Call::status(id, &json!({ "status": "processing" }))
}

/// The messages that a batch reports as failed.
fn failed(answer: &Value) -> Vec<&str> {
    let failures = answer["batchItemFailures"].as_array().unwrap();
    failures.iter().map(|failure| failure["itemIdentifier"].as_str().unwrap()).collect()
}

async fn message(bench: &Bench, id: OrderId, kind: &str) -> String {
    let events = bench.public_events(id).await;
    serde_json::to_string(events.iter().find(|event| event.kind == kind).unwrap()).unwrap()
}

#[tokio::test]
async fn a_lost_acknowledgement_is_a_success_and_one_event() {
    let bench = Bench::start().await;
    let lose = || bench.meter().inject(Fault::LostAcknowledgement, 1);
    lose();
    let id = bench.ask(&Call::create(&a_cart())).await.expect(201).order_id();
    assert_eq!((bench.events(id).await.len(), bench.available(1).await), (2, 48));
    lose();
    let payment = bench.a_payment(id).await;
    assert_eq!(bench.events(id).await.len(), 3);
    let webhook = bench.gateway.pay(payment, start());
    lose();
    assert_eq!(bench.ask(&Call::webhook(webhook)).await.expect(200).body["result"], "applied");
    assert_eq!(bench.events(id).await.len(), 4);
    lose();
    assert_eq!(bench.ask(&processing(id)).await.expect(200).body["version"], 6);
    assert_eq!(bench.events(id).await.len(), 6);
    lose();
    assert_eq!(bench.ask(&Call::cancel(id)).await.expect(200).body["status"], "cancelled");
    let names = ["OrderCreated", "OrderSubmitted", "OrderPaymentRequested", "OrderPaymentConfirmed"];
    let rest = ["OrderProcessingStarted", "OrderShipmentPlanned", "OrderCancelled", "OrderRefundInitiated"];
    assert_eq!(bench.event_names(id).await, [&names[..], &rest[..]].concat());
    assert_eq!(bench.available(1).await, 50);
}

#[tokio::test]
async fn a_throttle_or_conflict_that_passes_is_not_noticed() {
    let bench = Bench::start().await;
    for fault in [Fault::Throttle, Fault::Conflict, Fault::Unavailable] {
        let inject = || bench.meter().inject(fault, 2);
        inject();
        let id = bench.ask(&Call::create(&a_cart()).key(&format!("{fault:?}"))).await.expect(201).order_id();
        inject();
        assert_eq!(bench.ask(&Call::cancel(id)).await.expect(200).body["version"], 3, "{fault:?}");
        bench.meter().calm();
    }
    assert_eq!(bench.available(1).await, 50);
}

#[tokio::test]
async fn a_store_that_stays_busy_or_away_is_a_503_that_says_when_to_try_again() {
    let bench = Bench::start().await;
    let id = bench.a_paid_order().await;
    let before = bench.events(id).await;
    for fault in [Fault::Throttle, Fault::Unavailable] {
        let calls = [
            Call::create(&a_cart()),
            Call::view(id),
            Call::list(),
            processing(id),
            Call::cancel(id),
            Call::pay(id),
            Call::products(),
            Call::product(product_id(1)),
            Call::webhook(bench.gateway.pay(bench.order(id).await.ledger.payments[0].id, start())),
        ];
        for call in calls {
            bench.meter().inject(fault, ENDLESS);
            let reply = bench.ask(&call).await;
            bench.meter().calm();
            reply.expect_problem(503, "unavailable");
            assert!(reply.headers["retry-after"].parse::<u32>().unwrap() > 0, "{}", call.package);
        }
    }
    assert_eq!((bench.events(id).await, bench.available(1).await), (before, 48));
}

#[tokio::test]
async fn l4_stock_that_others_take_again_and_again_is_ord_2002() {
    let bench = Bench::start().await;
    bench.meter().inject(Fault::Conflict, ENDLESS);
    let reply = bench.ask(&Call::create(&a_cart()).key("contended")).await;
    bench.meter().calm();
    reply.expect_problem(409, "ORD-2002");
    assert_eq!(bench.available(1).await, 50);
    // Nothing was made, so the same key may order afterwards.
    bench.ask(&Call::create(&a_cart()).key("contended")).await.expect(201);
    assert_eq!(bench.available(1).await, 48);
}

#[tokio::test]
async fn an_order_that_others_keep_changing_is_a_conflict() {
    let bench = Bench::start().await;
    let id = bench.a_paid_order().await;
    bench.meter().inject(Fault::Conflict, ENDLESS);
    let reply = bench.ask(&processing(id)).await;
    bench.meter().calm();
    reply.expect_problem(409, "version_conflict");
    assert_eq!(bench.ask(&processing(id)).await.expect(200).body["status"], "processing");
}

#[tokio::test]
async fn the_relay_reports_what_is_stuck_and_keeps_the_order_of_events() {
    let bench = Bench::start().await;
    let stuck = bench.an_order().await;
    bench.clock.advance_minutes(1);
    let other = bench.an_order().await;
    let mut entries = Vec::new();
    for order_id in [stuck, other] {
        entries.extend(bench.events(order_id).await.into_iter().map(|event| Entry { order_id, event }));
    }
    bench.bus.fail_next(1);
    let answer = bench.invoke("relay", stream_event(&entries)).await.unwrap();
    assert_eq!(failed(&answer), [entries[0].sequence_number(), entries[1].sequence_number()]);
    assert_eq!(bench.bus.names(), ["order.created", "order.submitted"]);
    let again = bench.invoke("relay", stream_event(&entries)).await.unwrap();
    assert!(failed(&again).is_empty());
    let published = bench.bus.published();
    let of_stuck: Vec<u64> =
        published.iter().filter(|event| event.subject == stuck).map(|event| event.data.version).collect();
    assert_eq!((published.len(), of_stuck), (4, vec![1, 2]));
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_reported_and_holds_up_nobody() {
    let bench = Bench::start().await;
    let order_id = bench.an_order().await;
    let events = bench.events(order_id).await;
    let mut entries: Vec<Entry> = events.into_iter().map(|event| Entry { order_id, event }).collect();
    "{\"v\":1}".clone_into(&mut entries[0].event.body);
    let mut event = stream_event(&entries);
    event["Records"][0]["dynamodb"]["NewImage"]["pk"]["S"] = "ORDER#nobody".into();
    let answer = bench.invoke("relay", event).await.unwrap();
    assert_eq!(failed(&answer), [entries[0].sequence_number()]);
    // What does not arrive is read from the table.
    assert_eq!(bench.bus.names(), ["order.created", "order.submitted"]);
}

#[tokio::test]
async fn a_message_that_is_delivered_twice_is_sent_once() {
    let bench = Bench::start().await;
    let id = bench.an_order().await;
    let submitted = message(&bench, id, "oms.order.submitted.v1").await;
    let batch = queue_event(&[("1", "group", submitted.clone()), ("2", "group", submitted)]);
    for _ in 0..2 {
        let answer = bench.invoke("notify", batch.clone()).await.unwrap();
        assert!(failed(&answer).is_empty());
    }
    let channels: Vec<Channel> = bench.messenger.sent().iter().map(|message| message.notice.channel).collect();
    // As long as nothing is paid, it goes by e-mail only (ADR 32).
    assert_eq!(channels, [Channel::Email]);
}

#[tokio::test]
async fn a_messenger_that_fails_for_now_is_asked_again() {
    let bench = Bench::start().await;
    let id = bench.an_order().await;
    let batch = queue_event(&[("1", "group", message(&bench, id, "oms.order.submitted.v1").await)]);
    bench.messenger.fail_next(MessengerFault::Transient);
    let answer = bench.invoke("notify", batch.clone()).await.unwrap();
    assert_eq!((failed(&answer), bench.messenger.sent().len()), (vec!["1"], 0));
    let answer = bench.invoke("notify", batch).await.unwrap();
    assert_eq!((failed(&answer), bench.messenger.sent().len()), (vec![], 1));
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_reported_with_what_stands_behind_it() {
    let bench = Bench::start().await;
    let id = bench.an_order().await;
    let good = message(&bench, id, "oms.order.submitted.v1").await;
    let batch = queue_event(&[
        ("poison", "one", "{\"specversion\":".into()),
        ("behind", "one", good.clone()),
        ("elsewhere", "another", good),
    ]);
    for package in ["notify", "refund"] {
        let answer = bench.invoke(package, batch.clone()).await.unwrap();
        assert_eq!(failed(&answer), ["poison", "behind"], "{package}");
    }
    assert_eq!(bench.messenger.sent().len(), 1);
}

#[tokio::test]
async fn a_refund_whose_answer_is_lost_is_made_once() {
    let bench = Bench::start().await;
    let id = bench.a_paid_order().await;
    bench.ask(&Call::cancel(id)).await.expect(200);
    let batch = queue_event(&[("1", "group", message(&bench, id, "oms.order.refund_initiated.v1").await)]);
    let refund = async || bench.invoke("refund", batch.clone()).await.unwrap();

    // The provider cannot be asked; then it acts and its answer is lost; then our own write is lost.
    bench.gateway.fail_next(GatewayFault::Unavailable);
    assert_eq!(failed(&refund().await), ["1"]);
    assert!(bench.gateway.refunds().is_empty());
    bench.gateway.fail_next(GatewayFault::LostAnswer);
    assert_eq!(failed(&refund().await), ["1"]);
    bench.meter().inject(Fault::LostAcknowledgement, 1);
    assert!(failed(&refund().await).is_empty());
    assert!(failed(&refund().await).is_empty());

    let names = bench.event_names(id).await;
    assert_eq!(names.iter().filter(|name| *name == "OrderRefundCompleted").count(), 1);
    let refunds = bench.gateway.refunds();
    assert_eq!((refunds.len(), refunds[0].money), (1, bench.order(id).await.total()));
}

#[tokio::test]
async fn the_worker_knows_when_its_queue_gives_up() {
    // L6: what the worker is told is what the queue does, and the request has ended before the worker begins.
    let template = oms_it::Template::read();
    let function = template.properties("OpenPage");
    let queue = template.properties("PaymentQueue");
    let tries = function["Environment"]["Variables"]["PAYMENT_TRIES"].as_str().unwrap().parse::<i64>().unwrap();
    // One to spare: Lambda gives back what it has no room for, and that counts as received.
    assert_eq!(queue["RedrivePolicy"]["maxReceiveCount"].as_i64(), Some(tries + 1));
    assert_eq!((tries, queue["VisibilityTimeout"].as_i64()), (4, Some(300)));
    // The last try of what the shop does by itself is the last delivery, behind which the letter is dead (L8).
    let (function, queue) = (template.properties("FulfilOrder"), template.properties("FulfilQueue"));
    let tries = function["Environment"]["Variables"]["FULFIL_TRIES"].as_str().unwrap().parse::<i64>().unwrap();
    assert_eq!(queue["RedrivePolicy"]["maxReceiveCount"].as_i64(), Some(tries));
    assert_eq!((tries, queue["VisibilityTimeout"].as_i64()), (11, Some(900)));
    let queue = template.properties("PaymentQueue");
    let delay = queue["DelaySeconds"].as_i64().unwrap();
    let request = template.properties("PayOrder")["Timeout"].as_i64().unwrap_or(10);
    assert!(delay > request, "the queue waits {delay} s, the request may take {request} s");
}

#[tokio::test]
async fn f6_a_product_that_has_cooled_is_looked_for_by_roles_that_may() {
    let mut watch = Watch::start().await;
    cooling(&mut watch).await;
    let template = Template::read();
    let functions = template.functions();
    let query = ("Query".to_owned(), "catalog".to_owned());
    for package in ["update-status", "cancel-order", "review-order", "sweep"] {
        assert!(watch.seen[package].contains(&query), "{package} looked for the product");
        let missing: Vec<_> =
            watch.seen[package].difference(&template.permissions(functions[package])).cloned().collect();
        assert_eq!(missing, [], "{package}");
    }
}
