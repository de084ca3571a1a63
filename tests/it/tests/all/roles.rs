//! Each function's role in the template allows what its handler was seen to do in the tables: no more, no less.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;

use jiff::SignedDuration;
use oms_app::ports::{Catalog as _, Clock as _, Commit, Orders as _, Setting};
use oms_domain::fulfilment::scan::{CarrierStatus, ParcelNews, Scan};
use oms_domain::ids::{OrderId, PaymentId, ProductId};
use oms_domain::ordering::{Command, HoldReason, NewNote, Status};
use oms_domain::pricing::promotion::Promotion;
use oms_domain::returns::policy::ReturnsTable;
use oms_it::{Bench, Call, Permission, Reply, Template, ada, cart, queue_event, schedule_event};
use oms_testkit::Faults as _;
use oms_testkit::builders::{
    a_carried_method, a_product, a_promotion, admin, automatic_shop, changed, product_id, rates_with, set_up, user,
};
use oms_testkit::memory::{GatewayFault, Mood};
use serde_json::{Value, json};

/// Notes what every function does in the tables.
pub(crate) struct Watch {
    bench: Bench,
    pub(crate) seen: BTreeMap<String, BTreeSet<Permission>>,
}

impl Watch {
    pub(crate) async fn start() -> Self {
        let bench = Bench::start().await;
        let seen = bench.packages().into_iter().map(|package| (package.to_owned(), BTreeSet::new())).collect();
        Watch { bench, seen }
    }

    async fn invoke(&mut self, package: &str, event: Value) -> Value {
        self.bench.meter().reset();
        let answer = self.bench.invoke(package, event).await.unwrap();
        self.seen.get_mut(package).unwrap().extend(self.bench.meter().uses());
        answer
    }

    async fn ask(&mut self, call: Call) -> Reply {
        Reply::read(&self.invoke(call.package, call.event()).await)
    }

    /// The same twice: the second is answered from what is remembered.
    async fn twice(&mut self, call: Call, status: u64) -> Reply {
        let call = call.key("once");
        let first = self.ask(call.clone()).await.expect(status);
        self.bench.clock.advance(SignedDuration::from_secs(1));
        let second = self.ask(call).await.expect(status);
        assert_eq!(first.body["id"], second.body["id"]);
        second
    }

    /// The next write is done, its answer lost, and before it is repeated somebody else changes the order.
    fn overtaken(&self, id: OrderId) {
        let orders = self.bench.orders.clone();
        self.bench.meter().lose_acknowledgement_then(Box::pin(async move {
            let order = orders.load(id).await.unwrap().unwrap().order;
            let change = changed(&order, Command::AddNote(NewNote::private("on the way")), oms_testkit::start());
            orders.commit(&Commit::of(change)).await.unwrap();
        }));
    }

    async fn a_draft(&mut self) -> OrderId {
        let mut body = cart(&[(product_id(2), 1)]);
        body["draft"] = true.into();
        self.ask(Call::create(&body)).await.expect(201).order_id()
    }

    async fn an_order(&mut self, key: &str) -> OrderId {
        self.ask(Call::create(&cart(&[(product_id(2), 1)])).key(key)).await.expect(201).order_id()
    }

    async fn a_paid_order(&mut self, key: &str) -> OrderId {
        let id = self.an_order(key).await;
        let payment = self.bench.a_payment(id).await;
        let webhook = self.bench.gateway.pay(payment, self.bench.clock.now());
        self.ask(Call::webhook(webhook)).await.expect(200);
        id
    }

    async fn message(&self, id: OrderId, kind: &str) -> Value {
        let events = self.bench.public_events(id).await;
        let event = events.into_iter().find(|event| event.kind == kind).unwrap();
        queue_event(&[("1", "group", serde_json::to_string(&event).unwrap())])
    }
}

async fn creating(watch: &mut Watch) {
    let body = cart(&[(product_id(1), 1)]);
    watch.twice(Call::create(&body), 201).await;
    watch.ask(Call::create(&cart(&[(product_id(2), 3)]))).await.expect(201);
    watch.ask(Call::create(&cart(&[(product_id(2), 3)]))).await.expect_problem(409, "duplicate_order");
    let short = watch.ask(Call::create(&cart(&[(product_id(1), 500)]))).await;
    short.expect_problem(409, "ORD-1001");
    assert!(!short.body["alternatives"].as_array().unwrap().is_empty());
    let missing = watch.ask(Call::create(&cart(&[(a_product(99).build().id, 1)]))).await;
    missing.expect_problem(409, "ORD-1001");
    watch.overtaken(OrderId::from_key(&user("ada"), "overtaken"));
    watch.ask(Call::create(&body).key("overtaken")).await.expect(201);
    let draft = watch.a_draft().await;
    watch.twice(Call::submit(draft), 200).await;
    // Staff are held to no limit; nothing is counted, only that they may order is a condition.
    watch.ask(Call::create(&body).by(&admin())).await.expect(201);
    let mut staff = cart(&[(product_id(2), 2)]);
    staff["draft"] = true.into();
    let draft = watch.ask(Call::create(&staff).by(&admin())).await.expect(201).order_id();
    watch.ask(Call::submit(draft).by(&admin())).await.expect(200);
    let mut body = cart(&[(product_id(1), 500)]);
    body["draft"] = true.into();
    let short = watch.ask(Call::create(&body)).await.expect(201).order_id();
    let short = watch.ask(Call::submit(short)).await;
    short.expect_problem(409, "ORD-1001");
    assert!(!short.body["alternatives"].as_array().unwrap().is_empty());
    let draft = watch.a_draft().await;
    watch.overtaken(draft);
    watch.ask(Call::submit(draft)).await.expect(200);
}

/// A page is open, units are missing, others are quicker, and what is added is counted in several places.
async fn changing(watch: &mut Watch) {
    let id = watch.an_order("changing").await;
    watch.ask(Call::pay(id)).await.expect(201);
    let more = |product: ProductId, quantity: u32, difference: Option<&str>| {
        json!({
            "add": [{ "product_id": product, "quantity": quantity }], "expected_difference": difference,
            "dry_run": difference.is_none(),
        })
    };
    let seen = watch.ask(Call::change(id, &more(product_id(1), 1, None))).await.expect(200);
    let body = more(product_id(1), 1, seen.body["difference"].as_str());
    watch.twice(Call::change(id, &body), 201).await;
    watch.overtaken(id);
    watch.ask(Call::change(id, &body).key("overtaken")).await.expect(201);
    let seen = watch.ask(Call::change(id, &more(product_id(1), 500, None))).await.expect(200);
    let short = more(product_id(1), 500, seen.body["difference"].as_str());
    let short = watch.ask(Call::change(id, &short).key("short")).await;
    short.expect_problem(409, "ORD-1001");
    let hot = a_product(10).stocked(100).hot().build();
    assert!(watch.bench.catalog.add(&hot).await.unwrap());
    let seen = watch.ask(Call::change(id, &more(hot.id, 60, None))).await.expect(200);
    let body = more(hot.id, 60, seen.body["difference"].as_str());
    watch.ask(Call::change(id, &body).key("hot")).await.expect(201);
    let changes = watch.ask(Call::changes(id)).await.expect(200);
    assert_eq!(changes.body["data"].as_array().map(Vec::len), Some(3));
}

async fn paying(watch: &mut Watch) {
    let id = watch.an_order("paying").await;
    watch.twice(Call::pay(id), 201).await;
    watch.overtaken(id);
    watch.ask(Call::pay(id).key("overtaken")).await.expect(201);
    let payments = watch.bench.order(id).await.ledger.payments;
    let (declined, paid) = (payments[0].id, payments[1].id);
    let declined = watch.bench.gateway.decline(declined, watch.bench.clock.now());
    watch.ask(Call::webhook(declined)).await.expect(200);
    let paid = watch.bench.gateway.pay(paid, watch.bench.clock.now());
    watch.overtaken(id);
    watch.ask(Call::webhook(paid.clone())).await.expect(200);
    watch.ask(Call::webhook(paid)).await.expect(200);
    // A page that cannot be opened at once is opened later; on the way somebody else changes the order.
    let waiting = watch.an_order("waiting").await;
    // Messages about orders that nobody has paid are counted.
    let submitted = watch.message(waiting, "oms.order.submitted.v1").await;
    assert_eq!(watch.invoke("notify", submitted).await, json!({ "batchItemFailures": [] }));
    watch.bench.gateway.fail_next(GatewayFault::Unavailable);
    watch.ask(Call::pay(waiting)).await.expect_problem(503, "unavailable");
    let requested = watch.message(waiting, "oms.order.payment_requested.v1").await;
    watch.overtaken(waiting);
    for _ in 0..2 {
        assert_eq!(watch.invoke("open-page", requested.clone()).await, json!({ "batchItemFailures": [] }));
    }
    // Money for an order that is no more goes back.
    let late = watch.an_order("late").await;
    let payment = watch.bench.a_payment(late).await;
    watch.ask(Call::cancel(late)).await.expect(200);
    let webhook = watch.bench.gateway.pay(payment, watch.bench.clock.now());
    assert_eq!(watch.ask(Call::webhook(webhook)).await.expect(200).body["result"], "applied");
    let refund = watch.bench.order(late).await.ledger.refunds[0].id;
    let webhook = watch.bench.gateway.refund_webhook(late, refund, watch.bench.clock.now());
    assert_eq!(watch.ask(Call::webhook(webhook)).await.expect(200).body["result"], "applied");
}

/// A means of payment that is kept with its payment, removed, and forgotten at the second try.
async fn keeping(watch: &mut Watch) {
    let id = watch.an_order("keeping").await;
    let paid = watch.ask(Call::pay(id).json(&json!({ "provider": "sandbox", "keep_method": true }))).await.expect(201);
    let payment = paid.body["payment_id"].as_str().unwrap().parse().unwrap();
    let webhook = watch.bench.gateway.pay(payment, watch.bench.clock.now());
    watch.ask(Call::webhook(webhook)).await.expect(200);
    let kept = watch.ask(Call::methods("me")).await.expect(200);
    let method = kept.body["data"][0]["id"].as_str().unwrap().to_owned();
    watch.ask(Call::forget("me", &method)).await.expect(204);
    watch.ask(Call::forget("me", &method)).await.expect_problem(404, "not_found");
    watch.bench.gateway.fail_next(GatewayFault::Unavailable);
    watch.invoke("forget-methods", schedule_event()).await;
    watch.bench.clock.advance_minutes(5);
    watch.invoke("forget-methods", schedule_event()).await;
    assert_eq!(watch.bench.gateway.forgotten().len(), 1);
}

async fn fulfilling(watch: &mut Watch) {
    // Whoever orders as often as this within an hour is looked at by a person.
    watch.bench.clock.advance_minutes(61);
    let id = watch.a_paid_order("fulfilling").await;
    let status = |status: &str| Call::status(id, &json!({ "status": status }));
    watch.twice(status("processing"), 200).await;
    let tracking = json!({ "carrier": "dhl", "tracking_number": "00340434161094042557" });
    let shipped = Call::status(id, &json!({ "status": "shipped", "tracking": tracking }));
    watch.ask(shipped.clone()).await.expect(200);
    watch.ask(status("processing")).await.expect(200);
    watch.overtaken(id);
    watch.ask(shipped).await.expect(200);
    watch.ask(status("delivered")).await.expect(200);
    let kindness = json!({ "goodwill": "1.00", "reason": "scratched" });
    for _ in 0..2 {
        watch.ask(Call::refund(id, &kindness).key("refund")).await.expect(201);
    }
    watch.overtaken(id);
    watch.ask(Call::refund(id, &kindness).key("another refund")).await.expect(201);
    watch.ask(status("cancelled")).await.expect_problem(409, "invalid_transition");
}

/// What a carrier tells of a parcel.
fn told(number: &str, minutes: i64, status: CarrierStatus) -> [ParcelNews; 1] {
    let at = oms_testkit::start() + SignedDuration::from_mins(minutes);
    let scans = vec![Scan { at, status, code: "PU".into(), place: None }];
    [ParcelNews { tracking_number: number.to_owned(), scans, estimated_delivery: None }]
}

/// Some of it is sent back, and unpacked twice with one answer.
async fn returning(watch: &mut Watch) {
    let table = Setting::Returns(ReturnsTable { days: 14, ..ReturnsTable::default() });
    set_up(&watch.bench.settings, table, watch.bench.clock.now()).await;
    watch.bench.clock.advance_minutes(61);
    let id = watch.a_paid_order("returning").await;
    watch.ask(Call::status(id, &json!({ "status": "processing" }))).await.expect(200);
    let tracking = json!({ "carrier": "Bike", "tracking_number": "7" });
    watch.ask(Call::status(id, &json!({ "status": "shipped", "tracking": tracking }))).await.expect(200);
    watch.ask(Call::status(id, &json!({ "status": "delivered" }))).await.expect(200);
    let line_id = id.line(1).to_string();
    let body = json!({ "lines": [{ "line_id": line_id, "quantity": 1, "reason": "unwanted" }], "note": "too blue" });
    let call = Call::returning(id, &body).key("return");
    watch.overtaken(id);
    for _ in 0..2 {
        watch.ask(call.clone()).await.expect(201);
    }
    watch.ask(Call::moving_return(id, 1, &json!({ "status": "approved" }))).await.expect(200);
    watch.ask(Call::return_of(id, 1)).await.expect(200);
    let came =
        json!({ "status": "received", "received": [{ "line_id": line_id, "quantity": 1, "condition": "as_new" }] });
    watch.overtaken(id);
    for _ in 0..2 {
        watch.ask(Call::moving_return(id, 1, &came).key("came")).await.expect(200);
    }
}

async fn shipping(watch: &mut Watch) {
    watch.bench.clock.advance_minutes(61);
    let id = watch.a_paid_order("shipping").await;
    let line_id = watch.ask(Call::view(id).by(&admin())).await.expect(200).body["items"][0]["line_id"].clone();
    watch.twice(Call::plan(id, &json!({ "lines": [{ "line_id": line_id, "quantity": 1 }] })), 201).await;
    for _ in 0..2 {
        watch.ask(Call::hold(id).key("hold")).await.expect(201);
    }
    let held = watch.ask(Call::view(id).by(&admin())).await.expect(200).body["holds"][0]["hold_id"].clone();
    watch.overtaken(id);
    watch.ask(Call::release(id, held.as_str().unwrap())).await.expect(200);
    watch.overtaken(id);
    watch.ask(Call::note(id, "yours leaves on Friday").key("note")).await.expect(201);
    assert_eq!(watch.ask(Call::notes(id)).await.expect(200).body["data"].as_array().unwrap().len(), 1);
    watch.ask(Call::tags(id, &["fragile"]).key("tags")).await.expect(200);
    watch.ask(Call::assignee(id, Some("grace"))).await.expect(200);
    let tracking = json!([{ "carrier": "dhl", "tracking_number": "00340434161094042557" }]);
    watch.overtaken(id);
    watch.ask(Call::shipment(id, 1, &json!({ "status": "shipped", "tracking": tracking }))).await.expect(200);
    let number = "00340434161094042557";
    watch.overtaken(id);
    watch.ask(Call::push(&told(number, 1, CarrierStatus::AttemptFailed))).await.expect(200);
    watch.ask(Call::push(&told(number, 2, CarrierStatus::OutForDelivery))).await.expect(200);
    // Nothing is heard for a day, then it is asked after: it comes back.
    watch.bench.clock.advance_minutes(25 * 60);
    watch.bench.labels.knows(&told(number, 3, CarrierStatus::ReturnedToSender));
    watch.overtaken(id);
    watch.invoke("poll-parcels", schedule_event()).await;
    watch.bench.clock.advance_minutes(25 * 60);
    watch.invoke("poll-parcels", schedule_event()).await;
    let line_id = watch.ask(Call::view(id).by(&admin())).await.expect(200).body["items"][0]["line_id"].clone();
    watch.ask(Call::plan(id, &json!({ "lines": [{ "line_id": line_id, "quantity": 1 }] }))).await.expect(201);
    let again = json!([{ "carrier": "dhl", "tracking_number": "00340434161094042558" }]);
    watch.ask(Call::shipment(id, 2, &json!({ "status": "shipped", "tracking": again }))).await.expect(200);
    watch.ask(Call::shipment(id, 2, &json!({ "status": "lost" }))).await.expect(200);
    for _ in 0..2 {
        watch.ask(Call::replacement(id, 2).key("again")).await.expect(201);
    }
    watch.ask(Call::shipments_of(id)).await.expect(200);
    watch.ask(Call::track(id, watch.bench.clock.now())).await.expect(200);
    assert_eq!(watch.ask(Call::all_shipments()).await.expect(200).body["data"].as_array().unwrap().len(), 1);
    watch.ask(Call::pick_list()).await.expect(200);
    watch.ask(Call::slip(id, 2)).await.expect(200);
    watch.ask(Call::slips(&[id])).await.expect(200);
    watch.ask(Call::diagnosis(id)).await.expect(200);
}

async fn labelling(watch: &mut Watch) {
    watch.bench.clock.advance_minutes(61);
    let id = watch.a_paid_order("labelling").await;
    watch.ask(Call::status(id, &json!({ "status": "processing" }))).await.expect(200);
    watch.ask(Call::rates(id, 1)).await.expect(200);
    watch.overtaken(id);
    for _ in 0..2 {
        watch.ask(Call::buy_label(id, 1)).await.expect(201);
    }
    watch.ask(Call::label("GET", id, 1)).await.expect(200);
    watch.bench.labels.meets(&[Mood::Away]);
    watch.overtaken(id);
    watch.ask(Call::label("DELETE", id, 1)).await.expect(200);
    watch.bench.clock.advance_minutes(5);
    watch.bench.labels.meets(&[Mood::Away]);
    watch.invoke("settle-labels", schedule_event()).await;
    watch.bench.clock.advance_minutes(10);
    watch.overtaken(id);
    watch.invoke("settle-labels", schedule_event()).await;
    assert_eq!(watch.bench.labels.charged().len(), 0);
    watch.bench.labels.meets(&[Mood::LosesAnswer]);
    watch.ask(Call::buy_label(id, 1).key("another")).await.expect(202);
    watch.bench.clock.advance_minutes(5);
    watch.invoke("settle-labels", schedule_event()).await;
    assert_eq!(watch.bench.labels.charged().len(), 1);
}

/// What the shop does by itself.
async fn automatic(watch: &mut Watch) {
    watch.bench.clock.advance_minutes(61);
    let shop = Setting::Shop(automatic_shop("standard", "dhl"));
    set_up(&watch.bench.settings, shop, watch.bench.clock.now()).await;
    for overtaken in [false, true] {
        let before = watch.bench.labels.charged().len();
        let id = watch.a_paid_order(if overtaken { "by itself, overtaken" } else { "by itself" }).await;
        let paid = watch.message(id, "oms.order.payment_confirmed.v1").await;
        if overtaken {
            watch.overtaken(id);
        }
        watch.invoke("fulfil-order", paid).await;
        let planned = watch.message(id, "oms.order.shipment_planned.v1").await;
        for _ in 0..2 {
            if overtaken {
                watch.overtaken(id);
            }
            watch.invoke("fulfil-order", planned.clone()).await;
        }
        assert_eq!(watch.bench.labels.charged().len(), before + 1);
    }
    watch.bench.labels.meets(&[Mood::Refuses]);
    let refused = watch.a_paid_order("refused by itself").await;
    let paid = watch.message(refused, "oms.order.payment_confirmed.v1").await;
    watch.invoke("fulfil-order", paid).await;
    let planned = watch.message(refused, "oms.order.shipment_planned.v1").await;
    for _ in 0..2 {
        watch.invoke("fulfil-order", planned.clone()).await;
    }
    assert_eq!(watch.bench.order(refused).await.held_for(), Some(HoldReason::Fulfilment));
}

async fn cancelling(watch: &mut Watch) {
    let id = watch.a_paid_order("cancelling").await;
    watch.twice(Call::cancel(id), 200).await;
    let unpaid = watch.an_order("unpaid").await;
    watch.overtaken(unpaid);
    watch.ask(Call::cancel(unpaid)).await.expect(200);
    let refund = watch.message(id, "oms.order.refund_initiated.v1").await;
    watch.overtaken(id);
    let nothing_failed = json!({ "batchItemFailures": [] });
    for _ in 0..2 {
        assert_eq!(watch.invoke("refund", refund.clone()).await, nothing_failed);
        assert_eq!(watch.invoke("notify", refund.clone()).await, nothing_failed);
    }
    let events = watch.bench.events(id).await;
    let entries: Vec<_> = events.into_iter().map(|event| oms_it::Entry { order_id: id, event }).collect();
    // The last event comes alone and cannot be published; the stream gives up, and the sweep goes on from the table.
    watch.bench.bus.fail_next(1);
    let last = oms_it::stream_event(&entries[entries.len() - 1..]);
    assert_ne!(watch.invoke("relay", last).await, nothing_failed);
    watch.bench.clock.advance_minutes(10);
    watch.invoke("sweep", schedule_event()).await;
    assert_eq!(watch.bench.bus.published().len(), entries.len());
    assert_eq!(watch.invoke("relay", oms_it::stream_event(&entries)).await, nothing_failed);
}

async fn reading(watch: &mut Watch) {
    let quote = json!({ "items": [{ "product_id": product_id(3), "quantity": 1 }], "country": "DE" });
    watch.ask(Call::new("quote-order", "POST", "/api/quotes").json(&quote)).await.expect(200);
    let once = Promotion { max_uses: Some(5), ..a_promotion("ONCE") };
    watch.bench.catalog.set_rates(&rates_with(vec![once])).await.unwrap();
    let limited = json!({ "items": [{ "product_id": product_id(3), "quantity": 1 }], "country": "DE",
                          "promotion_codes": ["ONCE"] });
    watch.ask(Call::new("quote-order", "POST", "/api/quotes").json(&limited)).await.expect(200);
    let unknown = json!({ "items": [{ "product_id": product_id(3), "quantity": 1 }], "country": "DE",
                          "promotion_codes": ["GUESSED"] });
    watch.ask(Call::new("quote-order", "POST", "/api/quotes").json(&unknown)).await.expect(200);
    let too_many = json!({ "items": [{ "product_id": product_id(3), "quantity": 999 }], "country": "DE" });
    let quoted = watch.ask(Call::new("quote-order", "POST", "/api/quotes").json(&too_many)).await.expect(200);
    assert!(!quoted.body["alternatives"].as_array().unwrap().is_empty(), "{}", quoted.body);
    let mut rates = rates_with(Vec::new());
    rates.shipping.methods.push(a_carried_method("parcel", "dhl", "standard"));
    watch.bench.catalog.set_rates(&rates).await.unwrap();
    let carried = json!({ "items": quote["items"], "shipping_address": cart(&[])["shipping_address"] });
    let quoted = watch.ask(Call::new("quote-order", "POST", "/api/quotes").json(&carried)).await.expect(200);
    assert!(quoted.body["shipping_methods"][1]["shipping_rate"].is_string(), "{}", quoted.body);
    let id = watch.an_order("reading").await;
    watch.ask(Call::reorder(id, false)).await.expect(200);
    for _ in 0..2 {
        watch.ask(Call::reorder(id, true).key("the same again")).await.expect(201);
    }
    watch.ask(Call::reorder(id, true).by(&admin())).await.expect(201);
    let mut body = cart(&[(product_id(1), 500)]);
    body["draft"] = true.into();
    let short = watch.ask(Call::create(&body)).await.expect(201).order_id();
    let missing = watch.ask(Call::reorder(short, false)).await.expect(200).body["missing"].clone();
    assert!(missing[0]["quantity"].as_u64() > Some(0), "{missing}");
    let by_itself = Promotion { automatic: true, max_uses: Some(5), ..a_promotion("BY-ITSELF") };
    watch.bench.catalog.set_rates(&rates_with(vec![by_itself])).await.unwrap();
    watch.ask(Call::reorder(id, false)).await.expect(200);
    watch.bench.catalog.set_rates(&rates).await.unwrap();
    watch.ask(Call::view(id)).await.expect(200);
    watch.ask(Call::view_numbered(id)).await.expect(200);
    watch.ask(Call::list()).await.expect(200);
    watch.ask(Call::list().query("status", "pending")).await.expect(200);
    watch.ask(Call::list().by(&admin())).await.expect(200);
    watch.ask(Call::list().by(&admin()).query("user_id", ada().user().as_str())).await.expect(200);
    watch.ask(Call::products()).await.expect(200);
    watch.ask(Call::product(product_id(1))).await.expect(200);
    watch.ask(Call::ready()).await.expect(200);
}

/// Orders that are overdue when their units are wanted.
async fn outliving(watch: &mut Watch) {
    watch.bench.sweep_later().await.unwrap();
    let all = cart(&[(product_id(3), watch.bench.available(3).await)]);
    let draft = {
        let mut draft = all.clone();
        draft["draft"] = true.into();
        watch.ask(Call::create(&draft).key("draft on overdue")).await.expect(201).order_id()
    };
    for key in ["first hold", "second hold"] {
        let held = watch.ask(Call::create(&all).key(key)).await.expect(201).order_id();
        watch.bench.clock.advance_minutes(31);
        watch.overtaken(held);
    }
    watch.ask(Call::submit(draft)).await.expect(200);
}

async fn sweeping(watch: &mut Watch) {
    // First all that is left over, so that the one below is alone.
    watch.bench.sweep_later().await.unwrap();
    let id = watch.an_order("sweeping").await;
    watch.bench.clock.advance_minutes(31);
    watch.overtaken(id);
    watch.invoke("sweep", schedule_event()).await;
    // Once in an hour it looks for drafts that have no deadline.
    let past = watch.bench.clock.now().as_second().rem_euclid(3_600);
    watch.bench.clock.advance(SignedDuration::from_secs(3_600 - past));
    watch.invoke("sweep", schedule_event()).await;
    watch.invoke("count-orders", schedule_event()).await;
    assert_eq!(watch.ask(Call::view(id)).await.expect(200).body["status"], "cancelled");
}

async fn screening(watch: &mut Watch) {
    let costly = a_product(7).priced(200_000).build();
    assert!(watch.bench.catalog.add(&costly).await.unwrap());
    let body = cart(&[(costly.id, 1)]);
    for (key, decision) in [("approved", "approve"), ("rejected", "reject"), ("overtaken", "approve")] {
        let id = watch.ask(Call::create(&body).key(&format!("costly {key}"))).await.expect(201).order_id();
        let submitted = watch.message(id, "oms.order.submitted.v1").await;
        if key == "overtaken" {
            watch.overtaken(id);
        }
        for _ in 0..2 {
            assert_eq!(watch.invoke("screen-order", submitted.clone()).await, json!({ "batchItemFailures": [] }));
        }
        if key == "overtaken" {
            watch.overtaken(id);
            watch.ask(Call::review(id, decision)).await.expect(200);
        } else {
            watch.twice(Call::review(id, decision), 200).await;
        }
    }
    let standing = |package, method| {
        let call = Call::new(package, method, "/api/customers/{user_id}/standing");
        call.of("user_id", user("eve").as_str()).by(&admin())
    };
    let blocked = json!({ "blocked": true, "reason": "three charge-backs" });
    watch.ask(standing("change-standing", "PUT").json(&blocked)).await.expect(200);
    watch.ask(standing("view-standing", "GET")).await.expect(200);
    let promotions =
        |package, method| Call::new(package, method, "/api/settings/{table}").of("table", "promotions").by(&admin());
    let spring = json!({ "promotions": [{ "code": "SPRING", "kind": "percentage", "rate": "0.15" }] });
    watch.ask(promotions("change-settings", "PUT").json(&spring)).await.expect(200);
    watch.ask(promotions("view-settings", "GET")).await.expect(200);
    watch.ask(promotions("view-settings", "GET").query("version", "1")).await.expect(200);
}

async fn managing(watch: &mut Watch) {
    let product = json!({
        "seller_id": "seller-north", "sku": "VASE-1", "name": "Vase", "category": "kitchen", "price": "19.90",
        "currency": "EUR", "weight_grams": 420, "low_stock_threshold": 10, "units": 12,
    });
    let create = Call::new("create-product", "POST", "/api/products").by(&admin()).json(&product);
    let id = watch.twice(create.clone(), 201).await.body["id"].as_str().unwrap().to_owned();
    watch.ask(create).await.expect_problem(409, "duplicate_sku");
    let of = |package, method, route| Call::new(package, method, route).of("product_id", &id).by(&admin());
    let update = of("update-product", "PATCH", "/api/products/{product_id}");
    watch.ask(update.clone().json(&json!({ "price": "21.90", "description": "tall" }))).await.expect(200);
    watch.ask(update.json(&json!({ "sku": "VASE-2" }))).await.expect(200);
    let stock = of("move-stock", "POST", "/api/products/{product_id}/stock");
    let movement = |kind: &str, quantity: u32| json!({ "movement": kind, "quantity": quantity, "reason": "counted" });
    watch.twice(stock.clone().json(&movement("receive", 1)), 201).await;
    watch.ask(stock.json(&movement("damage", 5)).key("damage")).await.expect(201);
    watch.ask(of("view-stock", "GET", "/api/products/{product_id}/stock")).await.expect(200);
    let changed = json!({ "Records": [{
        "eventID": "1", "eventName": "MODIFY", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_767_607_200,
            "Keys": { "pk": { "S": format!("PRODUCT#{id}") }, "sk": { "S": "PRODUCT" } },
            "NewImage": { "pk": { "S": format!("PRODUCT#{id}") }, "sk": { "S": "PRODUCT" } },
            "SequenceNumber": "1", "SizeBytes": 100, "StreamViewType": "NEW_IMAGE",
        },
    }] });
    assert_eq!(watch.invoke("alert-stock", changed).await, json!({ "batchItemFailures": [] }));
    assert_eq!(watch.bench.alerts.low_stock().len(), 1);
    watch.ask(of("discontinue-product", "DELETE", "/api/products/{product_id}")).await.expect(200);
    let import = |rows: &str| {
        let head = "seller_id,sku,name,category,price,currency,units";
        Call::new("import-products", "POST", "/api/products/import").by(&admin()).csv(&format!("{head}\n{rows}\n"))
    };
    for rows in ["seller-north,BOWL-1,Bowl,kitchen,9.90,EUR,10", "seller-north,BOWL-1,Big bowl,kitchen,9.90,EUR,"] {
        let reply = watch.ask(import(rows)).await.expect(200);
        assert!(reply.body["rows"][0]["errors"].as_array().unwrap().is_empty(), "{}", reply.body);
    }
}

/// A product that is counted in several places, and is so no more in the end.
async fn heating(watch: &mut Watch) {
    let hot = a_product(8).stocked(100).low_at(100).hot().build();
    assert!(watch.bench.catalog.add(&hot).await.unwrap());
    watch.ask(Call::create(&cart(&[(hot.id, 1)])).key("hot")).await.expect(201);
    let mut body = cart(&[(hot.id, 50)]);
    body["draft"] = true.into();
    let draft = watch.ask(Call::create(&body).key("a hot draft")).await.expect(201).order_id();
    watch.ask(Call::submit(draft)).await.expect(200);
    let id = hot.id.to_string();
    let of = |package, method, route| Call::new(package, method, route).of("product_id", &id).by(&admin());
    let stock = of("move-stock", "POST", "/api/products/{product_id}/stock");
    let hold = json!({ "movement": "hold", "quantity": 49, "reason": "counted" });
    watch.ask(stock.json(&hold)).await.expect(201);
    watch.ask(of("view-stock", "GET", "/api/products/{product_id}/stock")).await.expect(200);
    watch.ask(Call::product(hot.id)).await.expect(200);
    watch.ask(Call::products()).await.expect(200);
    let shard = json!({ "pk": { "S": format!("PRODUCT#{id}") }, "sk": { "S": "PRODUCT#SHARD#00" } });
    let changed = json!({ "Records": [{
        "eventID": "1", "eventName": "MODIFY", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_767_607_200, "Keys": shard, "NewImage": shard,
            "SequenceNumber": "1", "SizeBytes": 100, "StreamViewType": "NEW_IMAGE",
        },
    }] });
    assert_eq!(watch.invoke("alert-stock", changed).await, json!({ "batchItemFailures": [] }));
    assert!(watch.bench.alerts.low_stock().iter().any(|alert| alert.product_id == hot.id && alert.available == 0));
    let cool = of("update-product", "PATCH", "/api/products/{product_id}").json(&json!({ "hot": false }));
    assert_eq!(watch.ask(cool).await.expect(200).body["hot"], false);
    let left = watch.bench.catalog.product(hot.id).await.unwrap().unwrap().stock;
    assert_eq!((left.available, left.reserved, left.on_hold), (0, 51, 49));
}

/// All of the money goes back before anything has shipped: by us, by hand at the provider, and by hand unheard of.
async fn giving_back(watch: &mut Watch, paid: &[(OrderId, PaymentId)]) {
    let [(refunded, _), (by_hand, told), (found, untold)] = *paid else { panic!("three orders are given back") };
    let line_id = watch.ask(Call::view(refunded).by(&admin())).await.expect(200).body["items"][0]["line_id"].clone();
    let lines = json!({ "lines": [{ "line_id": line_id, "quantity": 1 }], "reason": "none are left" });
    watch.ask(Call::refund(refunded, &lines).key("lines")).await.expect(201);
    let (now, all) = (watch.bench.clock.now(), watch.bench.order(by_hand).await.total());
    let webhook = watch.bench.gateway.refund_by_hand(told, all, now);
    watch.ask(Call::webhook(webhook)).await.expect(200);
    watch.bench.gateway.refund_by_hand(untold, all, now);
    let kindness = json!({ "goodwill": "1.00", "reason": "scratched" });
    watch.ask(Call::refund(found, &kindness).key("kindness")).await.expect(201);
    let refund = watch.message(found, "oms.order.refund_initiated.v1").await;
    watch.invoke("refund", refund).await;
    for (id, _) in paid {
        assert_eq!(watch.bench.order(*id).await.status, Status::Cancelled, "nothing is left of {id}");
    }
}

/// Whoever moved a product's units while it was counted in several places moves them once more when it is not.
/// What came back leaves again; its carrier tells nothing, and is asked: it came back again.
async fn comes_back_unheard(watch: &mut Watch, id: OrderId, number: &str) {
    let line_id = watch.ask(Call::view(id).by(&admin())).await.expect(200).body["items"][0]["line_id"].clone();
    watch.ask(Call::plan(id, &json!({ "lines": [{ "line_id": line_id, "quantity": 1 }] }))).await.expect(201);
    let leaves = json!({ "status": "shipped", "tracking": [{ "carrier": "dhl", "tracking_number": number }] });
    watch.ask(Call::shipment(id, 2, &leaves)).await.expect(200);
    let minutes = watch.bench.clock.now().duration_since(oms_testkit::start()).as_mins() + 1;
    watch.bench.labels.knows(&told(number, minutes, CarrierStatus::ReturnedToSender));
    watch.bench.clock.advance_minutes(25 * 60);
    watch.invoke("poll-parcels", schedule_event()).await;
    let order = watch.bench.orders.load(id).await.unwrap().unwrap().order;
    assert_eq!(order.status, Status::Processing);
}

pub(crate) async fn cooling(watch: &mut Watch) {
    let product = a_product(9).priced(200_000).stocked(100).hot().build();
    assert!(watch.bench.catalog.add(&product).await.unwrap());
    let one = cart(&[(product.id, 1)]);
    let mut placed = Vec::new();
    for key in [
        "swept hot",
        "shipped hot",
        "shipped cold",
        "cancelled hot",
        "cancelled cold",
        "rejected hot",
        "moved hot",
        "moved cold",
    ] {
        placed.push(watch.ask(Call::create(&one).key(key)).await.expect(201).order_id());
        if key == "swept hot" {
            watch.bench.clock.advance_minutes(31);
            watch.invoke("sweep", schedule_event()).await;
        }
    }
    for key in ["rejected cold", "swept cold"] {
        placed.push(watch.ask(Call::create(&one).key(key)).await.expect(201).order_id());
    }
    let [
        _,
        shipped_hot,
        shipped_cold,
        cancelled_hot,
        cancelled_cold,
        rejected_hot,
        moved_hot,
        moved_cold,
        rejected_cold,
        swept_cold,
    ] = placed[..]
    else {
        panic!("ten orders were placed")
    };
    for id in [shipped_hot, shipped_cold, moved_hot, moved_cold] {
        let payment = watch.bench.a_payment(id).await;
        let webhook = watch.bench.gateway.pay(payment, watch.bench.clock.now());
        watch.ask(Call::webhook(webhook)).await.expect(200);
        // Worth so much that somebody is to see it first.
        let processing = Call::status(id, &json!({ "status": "processing" }));
        watch.ask(processing.clone()).await.expect_problem(409, "invalid_transition");
        watch.ask(Call::review(id, "approve")).await.expect(200);
        watch.ask(processing).await.expect(200);
    }
    let (mut hot, mut cold) = (Vec::new(), Vec::new());
    for number in 0..6 {
        let id = watch.ask(Call::create(&one).key(&format!("given back {number}"))).await.expect(201).order_id();
        let payment = watch.bench.a_payment(id).await;
        let webhook = watch.bench.gateway.pay(payment, watch.bench.clock.now());
        watch.ask(Call::webhook(webhook)).await.expect(200);
        if number < 3 { &mut hot } else { &mut cold }.push((id, payment));
    }
    giving_back(watch, &hot).await;
    for id in [rejected_hot, rejected_cold] {
        let submitted = watch.message(id, "oms.order.submitted.v1").await;
        watch.invoke("screen-order", submitted).await;
    }
    let tracking = json!({ "carrier": "dhl", "tracking_number": "JD9" });
    let shipped = json!({ "status": "shipped", "tracking": tracking });
    for (moved, alone, cancelled, rejected, last) in [
        (shipped_hot, moved_hot, cancelled_hot, rejected_hot, false),
        (shipped_cold, moved_cold, cancelled_cold, rejected_cold, true),
    ] {
        if last {
            let call = Call::new("update-product", "PATCH", "/api/products/{product_id}").of("product_id", product.id);
            let cool = call.by(&admin()).json(&json!({ "hot": false }));
            assert_eq!(watch.ask(cool).await.expect(200).body["hot"], false);
        }
        watch.ask(Call::status(moved, &shipped)).await.expect(200);
        let number = format!("JD{}", if last { 2 } else { 1 });
        let leaves = json!({ "status": "shipped", "tracking": [{ "carrier": "dhl", "tracking_number": number }] });
        watch.ask(Call::shipment(alone, 1, &leaves)).await.expect(200);
        let minutes = watch.bench.clock.now().duration_since(oms_testkit::start()).as_mins();
        watch.ask(Call::push(&told(&number, minutes, CarrierStatus::ReturnedToSender))).await.expect(200);
        watch.ask(Call::cancel(cancelled)).await.expect(200);
        watch.ask(Call::review(rejected, "reject")).await.expect(200);
        comes_back_unheard(watch, alone, if last { "JD4" } else { "JD3" }).await;
    }
    giving_back(watch, &cold).await;
    watch.bench.clock.advance_minutes(31);
    watch.invoke("sweep", schedule_event()).await;
    assert_eq!(watch.ask(Call::view(swept_cold)).await.expect(200).body["status"], "cancelled");
    let left = watch.bench.catalog.product(product.id).await.unwrap().unwrap().stock;
    assert_eq!((left.available, left.reserved), (96, 2), "two came back");
}

/// On the heap: together they would be more than a test's stack holds.
fn apart<'a, F: Future<Output = ()> + 'a>(
    part: impl FnOnce(&'a mut Watch) -> F,
    watch: &'a mut Watch,
) -> Pin<Box<dyn Future<Output = ()> + 'a>> {
    Box::pin(part(watch))
}

#[tokio::test]
async fn a_role_allows_what_its_handler_does_and_nothing_else() {
    let mut watch = Watch::start().await;
    apart(creating, &mut watch).await;
    apart(changing, &mut watch).await;
    apart(paying, &mut watch).await;
    apart(fulfilling, &mut watch).await;
    apart(shipping, &mut watch).await;
    apart(labelling, &mut watch).await;
    apart(returning, &mut watch).await;
    apart(automatic, &mut watch).await;
    apart(cancelling, &mut watch).await;
    apart(reading, &mut watch).await;
    apart(screening, &mut watch).await;
    apart(managing, &mut watch).await;
    apart(heating, &mut watch).await;
    apart(cooling, &mut watch).await;
    apart(outliving, &mut watch).await;
    apart(sweeping, &mut watch).await;
    apart(keeping, &mut watch).await;

    let template = Template::read();
    let functions = template.functions();
    let (known, wired): (Vec<&str>, Vec<&str>) =
        (functions.keys().copied().collect(), watch.seen.keys().map(String::as_str).collect());
    assert_eq!(known, wired, "every function of the template is on the bench");
    let mut wrong = Vec::new();
    for (package, function) in functions {
        let (allowed, seen) = (template.permissions(function), &watch.seen[package]);
        wrong.extend(seen.difference(&allowed).map(|missing| format!("{package} may not {missing:?} and does")));
        wrong.extend(allowed.difference(seen).map(|spare| format!("{package} may {spare:?} and never does")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
