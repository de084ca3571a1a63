//! One shop at one Stripe, and a clock for both.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use oms_app::ports::{PaymentGateway as _, RefundRequest, SessionRef, SessionRequest, SessionState, Webhook};
use oms_domain::ids::{OrderId, PaymentId, RefundId};
use oms_domain::money::Money;
use oms_domain::payments::{PaymentNotification, PaymentOutcome};
use oms_fakes::stripe::{Delivery, Options, StripeFake};
use oms_payments::Secret;
use oms_payments::stripe::{StripeConfig, StripeGateway};

pub(crate) const SECRET_KEY: &str = "sk_test_nobody_may_see_this";
pub(crate) const WEBHOOK_SECRET: &str = "whsec_nobody_may_see_this_either";
pub(crate) const RETURN_URL: &str = "https://shop.example.test/orders";

pub(crate) struct Bench {
    pub(crate) stripe: StripeFake,
    pub(crate) gateway: StripeGateway,
    seconds: Arc<AtomicI64>,
}

pub(crate) fn config(api_base: &str) -> StripeConfig {
    let secrets = vec![Secret::new(WEBHOOK_SECRET)];
    StripeConfig {
        api_base: api_base.to_owned(),
        answer_within: Duration::from_secs(5),
        retries: 0,
        retry_pause: Duration::ZERO,
        ..StripeConfig::new(Secret::new(SECRET_KEY), secrets, RETURN_URL)
    }
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut StripeConfig)) -> Self {
        let seconds = Arc::new(AtomicI64::new(1_764_583_200));
        let shown = Arc::clone(&seconds);
        let clock = move || Timestamp::from_second(shown.load(Ordering::Relaxed)).unwrap();
        let options = Options {
            secret_key: SECRET_KEY.to_owned(),
            webhook_secret: WEBHOOK_SECRET.to_owned(),
            ..Options::new(Arc::new(clock))
        };
        let stripe = StripeFake::start(options).await.unwrap();
        let mut config = config(stripe.base_url());
        change(&mut config);
        Bench { stripe, gateway: StripeGateway::new(config), seconds }
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_second(self.seconds.load(Ordering::Relaxed)).unwrap()
    }

    pub(crate) fn advance_minutes(&self, minutes: i64) {
        self.seconds.fetch_add(minutes * 60, Ordering::Relaxed);
    }

    /// What the shop asks for its `number`th order.
    pub(crate) fn wanted(&self, number: u128, money: &str) -> SessionRequest {
        let (order_id, payment_id) = ids(number);
        SessionRequest {
            order_id,
            payment_id,
            money: self::money(money),
            return_url: None,
            requested_at: self.now(),
            expires_at: self.now() + jiff::SignedDuration::from_mins(30),
            keep_for: None,
        }
    }

    pub(crate) async fn open(&self, request: &SessionRequest) -> SessionRef {
        let session = self.gateway.open(request).await.unwrap().reference;
        SessionRef { order_id: request.order_id, payment_id: request.payment_id, session }
    }

    /// An order that was paid, and the name of the capture.
    pub(crate) async fn paid(&self, number: u128, money: &str) -> (SessionRef, String) {
        let page = self.open(&self.wanted(number, money)).await;
        self.stripe.pay(&page.session).unwrap();
        let reference = reference(&self.gateway.look_up(&page).await.unwrap());
        (page, reference)
    }

    pub(crate) async fn read(&self, delivery: &Delivery) -> Webhook {
        self.gateway.read_webhook(&delivery.headers, &delivery.body, self.now()).await.unwrap()
    }

    /// Everything that Stripe told since the last time and that concerns us.
    pub(crate) async fn heard(&self) -> Vec<Webhook> {
        let mut heard = Vec::new();
        for delivery in self.stripe.take_webhooks() {
            let webhook = self.read(&delivery).await;
            if webhook != Webhook::Ignored {
                heard.push(webhook);
            }
        }
        heard
    }
}

pub(crate) fn money(text: &str) -> Money {
    let (amount, code) = text.split_once(' ').unwrap();
    Money::parse(amount, code.parse().unwrap()).unwrap()
}

/// Ids of the `number`th order and its payment.
pub(crate) fn ids(number: u128) -> (OrderId, PaymentId) {
    let text = |kind: u128| format!("0190a5b0-7c3e-7000-8000-{:012x}", number * 16 + kind);
    (text(1).parse().unwrap(), text(2).parse().unwrap())
}

pub(crate) fn refund_request(page: &SessionRef, reference: &str, number: u128, money: &str) -> RefundRequest {
    let refund_id: RefundId = format!("0190a5b0-7c3e-7000-9000-{number:012x}").parse().unwrap();
    RefundRequest {
        refund_id,
        order_id: page.order_id,
        payment_reference: reference.to_owned(),
        money: self::money(money),
    }
}

pub(crate) fn reference(state: &SessionState) -> String {
    let SessionState::Over(PaymentOutcome::Succeeded { reference, .. }) = state else { panic!("not paid: {state:?}") };
    reference.clone()
}

pub(crate) fn failed(reason: &str) -> PaymentOutcome {
    PaymentOutcome::Failed { reason: reason.to_owned() }
}

/// The one notification of a payment among what was heard.
pub(crate) fn notification(heard: &[Webhook]) -> &PaymentNotification {
    match heard {
        [Webhook::Payment(notification)] => notification,
        other => panic!("not one payment: {other:?}"),
    }
}
