//! The fake PayPal, asked as a shop asks the real one.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use jiff::{SignedDuration, Timestamp};
use oms_fakes::paypal::{
    CLIENT_ID, CLIENT_SECRET, CaptureEnd, Disorder, Fault, Operation, Options, PayPalFake, RefundEnd, Sequence,
    TOKEN_SECONDS,
};
use reqwest::redirect::Policy;
use serde_json::{Value, json};

/// A clock that the test moves.
#[derive(Clone)]
struct Hands(Arc<Mutex<Timestamp>>);

impl Hands {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn advance(&self, seconds: i64) {
        *self.0.lock().unwrap() += SignedDuration::from_secs(seconds);
    }
}

struct Shop {
    fake: PayPalFake,
    clock: Hands,
    http: reqwest::Client,
    token: String,
}

impl Shop {
    async fn new() -> Self {
        Shop::notified(None).await
    }

    /// A shop whose webhook is here.
    async fn notified(webhook_url: Option<String>) -> Self {
        let clock = Hands(Arc::new(Mutex::new("2026-01-05T10:00:00Z".parse().unwrap())));
        let hands = clock.clone();
        let options = Options { webhook_url, ..Options::new(Arc::new(move || hands.now())) };
        let fake = PayPalFake::start(options).await.unwrap();
        let http = reqwest::Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        let mut shop = Shop { fake, clock, http, token: String::new() };
        shop.log_in().await;
        shop
    }

    async fn log_in(&mut self) {
        let request = self.http.post(format!("{}/v1/oauth2/token", self.fake.base_url()));
        let request = request.basic_auth(CLIENT_ID, Some(CLIENT_SECRET)).body("grant_type=client_credentials");
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["expires_in"], TOKEN_SECONDS);
        answer["access_token"].as_str().unwrap().clone_into(&mut self.token);
    }

    async fn post(&self, path: &str, id: &str, body: Value) -> (u16, Value) {
        let request = self.http.post(format!("{}{path}", self.fake.base_url())).bearer_auth(&self.token);
        let answer = request.header("PayPal-Request-Id", id).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let request = self.http.get(format!("{}{path}", self.fake.base_url())).bearer_auth(&self.token);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// An order of EUR 10.00 with this name of the shop's.
    async fn order(&self, name: &str) -> String {
        let (status, order) = self.post("/v2/checkout/orders", name, order(name, "10.00")).await;
        assert_eq!((status, &order["status"]), (201, &json!("PAYER_ACTION_REQUIRED")));
        order["id"].as_str().unwrap().to_owned()
    }

    /// The capture of such an order, approved.
    async fn captured(&self, name: &str) -> String {
        let order = self.order(name).await;
        self.fake.approve(&order);
        let (_, order) =
            self.post(&format!("/v2/checkout/orders/{order}/capture"), &format!("{name}-c"), json!({})).await;
        order["purchase_units"][0]["payments"]["captures"][0]["id"].as_str().unwrap().to_owned()
    }

    async fn refund(&self, capture: &str, id: &str, value: &str) -> (u16, Value) {
        let body = json!({"amount": {"currency_code": "EUR", "value": value}, "custom_id": id});
        self.post(&format!("/v2/payments/captures/{capture}/refund"), id, body).await
    }
}

fn order(name: &str, value: &str) -> Value {
    json!({
        "intent": "CAPTURE",
        "purchase_units": [{
            "custom_id": name, "invoice_id": name, "amount": {"currency_code": "EUR", "value": value},
        }],
        "payment_source": {"paypal": {"experience_context": {
            "return_url": "https://shop.example/back", "cancel_url": "https://shop.example/cancel?x=1",
        }}},
    })
}

fn issue(answer: &Value) -> &str {
    answer["details"][0]["issue"].as_str().unwrap()
}

#[tokio::test]
async fn a_token_ends_when_the_clock_says_so() {
    let mut shop = Shop::new().await;
    let order = shop.order("a").await;
    let path = format!("/v2/checkout/orders/{order}");
    shop.clock.advance(TOKEN_SECONDS - 1);
    assert_eq!(shop.get(&path).await.0, 200);
    shop.clock.advance(1);
    assert_eq!(shop.get(&path).await.0, 401);
    shop.log_in().await;
    assert_eq!(shop.get(&path).await.0, 200);
    shop.token = "made-up".to_owned();
    assert_eq!(shop.get(&path).await.0, 401);
}

#[tokio::test]
async fn a_request_id_stands_for_one_request() {
    let shop = Shop::new().await;
    let first = shop.order("a").await;
    let (status, again) = shop.post("/v2/checkout/orders", "a", order("a", "10.00")).await;
    assert_eq!((status, again["id"].as_str()), (200, Some(first.as_str())));
    let (status, other) = shop.post("/v2/checkout/orders", "a", order("a", "11.00")).await;
    assert_eq!((status, issue(&other)), (422, "DUPLICATE_REQUEST_ID"));
    // A repeat shows the order as it is now.
    shop.fake.approve(&first);
    assert_eq!(shop.post("/v2/checkout/orders", "a", order("a", "10.00")).await.1["status"], "APPROVED");
    assert_eq!(shop.fake.ledger().len(), 1);
}

#[tokio::test]
async fn a_stored_failure_is_answered_again_and_nothing_has_happened() {
    let shop = Shop::new().await;
    let capture = shop.captured("a").await;
    shop.fake.script(Operation::Refund, [Fault::FailsForGood]);
    for _ in 0..2 {
        assert_eq!(shop.refund(&capture, "r1", "1.00").await.0, 500);
    }
    assert_eq!(shop.refund(&capture, "r2", "1.00").await.0, 201);
    assert_eq!(shop.fake.ledger()[0].refunded, 100);
}

#[tokio::test]
async fn an_order_is_captured_once_and_only_if_approved() {
    let shop = Shop::new().await;
    let id = shop.order("a").await;
    let path = format!("/v2/checkout/orders/{id}/capture");
    assert_eq!(issue(&shop.post(&path, "c1", json!({})).await.1), "ORDER_NOT_APPROVED");
    shop.fake.approve(&id);
    let (status, first) = shop.post(&path, "c1", json!({})).await;
    assert_eq!((status, first["status"].as_str()), (201, Some("COMPLETED")));
    assert_eq!(shop.post(&path, "c1", json!({})).await, (200, first));
    assert_eq!(issue(&shop.post(&path, "c2", json!({})).await.1), "ORDER_ALREADY_CAPTURED");
    // A second order for the same invoice is not paid either.
    let (_, second) = shop.post("/v2/checkout/orders", "b", order("a", "10.00")).await;
    let second = second["id"].as_str().unwrap();
    shop.fake.approve(second);
    let path = format!("/v2/checkout/orders/{second}/capture");
    assert_eq!(issue(&shop.post(&path, "c3", json!({})).await.1), "DUPLICATE_INVOICE_ID");
    assert_eq!(shop.fake.ledger().iter().map(|entry| entry.captured).sum::<i64>(), 1_000);
}

#[tokio::test]
async fn refunds_stay_within_the_capture() {
    let shop = Shop::new().await;
    let capture = shop.captured("a").await;
    shop.fake.refunds_end([RefundEnd::Completed, RefundEnd::Failed, RefundEnd::Pending]);
    assert_eq!(shop.refund(&capture, "r1", "4.00").await.0, 201);
    assert_eq!(issue(&shop.refund(&capture, "r2", "6.01").await.1), "REFUND_AMOUNT_EXCEEDED");
    assert_eq!(shop.refund(&capture, "r3", "6.00").await.1["status"], "FAILED");
    assert_eq!(shop.get(&format!("/v2/payments/captures/{capture}")).await.1["status"], "PARTIALLY_REFUNDED");
    assert_eq!(shop.refund(&capture, "r4", "6.00").await.1["status"], "PENDING");
    assert_eq!(issue(&shop.refund(&capture, "r5", "0.01").await.1), "CAPTURE_FULLY_REFUNDED");
    assert_eq!(shop.get(&format!("/v2/payments/captures/{capture}")).await.1["status"], "REFUNDED");
    assert_eq!(issue(&shop.refund(&capture, "r6", "0.001").await.1), "DECIMAL_PRECISION");
    let entry = &shop.fake.ledger()[0];
    assert_eq!((entry.custom_id.as_str(), entry.captured, entry.refunded), ("a", 1_000, 1_000));
}

#[tokio::test]
async fn money_that_waits_cannot_be_given_back() {
    let shop = Shop::new().await;
    shop.fake.captures_end([CaptureEnd::Pending]);
    let capture = shop.captured("a").await;
    assert_eq!(issue(&shop.refund(&capture, "r1", "1.00").await.1), "CAPTURE_NOT_COMPLETED");
    assert_eq!(shop.fake.ledger()[0].captured, 0);
    shop.fake.settle_capture(&capture, CaptureEnd::Completed);
    assert_eq!(shop.fake.ledger()[0].captured, 1_000);
}

#[tokio::test]
async fn a_browser_can_approve_or_go_back() {
    let shop = Shop::new().await;
    let order = shop.order("a").await;
    let page = format!("{}/checkoutnow?token={order}", shop.fake.base_url());
    let text = shop.http.get(&page).send().await.unwrap().text().await.unwrap();
    assert!(text.contains("Pay 10.00 EUR") && text.contains(&order), "{text}");
    for (decision, location, status) in [
        ("cancel", format!("https://shop.example/cancel?x=1&token={order}"), "PAYER_ACTION_REQUIRED"),
        ("approve", format!("https://shop.example/back?token={order}&PayerID=FAKEPAYER0001"), "APPROVED"),
    ] {
        let sent = shop.http.post(&page).body(format!("decision={decision}")).send().await.unwrap();
        assert_eq!((sent.status().as_u16(), sent.headers()["location"].to_str().unwrap()), (303, location.as_str()));
        assert_eq!(shop.get(&format!("/v2/checkout/orders/{order}")).await.1["status"], status);
    }
    let missing = format!("{}/checkoutnow?token=ORD-NONE", shop.fake.base_url());
    assert_eq!(shop.http.get(&missing).send().await.unwrap().status().as_u16(), 404);
}

/// A webhook that answers as it is told, with success when it is told nothing, and remembers what came.
#[derive(Clone, Default)]
struct Listener {
    answers: Arc<Mutex<VecDeque<u16>>>,
    came: Arc<Mutex<Vec<(String, HeaderMap)>>>,
}

impl Listener {
    async fn listen(&self) -> String {
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/callback", socket.local_addr().unwrap());
        let listener = self.clone();
        let handle = move |headers: HeaderMap, body: Bytes| async move {
            let event: Value = serde_json::from_slice(&body).unwrap();
            listener.came.lock().unwrap().push((event["event_type"].as_str().unwrap().to_owned(), headers));
            StatusCode::from_u16(listener.answers.lock().unwrap().pop_front().unwrap_or(200)).unwrap()
        };
        tokio::spawn(async move { axum::serve(socket, Router::new().fallback(handle)).await.unwrap() });
        url
    }

    fn kinds(&self) -> Vec<String> {
        self.came.lock().unwrap().drain(..).map(|(kind, _)| kind).collect()
    }
}

#[tokio::test]
async fn a_notification_is_repeated_until_it_is_taken() {
    let listener = Listener::default();
    let shop = Shop::notified(Some(listener.listen().await)).await;
    let order = shop.order("a").await;
    shop.fake.approve(&order);
    listener.answers.lock().unwrap().extend([500, 404]);
    let delivered = shop.fake.deliver_due().await;
    assert_eq!(delivered[0].status, Some(500));
    assert_eq!(shop.fake.deliver_due().await, [], "not yet");
    shop.clock.advance(5);
    assert_eq!(shop.fake.deliver_due().await[0].status, Some(404));
    assert_eq!(shop.fake.next_due(), Some(shop.clock.now() + SignedDuration::from_secs(30)));
    shop.clock.advance(30);
    let last = shop.fake.deliver_due().await;
    assert_eq!((last[0].status, &last[0].event_id), (Some(200), &delivered[0].event_id));
    assert_eq!(shop.fake.next_due(), None);
    let came = listener.came.lock().unwrap();
    assert_eq!(came.len(), 3);
    let id = |at: usize| came[at].1["paypal-transmission-id"].clone();
    assert_ne!(id(0), id(1), "each transmission has a name of its own");
}

#[tokio::test]
async fn what_nobody_takes_is_given_up() {
    let shop = Shop::notified(Some("http://127.0.0.1:9/".to_owned())).await;
    let order = shop.order("a").await;
    shop.fake.approve(&order);
    let mut attempts = 0;
    while let Some(due) = shop.fake.next_due() {
        *shop.clock.0.lock().unwrap() = due;
        let delivered = shop.fake.deliver_due().await;
        assert_eq!(delivered[0].status, None);
        attempts += 1;
    }
    assert_eq!(attempts, 10);
}

#[tokio::test]
async fn notifications_come_twice_and_in_any_order_if_so_told() {
    let listener = Listener::default();
    let shop = Shop::notified(Some(listener.listen().await)).await;
    let capture = shop.captured("a").await;
    shop.refund(&capture, "r1", "1.00").await;
    shop.fake.disturb(Disorder { sequence: Sequence::Backwards, copies: 2 });
    shop.fake.deliver_due().await;
    let (approved, completed, refunded) =
        ("CHECKOUT.ORDER.APPROVED", "PAYMENT.CAPTURE.COMPLETED", "PAYMENT.CAPTURE.REFUNDED");
    assert_eq!(listener.kinds(), [refunded, refunded, completed, completed, approved, approved]);
    let mut orders = std::collections::BTreeSet::new();
    for seed in 0..12 {
        let capture = shop.captured(&format!("b{seed}")).await;
        shop.refund(&capture, &format!("s{seed}"), "1.00").await;
        shop.fake.disturb(Disorder { sequence: Sequence::Shuffled(seed), copies: 1 });
        shop.fake.deliver_due().await;
        let mut kinds = listener.kinds();
        orders.insert(kinds.clone());
        kinds.sort();
        assert_eq!(kinds, [approved, completed, refunded]);
    }
    assert!(orders.len() > 3, "{orders:?}");
}

#[tokio::test]
async fn what_was_asked_is_written_down_without_credentials() {
    let shop = Shop::new().await;
    shop.order("a").await;
    let seen = shop.fake.seen();
    assert_eq!(seen.iter().map(|seen| seen.operation).collect::<Vec<_>>(), [Operation::Token, Operation::CreateOrder]);
    assert_eq!(seen[1].request_id.as_deref(), Some("a"));
    let text = format!("{seen:?}");
    assert!(!text.contains(CLIENT_SECRET) && !text.contains(&shop.token), "{text}");
}

#[tokio::test]
async fn two_runs_have_no_id_in_common() {
    let (first, second) = (Shop::new().await, Shop::new().await);
    let id = first.order("a").await;
    assert_eq!(second.order("a").await, id, "at the same moment of a clock that is moved by hand");
    second.clock.advance(1);
    let clock = second.clock.clone();
    let restarted = PayPalFake::start(Options::new(Arc::new(move || clock.now()))).await.unwrap();
    let mut shop = Shop { fake: restarted, ..second };
    shop.log_in().await;
    assert_ne!(shop.order("a").await, id);
}
