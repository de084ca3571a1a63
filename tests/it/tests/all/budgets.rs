//! What one request costs, for an order of three lines (DESIGN §4). `cargo test -p oms-it --test all -- budgets --nocapture`
//! prints the table.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::civil::{date, time};
use oms_app::ports::{Catalog as _, Clock as _, Commit, Orders as _, Setting};
use oms_domain::fulfilment::scan::{CarrierStatus, ParcelNews, Scan};
use oms_domain::ids::{OrderId, ProductId};
use oms_domain::ordering::Command;
use oms_domain::pricing::dispatch::{Closed, Day, Dispatch};
use oms_it::{Bench, Call, ada, cart, queue_event, schedule_event};
use oms_testkit::builders::{
    a_carried_method, a_product, admin, automatic_shop, changed, customer, product_id, rates, set_up, user,
};
use oms_testkit::store::Capacity;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// Largest usual order item and event, in bytes.
const MAX_ORDER_BYTES: usize = 4096;
/// The submission of a draft carries the terms beside what was asked for (ADR 31).
const MAX_EVENT_BYTES: usize = 1100;
/// An event that changes an order carries its terms after it, here of five lines.
const MAX_CHANGE_BYTES: usize = 1500;

/// What a request may cost: twice its read units (a consistent read of one half counts one), and its write units.
const MAX_UNITS: [(&str, u32, u32); 30] = [
    // One of them is the index that finds an order by the number that people quote.
    ("create, catalog warm", 0, 26),
    ("create, hot products", 0, 26),
    // A draft is priced anew from its three products and four tables (ADR 58), and leaves the index of what is due; the customer's
    // open orders are counted (ADR 31, 32).
    ("submit", 9, 21),
    ("view", 2, 0),
    ("view by number", 3, 0),
    ("list of a customer", 1, 0),
    ("list of everybody, one status", 1, 0),
    ("pay", 3, 16),
    // What is paid is no open order of its customer any more (ADR 32), and nobody has to look at its page again (ADR 19).
    ("webhook", 2, 15),
    // Confirmed to processing: how often the customer orders is asked before anything is prepared (ADR 9). A shipment is planned
    // with it: an event, and the record by which lists find it (ADR 37).
    ("status change", 3, 16),
    // With the record by which its carrier's pushes find it (ADR 38).
    ("ship a shipment", 2, 24),
    ("push of a carrier", 2, 1),
    ("push of a carrier, repeated", 2, 0),
    // The numbers of the old and the new parcel are written with it (ADR 50).
    ("correct a tracking number", 2, 15),
    // The parcel and two orders are read; the scan is noted once, and each order takes its step.
    ("push of a carrier, with a step of two orders", 6, 25),
    ("deliver a shipment", 2, 16),
    ("shipments of an order", 2, 0),
    // The order is read, written as asked for and written as bought, each time with its follow-up (ADR 40).
    ("buy a label", 4, 33),
    ("show a label", 2, 0),
    ("void a label", 2, 32),
    // Two half units of an order up to 4 KB, and two more of its parcel.
    ("track an order", 2, 0),
    ("track an order, with scans", 4, 0),
    // The refund is a follow-up, in the index of what is due, from the same transaction (ADR 33). What the customer says of it is an
    // item beside the person record (ADR 36).
    // A shipment that was planned is given up with it (ADR 37).
    ("cancel what is paid", 2, 28),
    // The order and its person, and the shop's rules in two half units. The key is remembered with the change, and stock moves.
    ("preview of a change", 4, 0),
    ("change what is not paid", 4, 16),
    ("change, page open", 7, 18),
    // The refund is a follow-up, as in a cancellation.
    ("change with a refund", 4, 21),
    // It is in the index of what is due until it is paid.
    ("change that is offered", 4, 19),
    ("changes of an order", 6, 0),
    // The order carries its offer, which takes the stored order over four kilobytes with its person.
    ("webhook that makes a change", 4, 18),
];

/// Queries of the `due` index in one sweep, one per shard.
const DUE_QUERIES: usize = 4;

/// The same for pages, refunds and parked news to come back to.
const TASK_QUERIES: usize = 4;

/// And for orders that the stream gave up on, which are few: one shard.
const OUTBOX_QUERIES: usize = 1;

/// Reads the meter after each request and prints a row.
struct Table<'a> {
    bench: &'a Bench,
    largest: BTreeMap<String, usize>,
}

impl<'a> Table<'a> {
    fn of(bench: &'a Bench) -> Self {
        println!("{:<34} {:>11} {:>10} {:>11}  items", "request", "round trips", "read units", "write units");
        bench.meter().reset();
        Table { bench, largest: BTreeMap::new() }
    }

    #[track_caller]
    fn row(&mut self, what: &str, budget: usize) {
        let meter = self.bench.meter();
        let Capacity { read, write } = meter.capacity();
        let (trips, sizes) = (meter.round_trips(), meter.item_sizes());
        let items: Vec<String> = sizes.iter().map(|(kind, bytes)| format!("{kind} {bytes}")).collect();
        println!("{what:<34} {trips:>11} {:>10} {:>11}  {}", read.normalize(), write.normalize(), items.join(", "));
        assert!(trips <= budget, "{what} takes {trips} round trips of {budget}: {:?}", meter.operations());
        if let Some((_, half_reads, writes)) = MAX_UNITS.iter().find(|(known, ..)| *known == what) {
            let within = read * Decimal::TWO <= Decimal::from(*half_reads) && write <= Decimal::from(*writes);
            assert!(within, "{what} costs {read} read and {write} write units");
        }
        for (kind, bytes) in sizes {
            let largest = self.largest.entry(kind).or_default();
            *largest = bytes.max(*largest);
        }
        meter.reset();
    }

    #[track_caller]
    fn finish(self) {
        assert!(self.largest["ORDER"] <= MAX_ORDER_BYTES, "{:?}", self.largest);
        assert!(self.largest["EVENT"] <= MAX_EVENT_BYTES, "{:?}", self.largest);
    }
}

fn three_lines() -> Vec<(ProductId, u32)> {
    vec![(product_id(1), 2), (product_id(2), 1), (product_id(3), 4)]
}

#[tokio::test]
async fn a_carrier_s_price_costs_a_quote_two_round_trips_and_an_order_none() {
    let bench = Bench::start().await;
    let mut table = Table::of(&bench);
    let mut rates = rates();
    rates.shipping.methods.push(a_carried_method("parcel", "dhl", "standard"));
    rates.shipping.dispatch = Some(Dispatch {
        time_zone: "Europe/Berlin".into(),
        until: Some(time(14, 0, 0, 0)),
        days: Day::ALL[..5].into(),
        closed: vec![Closed { from: date(2026, 12, 24), to: date(2027, 1, 3) }],
    });
    bench.catalog.set_rates(&rates).await.unwrap();
    bench.meter().reset();
    let mut body = cart(&three_lines());
    body["shipping_method"] = json!("parcel");
    let asked = json!({"items": body["items"], "shipping_address": body["shipping_address"]});
    let quote = Call::new("quote-order", "POST", "/api/quotes").json(&asked);
    let quoted = bench.ask(&quote).await.expect(200);
    // The catalog and whether a payment provider is away, as ever; the locations and the customer's allowance.
    table.row("quote, carriers asked", 4);
    bench.ask(&quote).await.expect(200);
    table.row("quote, carriers remembered", 1);
    let method = quoted.body["shipping_methods"].as_array().unwrap().iter().find(|method| method["code"] == "parcel");
    body["shipping_rate"] = method.unwrap()["shipping_rate"].clone();
    let first = bench.ask(&Call::create(&body).key("first")).await.expect(201);
    assert_eq!(first.body["shipping"], method.unwrap()["price"]);
    table.row("create, catalog cold", 2);
    bench.ask(&Call::create(&body).key("second")).await.expect(201);
    table.row("create, catalog warm", 1);
    table.finish();
}

#[tokio::test]
async fn every_request_stays_within_its_round_trips_and_items_within_their_size() {
    let bench = Bench::start().await;
    let mut table = Table::of(&bench);
    let body = cart(&three_lines());

    let unpaid = bench.ask(&Call::create(&body).key("first")).await.expect(201).order_id();
    table.row("create, catalog cold", 2);
    let id = bench.ask(&Call::create(&body).key("second")).await.expect(201).order_id();
    table.row("create, catalog warm", 1);
    bench.clock.advance(SignedDuration::from_secs(1));
    let again = bench.ask(&Call::create(&body).key("second")).await.expect(201);
    assert_eq!((again.order_id(), again.headers["idempotency-replayed"].as_str()), (id, "true"));
    table.row("create, repeated by key", 2);
    let draft = bench.a_draft().await;
    table.row("create a draft", 1);
    bench.ask(&Call::submit(draft)).await.expect(200);
    // The draft, the products as they are now, the transaction (ADR 31).
    table.row("submit", 3);
    lists(&bench, &mut table, id).await;

    let payment = bench.a_payment(id).await;
    // Whether the provider is away is read beside the order; the page is remembered after the provider has opened it.
    table.row("pay", 4);
    assert_eq!(bench.a_payment(id).await, payment);
    table.row("pay, page open", 3);
    let webhook = bench.gateway.pay(payment, oms_testkit::start());
    bench.ask(&Call::webhook(webhook.clone())).await.expect(200);
    table.row("webhook", 2);
    bench.ask(&Call::webhook(webhook)).await.expect(200);
    table.row("webhook, repeated", 2);
    bench.ask(&Call::status(id, &json!({ "status": "processing" }))).await.expect(200);
    // It is looked at once more by the fraud check, which asks how often the customer orders (ADR 9).
    table.row("status change", 3);
    bench.ask(&Call::cancel(id)).await.expect(200);
    table.row("cancel what is paid", 2);
    work(&bench, &mut table, id).await;
    hot(&bench, &mut table).await;
    review(&bench, &mut table).await;
    bench.ask(&Call::cancel(draft)).await.expect(200);
    table.row("cancel what is not paid", 2);

    let another = bench.ask(&Call::create(&body).key("third")).await.expect(201).order_id();
    bench.meter().reset();
    bench.sweep_later().await.unwrap();
    table.row("sweep of 2 orders", DUE_QUERIES + TASK_QUERIES + OUTBOX_QUERIES + 2 * 2);
    for id in [unpaid, another] {
        assert_eq!(bench.ask(&Call::view(id)).await.expect(200).body["status"], "cancelled");
    }
    bench.meter().reset();
    bench.invoke("sweep", schedule_event()).await.unwrap();
    table.row("sweep of nothing", DUE_QUERIES + TASK_QUERIES + OUTBOX_QUERIES);
    bench.invoke("count-orders", schedule_event()).await.unwrap();
    table.row("count of orders, active and stuck", 6 + 3);
    short(&bench, &mut table).await;
    table.finish();
}

/// Orders for more than there is: what is overdue is looked for, once.
async fn short(bench: &Bench, table: &mut Table<'_>) {
    let all = cart(&[(product_id(2), bench.available(2).await)]);
    bench.ask(&Call::create(&all).key("all")).await.expect(201);
    bench.meter().reset();
    let late = Call::create(&all).by(&customer("bob"));
    bench.ask(&late).await.expect_problem(409, "ORD-1001");
    // Whether the same cart waits for payment is asked (A20). Its alternatives are one page of the
    // catalog, which has hot products by now. The refusal is counted (ADR 32).
    table.row("create, out of stock", 1 + DUE_QUERIES + 1 + 3 + 1);
    bench.clock.advance_minutes(31);
    // After half an hour the catalog is cold. Too few units were just read, so that no transaction is sent (ADR 31). The
    // order that holds them is loaded and expired, and the terms are drawn up once more.
    bench.ask(&late).await.expect(201);
    table.row("create, on an overdue hold", 2 + DUE_QUERIES + 2 + 2);
}

/// All that only reads.
async fn lists(bench: &Bench, table: &mut Table<'_>, id: OrderId) {
    bench.ask(&Call::view(id)).await.expect(200);
    table.row("view", 1);
    bench.ask(&Call::view_numbered(id)).await.expect(200);
    table.row("view by number", 2);
    bench.list(&ada(), None).await;
    table.row("list of a customer", 1);
    bench.list(&ada(), Some("pending")).await;
    table.row("list of a customer, one status", 1);
    bench.list(&admin(), Some("pending")).await;
    table.row("list of everybody, one status", 1);
    bench.list(&admin(), None).await;
    table.row("list of everybody, every status", 10);
    bench.ask(&Call::products()).await.expect(200);
    table.row("list of products", 2);
    bench.ask(&Call::product(product_id(1))).await.expect(200);
    table.row("view a product", 1);
}

/// The refund of a cancelled order and the message about it.
async fn work(bench: &Bench, table: &mut Table<'_>, id: OrderId) {
    let events = bench.public_events(id).await;
    let refund = events.iter().find(|event| event.kind == "oms.order.refund_initiated.v1").unwrap();
    let message = serde_json::to_string(refund).unwrap();
    let batch = queue_event(&[("1", "group", message)]);
    let nothing_failed = json!({ "batchItemFailures": [] });
    assert_eq!(bench.invoke("refund", batch.clone()).await.unwrap(), nothing_failed);
    table.row("refund", 3);
    assert_eq!(bench.invoke("notify", batch).await.unwrap(), nothing_failed);
    table.row("message by e-mail and SMS", 1 + 2 * 2);
}

/// Products that are counted in several places cost what others do, once a process knows where their units are.
async fn hot(bench: &Bench, table: &mut Table<'_>) {
    let products = [11, 12, 13].map(|number| a_product(number).stocked(1_000).hot().build());
    for product in &products {
        assert!(bench.catalog.add(product).await.unwrap());
    }
    let body = cart(&products.each_ref().map(|product| (product.id, 1)));
    let cold = bench.ask(&Call::create(&body).key("hot and cold")).await.expect(201).order_id();
    bench.meter().reset();
    let warm = bench.ask(&Call::create(&body).key("hot and warm")).await.expect(201).order_id();
    table.row("create, hot products", 1);
    for id in [cold, warm] {
        bench.ask(&Call::cancel(id)).await.expect(200);
    }
    bench.meter().reset();
}

/// What leaves, what arrives, and what is listed of it.
#[tokio::test]
async fn g12_shipments_stay_within_their_round_trips() {
    let bench = Bench::start().await;
    let mut table = Table::of(&bench);
    let mut ids = Vec::new();
    for number in 0..8 {
        let id = bench
            .ask(&Call::create(&cart(&three_lines())).key(&format!("ships {number}")))
            .await
            .expect(201)
            .order_id();
        let webhook = bench.gateway.pay(bench.a_payment(id).await, bench.clock.now());
        bench.ask(&Call::webhook(webhook)).await.expect(200);
        bench.ask(&Call::status(id, &json!({ "status": "processing" }))).await.expect(200);
        bench.clock.advance_minutes(61);
        ids.push(id);
    }
    bench.meter().reset();
    let tracking = json!([{ "carrier": "dhl", "tracking_number": "00340434161094042557" }]);
    bench.ask(&Call::shipment(ids[0], 1, &json!({ "status": "shipped", "tracking": tracking }))).await.expect(200);
    table.row("ship a shipment", 2);
    let told = |minutes: i64, status| {
        let at = oms_testkit::start() + SignedDuration::from_mins(minutes);
        let scans = vec![Scan { at, status, code: "PU".into(), place: None }];
        [ParcelNews { tracking_number: "00340434161094042557".into(), scans, estimated_delivery: None }]
    };
    let moving = told(1, CarrierStatus::InTransit);
    bench.ask(&Call::push(&moving)).await.expect(200);
    table.row("push of a carrier", 2);
    bench.ask(&Call::push(&moving)).await.expect(200);
    table.row("push of a carrier, repeated", 1);
    // What ends a parcel's way is a step of the order: the scan is noted, the order is loaded, and the step is written.
    bench.ask(&Call::push(&told(2, CarrierStatus::AttemptFailed))).await.expect(200);
    table.row("push of a carrier, with a step", 4);
    bench.ask(&Call::shipment(ids[0], 1, &json!({ "status": "delivered" }))).await.expect(200);
    table.row("deliver a shipment", 2);
    bench.ask(&Call::shipments_of(ids[0])).await.expect(200);
    table.row("shipments of an order, with scans", 2);
    bench.ask(&Call::shipments_of(ids[1])).await.expect(200);
    table.row("shipments of an order", 1);
    let tracked = bench.ask(&Call::track(ids[0], bench.clock.now())).await.expect(200);
    assert_eq!(tracked.body["shipments"][0]["parcels"][0]["scans"].as_array().unwrap().len(), 2);
    table.row("track an order, with scans", 2);
    bench.ask(&Call::track(ids[1], bench.clock.now())).await.expect(200);
    table.row("track an order", 1);
    // Three parts of what has yet to leave, asked at once.
    let page = bench.ask(&Call::all_shipments().query("view", "pick-list").query("limit", "200")).await.expect(200);
    assert_eq!(page.body["data"].as_array().unwrap().len(), 3);
    table.row("pick list", 3);
    let printed = bench.ask(&Call::pick_list()).await.expect(200);
    assert_eq!(printed.text.matches("<h2").count(), 1);
    table.row("print a pick list", 3);
    // The locations and the shipping methods are read beside the order, and each order beside the others.
    bench.ask(&Call::slip(ids[1], 1)).await.expect(200);
    table.row("print a packing slip", 3);
    bench.ask(&Call::slips(&ids[..2])).await.expect(200);
    table.row("print packing slips of two orders", 4);
    bench.ask(&Call::diagnosis(ids[1])).await.expect(200);
    table.row("diagnosis", 3);
    // The locations are read beside the order.
    bench.ask(&Call::rates(ids[1], 1)).await.expect(200);
    table.row("rates", 2);
    bench.ask(&Call::buy_label(ids[1], 1)).await.expect(201);
    table.row("buy a label", 4);
    bench.ask(&Call::label("GET", ids[1], 1)).await.expect(200);
    table.row("show a label", 1);
    bench.ask(&Call::label("DELETE", ids[1], 1)).await.expect(200);
    table.row("void a label", 3);
    bench.invoke("settle-labels", schedule_event()).await.unwrap();
    table.row("settle labels, none of them", DUE_QUERIES);
}

/// What the shop does by itself; where it does nothing, that costs one read.
#[tokio::test]
async fn l8_what_the_shop_does_by_itself_stays_within_its_round_trips() {
    let bench = Bench::start().await;
    let mut table = Table::of(&bench);
    let id = bench.ask(&Call::create(&cart(&three_lines())).key("by itself")).await.expect(201).order_id();
    let webhook = bench.gateway.pay(bench.a_payment(id).await, bench.clock.now());
    bench.ask(&Call::webhook(webhook)).await.expect(200);
    let told = async || {
        let event = bench.public_events(id).await.pop().unwrap();
        bench.meter().reset();
        queue_event(&[("1", "group", serde_json::to_string(&event).unwrap())])
    };
    let paid = told().await;
    bench.invoke("fulfil-order", paid.clone()).await.unwrap();
    table.row("fulfil, by hand", 1);
    set_up(&bench.settings, Setting::Shop(automatic_shop("standard", "dhl")), bench.clock.now()).await;
    bench.meter().reset();
    // The settings, then as much as for a person who begins it.
    bench.invoke("fulfil-order", paid).await.unwrap();
    table.row("fulfil, begin an order", 4);
    let planned = told().await;
    // The settings; the order; weights and locations side by side; asked for on record, and kept.
    bench.invoke("fulfil-order", planned.clone()).await.unwrap();
    table.row("fulfil, buy a label", 6);
    bench.meter().reset();
    bench.invoke("fulfil-order", planned).await.unwrap();
    table.row("fulfil, told again", 2);
    assert_eq!(bench.labels.charged().len(), 1);
}

/// A number that several shipments have, and one that is corrected.
#[tokio::test]
async fn g8_a_number_that_is_shared_or_corrected_stays_within_its_round_trips() {
    let bench = Bench::start().await;
    let mut table = Table::of(&bench);
    let mut ids = Vec::new();
    for number in 0..2 {
        let key = format!("shares {number}");
        let id = bench.ask(&Call::create(&cart(&three_lines())).key(&key)).await.expect(201).order_id();
        let webhook = bench.gateway.pay(bench.a_payment(id).await, bench.clock.now());
        bench.ask(&Call::webhook(webhook)).await.expect(200);
        bench.ask(&Call::status(id, &json!({ "status": "processing" }))).await.expect(200);
        bench.clock.advance_minutes(61);
        ids.push(id);
    }
    let parcel = |number: &str| json!([{ "carrier": "dhl", "tracking_number": number }]);
    let shared = "00340434161094042557";
    bench.meter().reset();
    for (id, number) in [(ids[0], shared), (ids[1], "00340434161094042571")] {
        let leaves = json!({ "status": "shipped", "tracking": parcel(number) });
        bench.ask(&Call::shipment(id, 1, &leaves)).await.expect(200);
        table.row("ship a shipment", 2);
    }
    bench.ask(&Call::shipment(ids[1], 1, &json!({ "tracking": parcel(shared) }))).await.expect(200);
    table.row("correct a tracking number", 2);
    let at = bench.clock.now();
    let scans = vec![Scan { at, status: CarrierStatus::AttemptFailed, code: "NH".into(), place: None }];
    let news = ParcelNews { tracking_number: shared.into(), scans, estimated_delivery: None };
    bench.ask(&Call::push(&[news])).await.expect(200);
    // The scan is noted once; each order is loaded and changed.
    table.row("push of a carrier, with a step of two orders", 6);
}

/// An order that is held, and let go.
async fn review(bench: &Bench, table: &mut Table<'_>) {
    let costly = a_product(7).priced(200_000).build();
    assert!(bench.catalog.add(&costly).await.unwrap());
    let id = bench.ask(&Call::create(&cart(&[(costly.id, 1)])).key("costly")).await.expect(201).order_id();
    bench.meter().reset();
    let submitted = bench.public_events(id).await.pop().unwrap();
    let batch = queue_event(&[("1", "group", serde_json::to_string(&submitted).unwrap())]);
    bench.invoke("screen-order", batch).await.unwrap();
    // Before it is held its events are asked whether somebody has approved it.
    table.row("screening that holds an order", 4);
    bench.ask(&Call::review(id, "approve")).await.expect(200);
    table.row("review", 2);
    bench.ask(&Call::cancel(id)).await.expect(200);
    bench.meter().reset();
}

#[tokio::test]
async fn a_change_stays_within_its_round_trips_and_its_event_within_its_size() {
    let bench = Bench::start().await;
    let body = cart(&three_lines());
    let id = bench.ask(&Call::create(&body).key("changed")).await.expect(201).order_id();
    let mut table = Table::of(&bench);
    // Beside the order, at once, the shop's rules; then the products and tables.
    let notes = json!({ "promotion_codes": [], "dry_run": true });
    bench.ask(&Call::change(id, &notes)).await.expect(200);
    table.row("preview of a change, catalog cold", 3);
    let (mut number, one) = (0, json!([{ "product_id": product_id(1), "quantity": 1 }]));
    let mut change = async |table: &mut Table<'_>, mut body: Value, what: &str, budget: usize| {
        body["dry_run"] = json!(true);
        bench.meter().reset();
        let seen = bench.ask(&Call::change(id, &body)).await.expect(200).body["difference"].clone();
        table.row("preview of a change", 2);
        body.as_object_mut().unwrap().remove("dry_run");
        body["expected_difference"] = seen;
        number += 1;
        let made = bench.ask(&Call::change(id, &body).key(&format!("change {number}"))).await.expect(201);
        table.row(what, budget);
        made.body["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(change(&mut table, json!({ "add": one }), "change what is not paid", 3).await, "applied");
    bench.a_payment(id).await;
    // Its page is read, with whether the provider is away, and closed there.
    assert_eq!(change(&mut table, json!({ "add": one }), "change, page open", 5).await, "applied");
    let webhook = bench.gateway.pay(bench.a_payment(id).await, bench.clock.now());
    bench.ask(&Call::webhook(webhook)).await.expect(200);
    let line = bench.order(id).await.lines[0].line;
    let fewer = json!({ "remove": [id.line(line)] });
    assert_eq!(change(&mut table, fewer, "change with a refund", 3).await, "applied");
    assert_eq!(change(&mut table, json!({ "add": one }), "change that is offered", 3).await, "offered");
    bench.ask(&Call::changes(id)).await.expect(200);
    table.row("changes of an order", 2);
    let offered = bench.a_payment(id).await;
    bench.meter().reset();
    bench.ask(&Call::webhook(bench.gateway.pay(offered, bench.clock.now()))).await.expect(200);
    table.row("webhook that makes a change", 2);
    assert!(table.largest["ORDER"] <= MAX_ORDER_BYTES, "{:?}", table.largest);
    assert!(table.largest["EVENT"] <= MAX_CHANGE_BYTES, "{:?}", table.largest);
}

#[tokio::test]
async fn what_a_request_costs_does_not_grow_with_the_number_of_events() {
    let bench = Bench::start().await;
    let mut costs = Vec::new();
    for notes in [0, 60] {
        let id = bench.a_paid_order().await;
        let mut order = bench.order(id).await;
        for number in 0..notes {
            let to = (number % 2 == 0).then(|| user("grace"));
            let change = changed(&order, Command::Assign { to }, oms_testkit::start());
            order = change.order.clone();
            bench.orders.commit(&Commit::of(change)).await.unwrap();
        }
        bench.meter().reset();
        bench.ask(&Call::view(id)).await.expect(200);
        bench.ask(&Call::status(id, &json!({ "status": "processing" }))).await.expect(200);
        bench.ask(&Call::view(id)).await.expect(200);
        costs.push((bench.meter().operations(), bench.meter().capacity()));
        bench.clock.advance_minutes(1);
    }
    assert_eq!(costs[0], costs[1]);
}
