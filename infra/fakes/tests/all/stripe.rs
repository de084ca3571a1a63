//! Our Stripe behaves as Stripe does in what matters.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use jiff::Timestamp;
use oms_fakes::stripe::{Disorder, Fault, Operation, Options, Order, StripeFake, signature_header};
use serde_json::Value;

const START_SECONDS: i64 = 1_764_583_200;
const RETURN_URL: &str = "https://shop.example.test/orders";

/// A clock that the test moves.
#[derive(Clone)]
struct Time(Arc<AtomicI64>);

impl Time {
    fn new() -> Self {
        Time(Arc::new(AtomicI64::new(START_SECONDS)))
    }

    fn options(&self) -> Options {
        let seconds = Arc::clone(&self.0);
        Options::new(Arc::new(move || Timestamp::from_second(seconds.load(Ordering::Relaxed)).unwrap()))
    }

    fn advance_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

struct Shop {
    stripe: StripeFake,
    time: Time,
    http: reqwest::Client,
}

impl Shop {
    async fn new() -> Self {
        let time = Time::new();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Shop { stripe: StripeFake::start(time.options()).await.unwrap(), time, http }
    }

    async fn send(&self, method: &str, path: &str, key: &str, form: &[(&str, &str)]) -> (u16, Value, bool) {
        let form = serde_urlencoded::to_string(form).unwrap();
        let address = format!("{}{path}", self.stripe.base_url());
        let request = if method == "POST" {
            self.http.post(address).body(form).header("idempotency-key", key)
        } else {
            self.http.get(format!("{address}?{form}"))
        };
        let request = request.header("authorization", "Bearer sk_test_fake").header("stripe-version", "any");
        let answer = request.send().await.unwrap();
        let replayed = answer.headers().contains_key("idempotent-replayed");
        (answer.status().as_u16(), answer.json().await.unwrap(), replayed)
    }

    async fn post(&self, path: &str, key: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let (status, body, _) = self.send("POST", path, key, form).await;
        (status, body)
    }

    async fn get(&self, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let (status, body, _) = self.send("GET", path, "", form).await;
        (status, body)
    }

    async fn open(&self, key: &str) -> String {
        let (status, body) = self.post("/v1/checkout/sessions", key, &page()).await;
        assert_eq!(status, 200, "{body}");
        body["id"].as_str().unwrap().to_owned()
    }

    /// An open page that was paid on; gives its payment.
    async fn paid(&self, key: &str) -> String {
        let session = self.open(key).await;
        self.stripe.pay(&session).unwrap();
        self.stripe.pages().pop().unwrap().intent.unwrap()
    }
}

/// A page over 10.00 EUR that lives for an hour after the start.
fn page() -> Vec<(&'static str, &'static str)> {
    vec![
        ("mode", "payment"),
        ("line_items[0][quantity]", "2"),
        ("line_items[0][price_data][currency]", "eur"),
        ("line_items[0][price_data][unit_amount]", "500"),
        ("line_items[0][price_data][product_data][name]", "Order <1>"),
        ("success_url", RETURN_URL),
        ("expires_at", "1764586800"),
        ("metadata[order_id]", "order-1"),
        ("payment_intent_data[metadata][order_id]", "order-1"),
    ]
}

#[tokio::test]
async fn strangers_are_sent_away() {
    let shop = Shop::new().await;
    let address = format!("{}/v1/refunds", shop.stripe.base_url());
    for request in [shop.http.get(&address), shop.http.get(&address).header("authorization", "Bearer sk_test_other")] {
        assert_eq!(request.header("stripe-version", "any").send().await.unwrap().status(), 401);
    }
    let unversioned = shop.http.get(&address).header("authorization", "Bearer sk_test_fake").send().await.unwrap();
    assert_eq!(unversioned.status(), 400);
    assert_eq!(shop.get("/v1/customers", &[]).await.0, 404);
}

#[tokio::test]
async fn one_key_is_one_page() {
    let shop = Shop::new().await;
    let (_, first, replayed) = shop.send("POST", "/v1/checkout/sessions", "key-1", &page()).await;
    assert!(!replayed);
    shop.time.advance_seconds(60);
    let (_, again, replayed) = shop.send("POST", "/v1/checkout/sessions", "key-1", &page()).await;
    assert_eq!((&again, replayed), (&first, true));
    assert_eq!(shop.stripe.pages().len(), 1);

    let mut other = page();
    other[5] = ("success_url", "https://shop.example.test/else");
    let (status, refused) = shop.post("/v1/checkout/sessions", "key-1", &other).await;
    assert_eq!((status, refused["error"]["type"].as_str()), (400, Some("idempotency_error")));
    assert_ne!(shop.open("key-2").await, first["id"].as_str().unwrap());
}

#[tokio::test]
async fn keys_are_forgotten_after_a_day() {
    let shop = Shop::new().await;
    let intent = shop.paid("key-1").await;
    let refund = [("payment_intent", intent.as_str()), ("amount", "100")];
    let (_, first) = shop.post("/v1/refunds", "key-2", &refund).await;
    shop.time.advance_seconds(24 * 60 * 60 - 1);
    assert_eq!(shop.post("/v1/refunds", "key-2", &refund).await.1, first);
    shop.time.advance_seconds(1);
    assert_ne!(shop.post("/v1/refunds", "key-2", &refund).await.1["id"], first["id"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_not_stored() {
    let shop = Shop::new().await;
    let mut wrong = page();
    wrong.push(("line_items[0][price_data][colour]", "red"));
    let (status, refused) = shop.post("/v1/checkout/sessions", "key-1", &wrong).await;
    assert_eq!((status, refused["error"]["code"].as_str()), (400, Some("parameter_unknown")));
    for without in ["mode", "success_url", "line_items[0][price_data][currency]", "line_items[0][quantity]"] {
        let form: Vec<_> = page().into_iter().filter(|(name, _)| *name != without).collect();
        assert_eq!(shop.post("/v1/checkout/sessions", "key-1", &form).await.0, 400, "{without}");
    }
    shop.open("key-1").await;
}

#[tokio::test]
async fn a_page_lives_from_half_an_hour_to_a_day() {
    let shop = Shop::new().await;
    for (seconds, status) in [(30 * 60 - 1, 400), (30 * 60, 200), (24 * 60 * 60, 200), (24 * 60 * 60 + 1, 400)] {
        let ends = (START_SECONDS + seconds).to_string();
        let mut form = page();
        form[6] = ("expires_at", &ends);
        assert_eq!(shop.post("/v1/checkout/sessions", &ends, &form).await.0, status, "{seconds}");
    }
}

#[tokio::test]
async fn a_stored_failure_is_stored_whether_or_not_it_was_done() {
    let shop = Shop::new().await;
    for (fault, pages) in [(Fault::StoredFailure, 0), (Fault::StoredFailureAfterActing, 1)] {
        let key = format!("{fault:?}");
        shop.stripe.fail_next(Some(Operation::OpenSession), fault);
        for repeat in [false, true] {
            let (status, _, replayed) = shop.send("POST", "/v1/checkout/sessions", &key, &page()).await;
            assert_eq!((status, replayed), (500, repeat));
        }
        assert_eq!(shop.stripe.pages().len(), pages);
    }
}

#[tokio::test]
async fn no_more_goes_back_than_came() {
    let shop = Shop::new().await;
    let intent = shop.paid("key-1").await;
    let refund = async |key: &str, amount: &str| {
        let (status, body) = shop.post("/v1/refunds", key, &[("payment_intent", &intent), ("amount", amount)]).await;
        (status, body["error"]["code"].as_str().map(ToOwned::to_owned))
    };
    assert_eq!(refund("a", "1001").await, (400, None));
    assert_eq!(refund("b", "0").await, (400, None));
    assert_eq!(refund("c", "700").await, (200, None));
    assert_eq!(refund("d", "301").await, (400, None));
    assert_eq!(refund("e", "300").await, (200, None));
    assert_eq!(refund("f", "1").await, (400, Some("charge_already_refunded".to_owned())));
    let balance = &shop.stripe.ledger()["order-1"];
    assert_eq!((balance.captured, balance.refunded, balance.charges, balance.refunds), (1_000, 1_000, 1, 2));

    // A refund that fails leaves the money with the shop.
    let failed = shop.stripe.refunds()[0].id.clone();
    shop.stripe.settle_refund(&failed, Err("lost_or_stolen_card")).unwrap();
    assert_eq!(shop.stripe.ledger()["order-1"].refunded, 300);
    assert_eq!(refund("g", "700").await, (200, None));
}

#[tokio::test]
async fn lists_come_in_pages_newest_first() {
    let shop = Shop::new().await;
    let intent = shop.paid("key-1").await;
    let made: Vec<String> = (0..5).map(|_| shop.stripe.refund_by_hand(&intent, 1).unwrap()).collect();
    let ids = |body: &Value| -> Vec<String> {
        body["data"].as_array().unwrap().iter().map(|refund| refund["id"].as_str().unwrap().to_owned()).collect()
    };
    let (_, first) = shop.get("/v1/refunds", &[("payment_intent", &intent), ("limit", "3")]).await;
    assert_eq!(
        (ids(&first), &first["has_more"]),
        (vec![made[4].clone(), made[3].clone(), made[2].clone()], &true.into())
    );
    let (_, rest) = shop.get("/v1/refunds", &[("payment_intent", &intent), ("starting_after", &made[2])]).await;
    assert_eq!((ids(&rest), &rest["has_more"]), (vec![made[1].clone(), made[0].clone()], &false.into()));
    assert_eq!(shop.get("/v1/refunds", &[("limit", "101")]).await.0, 400);
}

#[tokio::test]
async fn a_page_ends_by_the_clock() {
    let shop = Shop::new().await;
    let session = shop.open("key-1").await;
    shop.time.advance_seconds(3_600);
    assert!(shop.stripe.pay(&session).is_err());
    assert_eq!(shop.stripe.pages()[0].status, "expired");
    let told = shop.stripe.take_webhooks();
    assert_eq!(told.len(), 1);
    let event: Value = serde_json::from_slice(&told[0].body).unwrap();
    assert_eq!(event["type"], "checkout.session.expired");
}

#[tokio::test]
async fn a_browser_pays_on_the_page_and_is_sent_back() {
    let shop = Shop::new().await;
    shop.open("key-1").await;
    let url = shop.stripe.pages()[0].url.clone();
    let shown = shop.http.get(&url).send().await.unwrap().text().await.unwrap();
    assert!(shown.contains("Order &lt;1&gt;") && shown.contains("1000 eur"), "{shown}");

    let press = async |outcome: &str| {
        let form = shop.http.post(&url).header("content-type", "application/x-www-form-urlencoded");
        let answer = form.body(format!("outcome={outcome}")).send().await.unwrap();
        let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        (answer.status().as_u16(), to)
    };
    assert_eq!(press("failed").await, (303, Some(url.clone())));
    assert!(shop.http.get(&url).send().await.unwrap().text().await.unwrap().contains("declined"));
    assert_eq!(press("nothing").await.0, 400);
    assert_eq!(press("succeeded").await, (303, Some(RETURN_URL.to_owned())));
    assert_eq!(press("succeeded").await.0, 409);
    assert_eq!(shop.stripe.ledger()["order-1"].captured, 1_000);
}

#[tokio::test]
async fn a_program_pays_on_the_page_too() {
    let shop = Shop::new().await;
    shop.open("key-1").await;
    let url = shop.stripe.pages()[0].url.clone();
    let answer = shop.http.post(&url).body(r#"{"outcome": "processing"}"#).send().await.unwrap();
    let told: Value = answer.json().await.unwrap();
    assert_eq!((told["status"].as_str(), told["payment_status"].as_str()), (Some("complete"), Some("unpaid")));
    let nowhere = format!("{}/c/pay/cs_unknown", shop.stripe.base_url());
    assert_eq!(shop.http.get(&nowhere).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn it_can_live_below_a_path_of_another_server() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/dev/stripe", listener.local_addr().unwrap());
    let time = Time::new();
    let stripe = StripeFake::new(time.options(), &base_url);
    let routes = Router::new().nest("/dev/stripe", stripe.routes());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let shop = Shop { stripe, time, http: reqwest::Client::new() };
    shop.open("key-1").await;
    let url = shop.stripe.pages()[0].url.clone();
    assert!(url.starts_with(&base_url), "{url}");
    assert_eq!(shop.http.get(&url).send().await.unwrap().status(), 200);
}

type Inbox = Arc<Mutex<(VecDeque<StatusCode>, Vec<(String, String)>)>>;

/// Answers with these statuses, then with 200, and remembers signature and body of what came.
async fn receiver(statuses: &[u16]) -> (String, Inbox) {
    let statuses = statuses.iter().map(|status| StatusCode::from_u16(*status).unwrap()).collect();
    let inbox: Inbox = Arc::new(Mutex::new((statuses, Vec::new())));
    let receive = async |State(inbox): State<Inbox>, headers: HeaderMap, body: String| {
        let mut inbox = inbox.lock().unwrap();
        inbox.1.push((headers["stripe-signature"].to_str().unwrap().to_owned(), body));
        inbox.0.pop_front().unwrap_or(StatusCode::OK)
    };
    let routes = Router::new().route("/hooks", post(receive)).with_state(Arc::clone(&inbox));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (url, inbox)
}

async fn delivering(statuses: &[u16]) -> (Shop, Inbox) {
    let (url, inbox) = receiver(statuses).await;
    let time = Time::new();
    let options = Options { webhook_url: Some(url), ..time.options() };
    (Shop { stripe: StripeFake::start(options).await.unwrap(), time, http: reqwest::Client::new() }, inbox)
}

#[tokio::test]
async fn a_webhook_comes_again_until_it_is_taken() {
    let (shop, inbox) = delivering(&[500, 404]).await;
    shop.stripe.tell("something.new", &Value::Null);
    shop.stripe.filed().await;
    assert_eq!(shop.stripe.deliver_due().await, 0);
    assert_eq!(shop.stripe.deliver_due().await, 0, "it is not due before its pause is over");
    shop.time.advance_seconds(10);
    assert_eq!(shop.stripe.deliver_due().await, 0);
    assert_eq!(shop.stripe.next_due().unwrap().as_second(), START_SECONDS + 10 + 60);
    shop.time.advance_seconds(60);
    assert_eq!(shop.stripe.deliver_due().await, 1);
    assert_eq!(shop.stripe.next_due(), None);

    let came = inbox.lock().unwrap().1.clone();
    assert_eq!(came.len(), 3);
    for ((signature, body), seconds) in came.iter().zip([0, 10, 70]) {
        assert_eq!(body, &came[0].1, "the body is the same each time");
        let time = Timestamp::from_second(START_SECONDS + seconds).unwrap();
        assert_eq!(signature, &signature_header(&["whsec_fake"], time, body.as_bytes()), "and signed anew");
    }
}

#[tokio::test]
async fn a_webhook_that_nobody_takes_is_given_up_after_days() {
    let (shop, inbox) = delivering(&[500; 20]).await;
    shop.stripe.tell("something.new", &Value::Null);
    while let Some(due) = shop.stripe.next_due() {
        shop.time.0.store(due.as_second(), Ordering::Relaxed);
        shop.stripe.deliver_due().await;
    }
    assert_eq!(inbox.lock().unwrap().1.len(), 10);
    assert!(shop.time.0.load(Ordering::Relaxed) - START_SECONDS >= 2 * 24 * 60 * 60);
}

#[tokio::test]
async fn webhooks_are_doubled_and_mixed_up_on_request() {
    let shop = Shop::new().await;
    let kinds = |order| {
        shop.stripe.disturb(Disorder { duplicates: 1, order });
        for kind in ["a", "b", "c", "d"] {
            shop.stripe.tell(kind, &Value::Null);
        }
        let kind = |body: &[u8]| serde_json::from_slice::<Value>(body).unwrap()["type"].as_str().unwrap().to_owned();
        shop.stripe.take_webhooks().iter().map(|delivery| kind(&delivery.body)).collect::<String>()
    };
    assert_eq!(kinds(Order::AsFiled), "aabbccdd");
    assert_eq!(kinds(Order::Reversed), "ddccbbaa");
    let mixed = kinds(Order::Shuffled(1));
    assert_ne!(mixed, "aabbccdd");
    let mut sorted: Vec<char> = mixed.chars().collect();
    sorted.sort_unstable();
    assert_eq!(sorted.into_iter().collect::<String>(), "aabbccdd");
    assert_eq!(shop.stripe.next_due(), None);
}

#[tokio::test]
async fn while_a_secret_is_rolled_both_sign() {
    let shop = Shop::new().await;
    let secrets = || {
        shop.stripe.tell("a", &Value::Null);
        shop.stripe.take_webhooks()[0].headers[1].1.matches("v1=").count()
    };
    assert_eq!(secrets(), 1);
    shop.stripe.roll_webhook_secret("whsec_new");
    assert_eq!(secrets(), 2);
    shop.stripe.forget_old_webhook_secret();
    assert_eq!(secrets(), 1);
}
