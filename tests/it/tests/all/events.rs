//! Every sample under `events/` is what its function gets today, and every function can read the event that is made for
//! it.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use oms_app::ports::{
    CaptureRef, GatewayError, MadeRefund, OpenedSession, PaymentGateway, Receipt, RefundRequest, SessionRef,
    SessionRequest, SessionState, Webhook, WebhookError,
};
use oms_domain::actor::Caller;
use oms_domain::ids::OrderId;
use oms_it::{Bench, Call, Entry, Reply, Template, Trigger, file, stream_event};
use oms_local::sample_event;
use oms_local::sandbox::read_webhook;
use oms_local::sandbox::signature::Signer;
use oms_local::start::read_template;
use oms_testkit::memory::FakeGateway;
use serde_json::{Value, json};

/// With which `payment-callback.json` is signed.
const SECRET: &[u8] = b"a sample secret, used nowhere else";

/// Every sample says that it is this time.
const NOW: &str = "2025-12-01T10:00:00.123Z";

fn sample(package: &str) -> Value {
    serde_json::from_str(&file(&format!("events/{package}.json"))).unwrap()
}

/// The samples that are kept: one of each kind of trigger.
const SAMPLES: [&str; 6] = ["alert-stock", "create-order", "notify", "payment-callback", "relay", "sweep"];

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
fn every_sample_is_of_a_kind_of_its_own() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let stems: BTreeSet<_> = names.filter_map(|name| name.strip_suffix(".json").map(ToOwned::to_owned)).collect();
    assert_eq!(stems, SAMPLES.map(ToOwned::to_owned).into());
    for (package, function) in Template::read().functions() {
        if SAMPLES.contains(&package) {
            assert!(Template::triggers(function).contains(&trigger_of(&sample(package))), "{package}");
        }
    }
}

/// What `oms-local events` prints for a function is what invokes it, and the function can read it.
#[tokio::test]
async fn every_function_can_read_the_event_that_is_made_for_it() {
    let template = read_template(None).unwrap();
    let bench = Bench::with_gateway(|gateway| Arc::new(Signed(gateway))).await;
    for (package, function) in Template::read().functions() {
        let event = sample_event::event(&template, package).unwrap();
        let (trigger, triggers) = (trigger_of(&event), Template::triggers(function));
        assert!(triggers.contains(&trigger), "{package} is invoked by {triggers:?}, its event comes from {trigger:?}");
        let answer = bench.invoke(package, event).await;
        let answer = answer.unwrap_or_else(|failure| panic!("{package}: {failure:?}"));
        if let Trigger::Route(route) = trigger {
            let reply = Reply::read(&answer);
            // There is nothing yet that it could be about, and nobody has signed the webhook.
            let read = [200, 201, 204, 401, 404, 409].contains(&reply.status);
            assert!(read, "{package} at {route}: {} {}", reply.status, reply.body);
        }
    }
    assert!(sample_event::event(&template, "make-tea").unwrap_err().contains("review-order"));
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

    async fn refunds(&self, capture: &CaptureRef) -> Result<Vec<MadeRefund>, GatewayError> {
        PaymentGateway::refunds(&self.0, capture).await
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
        oms_local::seed::seed(&bench.catalog, &bench.inventory, &bench.settings, NOW.parse().unwrap()).await.unwrap();
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
}

/// The only body in a queue's sample.
fn body_of(event: &Value) -> Value {
    serde_json::from_str(event["Records"][0]["body"].as_str().unwrap()).unwrap()
}

/// Ordered, paid, shipped, with the samples where there is one.
#[tokio::test]
async fn the_samples_are_what_is_stored_published_and_read_today() {
    let mut story = Story::begin().await;
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
    let nothing_failed = json!({ "batchItemFailures": [] });
    assert_eq!(story.tell("relay").await, nothing_failed);
    assert_eq!(story.bench.bus.names(), ["order.created", "order.submitted"]);

    let page = story.bench.ask(&Call::pay(id).by(&the_customer())).await.expect(201);
    assert_eq!(page.body["payment_id"], json!(story.bench.order(id).await.ledger.payments[0].id));
    assert_eq!(story.request("payment-callback", 200).await.body["result"], "applied");
    story.bench.ask(&status(id, &json!({ "status": "processing" }))).await.expect(200);
    let tracking = json!({ "carrier": "dhl", "tracking_number": "00340434161094042557" });
    story.bench.ask(&status(id, &json!({ "status": "shipped", "tracking": tracking }))).await.expect(200);
    let shipped = story.bench.public_events(id).await.pop().unwrap();
    assert_eq!(
        body_of(&sample("notify")),
        serde_json::to_value(&shipped).unwrap(),
        "notify.json is not what is published"
    );
    assert_eq!(story.tell("notify").await, nothing_failed);
    assert_eq!(story.bench.messenger.sent().len(), 2);
    assert_eq!(story.tell("alert-stock").await, nothing_failed);
    assert_eq!(story.tell("sweep").await, Value::Null);
    assert_eq!(story.told, SAMPLES.map(ToOwned::to_owned).into(), "every sample has a part in the story");
}

/// Who the samples say they are.
fn the_customer() -> Caller {
    let sub = &sample("create-order")["requestContext"]["authorizer"]["jwt"]["claims"]["sub"];
    Caller::Customer(sub.as_str().unwrap().parse().unwrap())
}

/// By the admin, and with the correlation id, that `notify.json` names.
fn status(id: OrderId, body: &Value) -> Call {
    let shipped = body_of(&sample("notify"));
    let admin = shipped["data"]["actor"]["id"].as_str().unwrap().parse().unwrap();
    let call = Call::status(id, body).by(&Caller::Admin(admin));
    call.header("x-correlation-id", shipped["correlationid"].as_str().unwrap())
}
