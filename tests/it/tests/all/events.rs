//! Every sample under `events/` is what its function gets today: together they tell the story of three orders.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use oms_app::ports::{
    GatewayError, OpenedSession, PaymentGateway, Receipt, RefundRequest, SessionRef, SessionRequest, SessionState,
    Webhook, WebhookError,
};
use oms_domain::ids::OrderId;
use oms_it::{Bench, Call, Entry, Reply, Template, Trigger, file, stream_event};
use oms_local::sandbox::read_webhook;
use oms_local::sandbox::signature::Signer;
use oms_testkit::memory::FakeGateway;
use serde_json::{Value, json};

/// With which `payment-callback.json` is signed.
const SECRET: &[u8] = b"a sample secret, used nowhere else";

/// What the provider calls the means of payment that is kept.
const KEPT: &str = "sandbox-method-4712";

/// Every sample says that it is this time.
const NOW: &str = "2025-12-01T10:00:00.123Z";

fn sample(package: &str) -> Value {
    serde_json::from_str(&file(&format!("events/{package}.json"))).unwrap()
}

fn stems() -> BTreeSet<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter_map(|name| name.strip_suffix(".json").map(ToOwned::to_owned)).collect()
}

fn trigger_of(event: &Value) -> Trigger {
    match (event["routeKey"].as_str(), event["Records"][0]["eventSource"].as_str()) {
        (Some(route), _) => Trigger::Route(route.to_owned()),
        (None, Some("aws:dynamodb")) => Trigger::Stream,
        (None, Some("aws:sqs")) => Trigger::Queue,
        (None, _) if event["detail-type"] == "Scheduled Event" => Trigger::Schedule,
        (None, source) => panic!("an event from {source:?}"),
    }
}

#[test]
fn every_function_has_a_sample_of_what_invokes_it_and_no_sample_is_left_over() {
    let template = Template::read();
    let functions = template.functions();
    let packages: BTreeSet<String> = functions.keys().map(|package| (*package).to_owned()).collect();
    assert_eq!(stems(), packages);
    for (package, function) in functions {
        let (trigger, triggers) = (trigger_of(&sample(package)), Template::triggers(function));
        assert!(triggers.contains(&trigger), "{package} is invoked by {triggers:?}, its sample comes from {trigger:?}");
    }
}

/// The usual provider, whose webhooks are signed as the sandbox signs them.
struct Signed(FakeGateway);

#[async_trait]
impl PaymentGateway for Signed {
    fn name(&self) -> &str {
        self.0.name()
    }

    async fn open(&self, request: &SessionRequest) -> Result<OpenedSession, GatewayError> {
        self.0.open(request).await
    }

    async fn look_up(&self, page: &SessionRef) -> Result<SessionState, GatewayError> {
        self.0.look_up(page).await
    }

    async fn capture(&self, page: &SessionRef) -> Result<SessionState, GatewayError> {
        self.0.capture(page).await
    }

    async fn close(&self, page: &SessionRef) -> Result<SessionState, GatewayError> {
        self.0.close(page).await
    }

    async fn forget(&self, token: &str) -> Result<(), GatewayError> {
        self.0.forget(token).await
    }

    async fn read_webhook(
        &self,
        headers: &[(String, String)],
        body: &[u8],
        now: Timestamp,
    ) -> Result<Webhook, WebhookError> {
        read_webhook(&Signer::new(SECRET), headers, body, now)
    }

    async fn refund(&self, request: &RefundRequest) -> Result<Receipt, GatewayError> {
        self.0.refund(request).await
    }

    async fn find_refund(&self, request: &RefundRequest) -> Result<Option<Receipt>, GatewayError> {
        self.0.find_refund(request).await
    }
}

struct Story {
    bench: Bench,
    told: BTreeSet<String>,
}

impl Story {
    async fn begin() -> Self {
        let bench = Bench::with_gateway(|gateway| Arc::new(Signed(gateway))).await;
        bench.clock.set(NOW.parse().unwrap());
        oms_local::seed::seed(&bench.catalog, &bench.inventory, NOW.parse().unwrap()).await.unwrap();
        Story { bench, told: BTreeSet::new() }
    }

    /// Invokes a function with its sample.
    async fn tell(&mut self, package: &str) -> Value {
        self.told.insert(package.to_owned());
        self.bench.invoke(package, sample(package)).await.unwrap()
    }

    /// The same for a request.
    async fn request(&mut self, package: &str, status: u64) -> Reply {
        Reply::read(&self.tell(package).await).expect(status)
    }

    /// The sample of a create, with another key and perhaps as a draft.
    async fn another_order(&self, key: &str, draft: bool) -> OrderId {
        let mut event = sample("create-order");
        let mut body: Value = serde_json::from_str(event["body"].as_str().unwrap()).unwrap();
        body["draft"] = draft.into();
        event["body"] = body.to_string().into();
        event["headers"]["idempotency-key"] = key.into();
        Reply::read(&self.bench.invoke("create-order", event).await.unwrap()).expect(201).order_id()
    }

    /// A webhook for the first payment of an order, as the sandbox signs it.
    async fn paid(&self, id: OrderId) -> Call {
        let order = self.bench.order(id).await;
        let payment = order.ledger.payments[0].id;
        let body = json!({
            "type": "payment.succeeded",
            "id": format!("evt-paid-{payment}"),
            "data": {
                "order_id": id,
                "payment_id": payment,
                "amount": order.total().decimal(),
                "currency": "EUR",
                "reference": format!("sandbox-capture-{payment}"),
                "method": { "token": KEPT, "label": "visa \u{2026}4242", "expires": "2031-12" },
            },
        });
        let body = body.to_string().into_bytes();
        let headers = Signer::new(SECRET).headers("msg_2mXo1pRqk8dLr5vT", NOW.parse().unwrap(), &body);
        Call::webhook((headers.map(|(name, value)| (name.to_owned(), value)).to_vec(), body))
    }
}

/// The only body in a queue's sample.
fn body_of(event: &Value) -> Value {
    serde_json::from_str(event["Records"][0]["body"].as_str().unwrap()).unwrap()
}

async fn looking_around(story: &mut Story) {
    assert_eq!(story.request("health", 200).await.body["status"], "ok");
    assert!(!story.request("list-products", 200).await.body["data"].as_array().unwrap().is_empty());
    assert_eq!(story.request("view-product", 200).await.body["price"], "19.90");
    story.request("quote-order", 200).await;
    assert_eq!(story.tell("sweep").await, Value::Null);
}

/// Ordered, paid, shipped.
async fn an_order_that_arrives(story: &mut Story) {
    let id = story.request("create-order", 201).await.order_id();
    let order_id = id;
    let entries: Vec<Entry> = story.bench.events(id).await.into_iter().map(|event| Entry { order_id, event }).collect();
    let stored = stream_event(&entries);
    let relayed = sample("relay");
    for place in 0..2 {
        let image = &relayed["Records"][place]["dynamodb"]["NewImage"];
        assert_eq!(
            image["body"], stored["Records"][place]["dynamodb"]["NewImage"]["body"],
            "relay.json is not what is stored"
        );
        assert_eq!(image["pk"]["S"], format!("ORDER#{id}"));
    }
    assert_eq!(story.tell("relay").await, json!({ "batchItemFailures": [] }));
    assert_eq!(story.bench.bus.names(), ["order.created", "order.submitted"]);

    let page = story.request("pay-order", 201).await;
    assert_eq!(page.body["payment_id"], json!(story.bench.order(id).await.ledger.payments[0].id));
    let requested = story.bench.public_events(id).await.pop().unwrap();
    assert_eq!(
        body_of(&sample("open-page")),
        serde_json::to_value(&requested).unwrap(),
        "open-page.json is not what is published"
    );
    assert_eq!(story.tell("open-page").await, json!({ "batchItemFailures": [] }));
    assert_eq!(story.request("payment-callback", 200).await.body["result"], "applied");
    story.bench.ask(&Call::status(id, &json!({ "status": "processing" }))).await.expect(200);
    assert_eq!(story.request("update-status", 200).await.body["status"], "shipped");
    let shipped = story.bench.public_events(id).await.pop().unwrap();
    assert_eq!(
        body_of(&sample("notify")),
        serde_json::to_value(&shipped).unwrap(),
        "notify.json is not what is published"
    );
    assert_eq!(story.tell("notify").await, json!({ "batchItemFailures": [] }));
    assert_eq!(story.bench.messenger.sent().len(), 2);
    let refund = story.request("refund-order", 201).await;
    assert_eq!((&refund.body["amount"], &refund.body["completed"]), (&json!("9.90"), &json!(false)));
    let seen = story.request("view-order", 200).await;
    assert_eq!((&seen.body["status"], &seen.body["refunds"][0]), (&json!("shipped"), &refund.body));
}

/// Drafted, then submitted.
async fn a_draft_that_is_submitted(story: &mut Story) {
    story.another_order("draft-4711", true).await;
    assert_eq!(story.request("submit-order", 200).await.body["status"], "pending");
    assert!(!story.request("list-orders", 200).await.body["data"].as_array().unwrap().is_empty());
}

/// Paid, cancelled, refunded.
async fn an_order_that_is_cancelled(story: &mut Story) {
    let id = story.another_order("cart-4712", false).await;
    let mut pay = sample("pay-order");
    pay["pathParameters"]["order_id"] = json!(id);
    pay["body"] = json!({ "provider": "sandbox", "keep_method": true }).to_string().into();
    Reply::read(&story.bench.invoke("pay-order", pay).await.unwrap()).expect(201);
    let paid = story.paid(id).await;
    assert_eq!(story.bench.ask(&paid).await.expect(200).body["result"], "applied");
    let kept = story.request("list-methods", 200).await;
    assert_eq!(kept.body["data"][0]["label"], "visa \u{2026}4242");
    assert!(!kept.body.to_string().contains(KEPT), "{}", kept.body);
    story.request("delete-method", 204).await;
    assert_eq!(story.tell("forget-methods").await, Value::Null);
    assert_eq!(story.tell("count-orders").await, Value::Null);
    assert_eq!(story.bench.gateway.forgotten(), [KEPT]);
    assert_eq!(story.request("cancel-order", 200).await.body["status"], "cancelled");
    let initiated = story.bench.public_events(id).await.pop().unwrap();
    assert_eq!(
        body_of(&sample("refund")),
        serde_json::to_value(&initiated).unwrap(),
        "refund.json is not what is published"
    );
    assert_eq!(story.tell("refund").await, json!({ "batchItemFailures": [] }));
    assert_eq!(story.bench.gateway.refunds().len(), 1);
}

/// Stock is watched, products and customers are managed.
async fn behind_the_counter(story: &mut Story) {
    let nothing_failed = json!({ "batchItemFailures": [] });
    for package in ["screen-order", "alert-stock"] {
        assert_eq!(story.tell(package).await, nothing_failed, "{package}");
    }
    let requests = [
        ("create-product", 201),
        ("update-product", 200),
        ("move-stock", 201),
        ("view-stock", 200),
        ("import-products", 200),
        ("discontinue-product", 200),
        ("change-standing", 200),
        ("view-standing", 200),
        ("change-settings", 200),
        ("view-settings", 200),
    ];
    for (package, status) in requests {
        story.request(package, status).await;
    }
    // Nobody holds the order that has long been shipped.
    Reply::read(&story.tell("review-order").await).expect_problem(409, "invalid_transition");
}

#[tokio::test]
async fn every_sample_is_answered_as_its_story_goes() {
    let mut story = Story::begin().await;
    looking_around(&mut story).await;
    an_order_that_arrives(&mut story).await;
    a_draft_that_is_submitted(&mut story).await;
    an_order_that_is_cancelled(&mut story).await;
    behind_the_counter(&mut story).await;
    assert_eq!(story.told, stems(), "every sample has a part in the story");
}
