//! A running system, and people who use it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use oms_domain::catalog::stock::Stock;
use oms_domain::ids::ProductId;
use oms_domain::signed_link::{Link, Purpose};
use oms_local::identity::TokenRequest;
use oms_local::payments::Provider;
use oms_local::start::{Oms, Options, start, start_through};
use oms_local::state::StateLocation;
use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::shop::{id, text};

/// Longest real time for whatever follows from a request.
const PATIENCE: Duration = Duration::from_mins(1);

/// The payment queue holds its messages back for 30 seconds.
const PAYMENT_DELAY: Duration = Duration::from_secs(31);

/// The system as everybody reaches it: over HTTP.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) http: reqwest::Client,
    pub(crate) base: String,
    /// Where the routes under `/dev` are.
    dev: String,
    /// Tells people and keys of one scenario from those of another where several share a stage.
    scene: String,
    keys: Arc<AtomicU32>,
}

impl Site {
    pub(crate) fn at(base: &str) -> Self {
        Site::shared(base, base, "")
    }

    /// A stage that several scenarios share, with its `/dev` routes elsewhere.
    pub(crate) fn shared(base: &str, dev: &str, scene: &str) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Site { http, base: base.to_owned(), dev: dev.to_owned(), scene: scene.to_owned(), keys: Arc::default() }
    }

    pub(crate) fn nobody(&self) -> User {
        User { site: self.clone(), token: None }
    }

    pub(crate) fn user(&self, token: String) -> User {
        User { site: self.clone(), token: Some(token) }
    }

    /// Somebody with a token that the development identity provider gave over HTTP.
    pub(crate) async fn sign_in(&self, user: &str, role: &str) -> User {
        self.identified(&json!({"user_id": format!("{user}{}", self.scene), "role": role})).await
    }

    /// The same for somebody who sells for this seller.
    pub(crate) async fn sign_in_for(&self, seller: &str) -> User {
        self.identified(
            &json!({"user_id": format!("of-{seller}{}", self.scene), "role": "seller", "seller_id": seller}),
        )
        .await
    }

    async fn identified(&self, who: &Value) -> User {
        let answer = self.nobody().post("/dev/token", who).await.expect(200);
        self.user(text(&answer, "access_token").to_owned())
    }

    /// A key that was not used before in this test.
    pub(crate) fn new_key(&self) -> String {
        format!("key{}-{}", self.scene, self.keys.fetch_add(1, Ordering::Relaxed))
    }

    /// The customer's deed on the provider's page.
    pub(crate) fn settling(&self, payment_id: &str, outcome: &str) -> Call {
        self.nobody().call(Method::POST, &format!("/dev/pay/{payment_id}")).json(&json!({"outcome": outcome}))
    }

    /// The customer's deed on the provider's page. The provider has called our webhook once when this returns.
    pub(crate) async fn settle_page(&self, payment_id: &str, outcome: &str) {
        self.settling(payment_id, outcome).send().await.expect(200);
    }

    /// The customer's deed on the page that paying has led to, whosever it is.
    pub(crate) async fn act_on_page(&self, redirect_url: &str, outcome: &str) {
        let call = Call { what: format!("POST {redirect_url}"), request: self.http.post(redirect_url) };
        call.json(&json!({"outcome": outcome})).send().await.expect(200);
    }

    pub(crate) fn moving_clock(&self, by: Duration) -> Call {
        self.nobody().call(Method::POST, "/dev/clock/advance").json(&json!({"seconds": by.as_secs()}))
    }

    /// Moves the clock, and waits until all that fell due in the cloud is done.
    pub(crate) async fn move_clock(&self, by: Duration) {
        let moved = self.moving_clock(by).send().await.expect(200);
        assert_eq!(moved["settled"], true, "{moved}");
    }

    /// What the customer was told about an order, oldest first.
    pub(crate) async fn notifications(&self, order: &Value) -> Vec<Value> {
        // Where messages are found by their text, it names the order by one or the other.
        let path = format!("/dev/notifications?order_id={}&number={}", id(order), text(order, "number"));
        self.nobody().get(&path).await.expect(200).as_array().unwrap().clone()
    }

    /// Messages in all queues and dead-letter queues.
    pub(crate) async fn depths(&self) -> BTreeMap<String, u64> {
        let queues = self.nobody().get("/dev/queues").await.expect(200);
        let depth =
            |queue: &Value| ["visible", "in_flight", "delayed"].iter().map(|kind| queue[kind].as_u64().unwrap()).sum();
        queues.as_array().unwrap().iter().map(|queue| (text(queue, "name").to_owned(), depth(queue))).collect()
    }
}

/// The system in this process.
pub(crate) struct TestApp {
    pub(crate) oms: Oms,
    /// Orders of which dead letters were driven again: what those tell comes late.
    pub(crate) driven_again: Mutex<BTreeSet<String>>,
    site: Site,
}

impl Deref for TestApp {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

/// An instance that keeps nothing.
pub(crate) async fn start_app() -> TestApp {
    TestApp::start(StateLocation::Memory).await
}

/// An instance on a directory.
pub(crate) async fn start_app_in(directory: &Path) -> TestApp {
    TestApp::start(StateLocation::Directory(directory.to_owned())).await
}

/// An instance that keeps nothing and offers these payment providers.
pub(crate) async fn start_app_with(payments: Vec<Provider>) -> TestApp {
    TestApp::start_with(StateLocation::Memory, payments).await
}

/// An instance that keeps nothing, with every limit as the template has it.
pub(crate) async fn start_limited_app() -> TestApp {
    TestApp::start_as(StateLocation::Memory, Vec::new(), Vec::new()).await
}

/// Nobody is held to limits: the clock of a test mostly stands still, and its customers order all day.
fn unlimited() -> Vec<(String, String)> {
    let limits = ["OrdersPerMinute", "OpenOrders", "UnitsPerProduct", "PaymentsPerMinute", "MessagesPerDay"];
    limits.map(|name| (name.to_owned(), "0".to_owned())).into()
}

/// An instance that keeps nothing and whose functions reach the store another way.
pub(crate) async fn start_app_through(through: impl FnOnce(&str) -> String) -> TestApp {
    let options = Options {
        port: 0,
        state: StateLocation::Memory,
        template: None,
        payments: Vec::new(),
        parameters: unlimited(),
    };
    let oms = start_through(options, through).await.unwrap();
    let site = Site::at(oms.cloud.base_url());
    TestApp { oms, driven_again: Mutex::default(), site }
}

impl TestApp {
    async fn start(state: StateLocation) -> Self {
        TestApp::start_with(state, Vec::new()).await
    }

    async fn start_with(state: StateLocation, payments: Vec<Provider>) -> Self {
        TestApp::start_as(state, payments, unlimited()).await
    }

    async fn start_as(state: StateLocation, payments: Vec<Provider>, parameters: Vec<(String, String)>) -> Self {
        let oms = start(Options { port: 0, state, template: None, payments, parameters }).await.unwrap();
        let site = Site::at(oms.cloud.base_url());
        TestApp { oms, driven_again: Mutex::default(), site }
    }

    pub(crate) fn token(&self, user: &str, role: &str, seller: Option<&str>, life_seconds: Option<i64>) -> String {
        let request = TokenRequest {
            user_id: user.to_owned(),
            role: role.to_owned(),
            seller_id: seller.map(ToOwned::to_owned),
            expires_in_seconds: life_seconds,
        };
        self.oms.cloud.context().identity.mint(&request).unwrap().0
    }

    pub(crate) fn customer(&self, name: &str) -> User {
        self.user(self.token(name, "customer", None, None))
    }

    pub(crate) fn admin(&self) -> User {
        self.user(self.token("grace", "admin", None, None))
    }

    pub(crate) fn seller(&self, seller: &str) -> User {
        self.user(self.token("sally", "seller", Some(seller), None))
    }

    /// What the clocks of the local cloud show.
    pub(crate) fn now(&self) -> jiff::Timestamp {
        self.oms.cloud.context().clock.now()
    }

    /// Waits until nothing is left to do, at the provider neither.
    pub(crate) async fn settled(&self) {
        let settled = async {
            loop {
                assert!(self.oms.cloud.settle(PATIENCE).await, "the cloud does not come to rest");
                let now = self.now();
                if self.oms.parts.sandbox.books().webhooks_due(now).unwrap() == 0 {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, settled).await.expect("the provider does not come to rest");
        assert!(self.oms.cloud.settle(PATIENCE).await, "the cloud does not come to rest");
    }

    /// Lets what is under way arrive, moves the clock, and waits until all that fell due is done.
    pub(crate) async fn advance(&self, by: Duration) {
        self.settled().await;
        self.move_clock(by).await;
        self.settled().await;
    }

    /// What the customer was told about an order, as `channel event`, oldest first.
    pub(crate) async fn messages(&self, order: &Value) -> Vec<String> {
        self.settled().await;
        let told = |message: &Value| format!("{} {}", text(message, "channel"), text(message, "event"));
        self.notifications(order).await.iter().map(told).collect()
    }

    /// The token of a tracking link that was sent so long ago.
    pub(crate) fn tracking_token(&self, order: &Value, ago: SignedDuration) -> String {
        let context = self.oms.cloud.context();
        let keys = oms_local::link_keys::open(&context.state).unwrap();
        let then = context.clock.now() - ago;
        Link::new(Purpose::Track, id(order).parse().unwrap(), then).token(&keys)
    }

    pub(crate) async fn stock(&self, product: &str) -> Stock {
        let product: ProductId = product.parse().unwrap();
        self.oms.parts.catalog.product(product).await.unwrap().unwrap().stock
    }

    /// Ends the test: nothing waits anywhere, and the invariants hold over every order of this instance.
    pub(crate) async fn finish(self) {
        // A queue may hold something back for a while.
        self.advance(PAYMENT_DELAY).await;
        for (name, depth) in self.depths().await {
            assert_eq!(depth, 0, "{depth} messages are left in {name}");
        }
        crate::invariants::hold(&self).await;
        self.oms.cloud.shutdown().await;
    }

    /// Ends as a killed process does.
    pub(crate) async fn kill(self) {
        self.oms.cloud.kill().await;
    }
}

/// Somebody with a token, or without one.
#[derive(Clone)]
pub(crate) struct User {
    site: Site,
    token: Option<String>,
}

impl User {
    /// By which name the system knows this person: the subject of the token.
    pub(crate) fn id(&self) -> String {
        let claims = self.token.as_deref().unwrap().split('.').nth(1).unwrap();
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
        text(&claims, "sub").to_owned()
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> Call {
        let what = format!("{method} {path}");
        let base = if path.starts_with("/dev/") { &self.site.dev } else { &self.site.base };
        let mut request = self.site.http.request(method, format!("{base}{path}"));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        Call { what, request }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path).send().await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path).json(body).send().await
    }

    /// Orders under a key.
    pub(crate) async fn create(&self, cart: &Value, key: &str) -> Answer {
        self.creating(cart).key(key).send().await
    }

    pub(crate) fn creating(&self, cart: &Value) -> Call {
        self.call(Method::POST, "/api/orders").json(cart)
    }

    /// Orders, under a key of its own.
    pub(crate) async fn place(&self, items: &[(&str, u32)]) -> Value {
        self.create(&crate::shop::cart(items), &self.site.new_key()).await.expect(201)
    }

    /// Opens a checkout page, under a key of its own, and answers with the attempt's id.
    pub(crate) async fn open_page(&self, order: &Value) -> String {
        let opened = self.paying(order).key(&self.site.new_key()).send().await.expect(201);
        text(&opened, "payment_id").to_owned()
    }

    pub(crate) fn paying(&self, order: &Value) -> Call {
        self.paying_with(order, "sandbox")
    }

    pub(crate) fn paying_with(&self, order: &Value, provider: &str) -> Call {
        let call = self.call(Method::POST, &format!("/api/orders/{}/payments", id(order)));
        call.json(&json!({"provider": provider}))
    }

    /// Pays on the provider's page.
    pub(crate) async fn pay(&self, order: &Value) {
        let payment = self.open_page(order).await;
        self.site.settle_page(&payment, "succeeded").await;
    }

    pub(crate) async fn view(&self, order: &Value) -> Value {
        self.get(&format!("/api/orders/{}", id(order))).await.expect(200)
    }

    pub(crate) fn cancelling(&self, order: &Value) -> Call {
        let call = self.call(Method::POST, &format!("/api/orders/{}/cancel", id(order)));
        call.json(&json!({"reason": "changed my mind"}))
    }

    pub(crate) async fn cancel(&self, order: &Value) -> Answer {
        self.cancelling(order).send().await
    }

    pub(crate) fn submitting(&self, order: &Value) -> Call {
        self.call(Method::POST, &format!("/api/orders/{}/submit", id(order)))
    }

    pub(crate) async fn submit(&self, order: &Value) -> Answer {
        self.submitting(order).send().await
    }

    pub(crate) fn moving(&self, order: &Value, status: &str) -> Call {
        let mut body = json!({"status": status});
        if status == "shipped" {
            body["tracking"] = json!({"carrier": "DHL", "tracking_number": "00340434161094042557"});
        }
        self.call(Method::PATCH, &format!("/api/orders/{}/status", id(order))).json(&body)
    }

    /// Moves an order along, through all of these.
    pub(crate) async fn move_to(&self, order: &Value, statuses: &[&str]) -> Value {
        let mut moved = Value::Null;
        for status in statuses {
            moved = self.moving(order, status).send().await.expect(200);
            assert_eq!(moved["status"], *status);
        }
        moved
    }
}

/// A request in the making.
pub(crate) struct Call {
    what: String,
    request: reqwest::RequestBuilder,
}

impl Call {
    pub(crate) fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key.as_bytes())
    }

    pub(crate) fn header(mut self, name: &str, value: &[u8]) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        self.request = self.request.header(name, HeaderValue::from_bytes(value).unwrap());
        self
    }

    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.request = self.request.json(body);
        self
    }

    pub(crate) fn raw(self, body: impl Into<reqwest::Body>) -> Self {
        self.text("application/json", body)
    }

    pub(crate) fn text(mut self, content_type: &str, body: impl Into<reqwest::Body>) -> Self {
        self.request = self.request.header("content-type", content_type).body(body);
        self
    }

    /// Sends it; the connection breaking is an error only where the instance is killed.
    pub(crate) async fn try_send(self) -> reqwest::Result<Answer> {
        let response = self.request.timeout(PATIENCE).send().await?;
        Ok(Answer::read(self.what, response).await)
    }

    pub(crate) async fn send(self) -> Answer {
        self.try_send().await.unwrap()
    }
}
