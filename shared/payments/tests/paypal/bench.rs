//! A fake PayPal, a gateway that talks to it, and a clock that both look at.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use oms_app::ports::{
    Clock as _, PaymentGateway as _, RefundRequest, SessionRef, SessionRequest, SessionState, Webhook, WebhookError,
};
use oms_domain::ids::{OrderId, PaymentId, RefundId};
use oms_domain::money::Money;
use oms_domain::payments::PaymentOutcome;
use oms_fakes::paypal::{
    CERTIFICATE_NAME, CLIENT_ID, CLIENT_SECRET, Delivery, Operation, Options, PayPalFake, Seen, WEBHOOK_ID,
};
use oms_payments::Secret;
use oms_payments::paypal::{PayPalConfig, PayPalGateway};
use oms_testkit::time::ManualClock;
use serde_json::Value;
use uuid::Uuid;

pub(crate) const RETURN_URL: &str = "https://shop.example/orders";

/// How long the gateway waits in real time; only answers that never come take it.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Bench {
    pub(crate) fake: PayPalFake,
    pub(crate) paypal: PayPalGateway,
    pub(crate) clock: ManualClock,
}

pub(crate) fn order_id() -> OrderId {
    OrderId::new(Uuid::from_u128(0x0190_a5b0_7c3e_7000_8000_0000_0000_0001))
}

pub(crate) fn payment_id(attempt: usize) -> PaymentId {
    PaymentId::of_attempt(order_id(), attempt)
}

pub(crate) fn refund_id(sequence: usize) -> RefundId {
    RefundId::of_sequence(order_id(), sequence)
}

pub(crate) fn money(decimal: &str, currency: &str) -> Money {
    Money::parse(decimal, currency.parse().unwrap()).unwrap()
}

pub(crate) fn eur(decimal: &str) -> Money {
    money(decimal, "EUR")
}

/// The first attempt to pay the usual order: EUR 44.70.
pub(crate) fn session() -> SessionRequest {
    let requested_at: Timestamp = "2026-01-05T10:00:00Z".parse().unwrap();
    SessionRequest {
        order_id: order_id(),
        payment_id: payment_id(1),
        money: eur("44.70"),
        return_url: None,
        requested_at,
        expires_at: requested_at + SignedDuration::from_mins(15),
        keep_for: None,
    }
}

pub(crate) fn refund(capture: &str, sequence: usize, decimal: &str) -> RefundRequest {
    RefundRequest {
        refund_id: refund_id(sequence),
        order_id: order_id(),
        payment_reference: capture.to_owned(),
        money: eur(decimal),
    }
}

/// A fake that looks at this clock.
pub(crate) fn options(clock: &ManualClock) -> Options {
    let clock = clock.clone();
    Options::new(Arc::new(move || clock.now()))
}

pub(crate) fn config(fake: &PayPalFake) -> PayPalConfig {
    PayPalConfig {
        delayed: false,
        api_base: fake.base_url().to_owned(),
        client_id: CLIENT_ID.to_owned(),
        client_secret: Secret::new(CLIENT_SECRET),
        webhook_id: WEBHOOK_ID.to_owned(),
        return_url: RETURN_URL.to_owned(),
        certificate_origins: vec![fake.base_url().to_owned()],
        certificate_names: vec![CERTIFICATE_NAME.to_owned()],
        trusted_roots: fake.root_pem().to_owned(),
        timeout: PATIENCE,
    }
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Bench::with(|_| {}).await
    }

    /// For tests in which an answer does not come.
    pub(crate) async fn impatient() -> Self {
        Bench::with(|config| config.timeout = Duration::from_secs(1)).await
    }

    /// With a configuration that differs from the usual one.
    pub(crate) async fn with(change: impl FnOnce(&mut PayPalConfig)) -> Self {
        let clock = ManualClock::default();
        let fake = PayPalFake::start(options(&clock)).await.unwrap();
        let mut config = config(&fake);
        change(&mut config);
        let paypal = PayPalGateway::new(config, Arc::new(clock.clone())).unwrap();
        Bench { fake, paypal, clock }
    }

    /// A page for the usual order.
    pub(crate) async fn open(&self) -> SessionRef {
        let session = self.paypal.open(&session()).await.unwrap();
        SessionRef { order_id: order_id(), payment_id: payment_id(1), session: session.reference }
    }

    /// A page that the customer has approved.
    pub(crate) async fn approved(&self) -> SessionRef {
        let page = self.open().await;
        self.fake.approve(&page.session);
        page
    }

    /// The name of a capture of EUR 44.70.
    pub(crate) async fn captured(&self) -> String {
        let page = self.approved().await;
        let state = self.paypal.capture(&page).await.unwrap();
        let SessionState::Over(PaymentOutcome::Succeeded { reference, .. }) = state else { panic!("it is {state:?}") };
        reference
    }

    pub(crate) fn asked(&self, operation: Operation) -> Vec<Seen> {
        self.fake.seen().into_iter().filter(|seen| seen.operation == operation).collect()
    }

    /// All that waits to be delivered, dropped: what comes next is what a test is about.
    pub(crate) fn forget_deliveries(&self) {
        drop(self.fake.take_deliveries());
    }

    /// The only notification that waits, as the gateway reads it.
    pub(crate) async fn notified(&self) -> Result<Webhook, WebhookError> {
        let deliveries = self.fake.take_deliveries();
        let [delivery] = deliveries.as_slice() else { panic!("{} notifications wait", deliveries.len()) };
        self.read(delivery).await
    }

    pub(crate) async fn read(&self, delivery: &Delivery) -> Result<Webhook, WebhookError> {
        self.paypal.read_webhook(&delivery.headers, &delivery.body, self.clock.now()).await
    }

    /// This body as the fake signs it.
    pub(crate) fn signed(&self, body: &[u8]) -> Delivery {
        let headers = self.fake.envelope().seal(&self.fake.signer(), body);
        Delivery { event_id: "made-up".to_owned(), headers, body: body.to_vec() }
    }
}

/// A payload as PayPal documents it, about the resource of this name.
pub(crate) fn sample(name: &str, resource: &str) -> Vec<u8> {
    let path = format!("{}/../../events/paypal/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let mut event: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let id = if name.starts_with("dispute") { "dispute_id" } else { "id" };
    event["resource"][id] = resource.into();
    serde_json::to_vec(&event).unwrap()
}
