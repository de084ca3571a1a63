//! Stripe, as far as a shop with hosted pages meets it.
//!
//! Checkout Sessions with their page, payment intents, charges, refunds, kept payment methods and signed webhooks, in
//! Stripe's own wire format. Time is the test's: pages end, keys are forgotten and deliveries come due by the clock that
//! is handed in, and nothing here waits. What goes wrong is scripted: [`Fault`] for calls, [`Disorder`] for webhooks.
//!
//! The books are kept in memory: a restart forgets every page and payment.

mod api;
mod books;
mod delivery;
mod faults;
mod page;
mod parameters;
mod refunds;
mod render;
mod views;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::Notify;

pub use api::Logged;
pub use books::NotPossible;
pub use delivery::{Delivery, Disorder, Order, signature_header};
pub use faults::{Fault, Operation};
pub use views::{Balance, Page, RefundView};

use books::Books;
use delivery::Outbox;
use faults::Script;

pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How the fake is set up.
#[derive(Clone)]
pub struct Options {
    /// What time it is at the provider.
    pub clock: Clock,
    /// The key that callers must show.
    pub secret_key: String,
    /// With what webhooks are signed.
    pub webhook_secret: String,
    /// Where webhooks go; without it they wait to be taken.
    pub webhook_url: Option<String>,
    /// Makes the ids of this provider different from those of another run.
    pub seed: String,
}

impl Options {
    /// Keys that say what they are, and ids that no other start has if its clock stands elsewhere.
    pub fn new(clock: Clock) -> Self {
        let seed = clock().as_nanosecond().to_string();
        Options {
            clock,
            secret_key: "sk_test_fake".to_owned(),
            webhook_secret: "whsec_fake".to_owned(),
            webhook_url: None,
            seed,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Options").field("webhook_url", &self.webhook_url).finish_non_exhaustive()
    }
}

struct State {
    books: Books,
    outbox: Outbox,
    script: Script,
    keys: BTreeMap<String, api::Kept>,
    log: Vec<Logged>,
}

struct Shared {
    options: Options,
    base_url: String,
    state: Mutex<State>,
    filed: Notify,
    released: Notify,
    http: reqwest::Client,
}

/// The provider; a cheap handle.
#[derive(Clone)]
pub struct StripeFake(Arc<Shared>);

impl StripeFake {
    /// A provider with empty books whose pages are found under `base_url`; serve its [`StripeFake::routes`] there.
    pub fn new(options: Options, base_url: &str) -> Self {
        let state = State {
            books: Books::new(&options.seed),
            outbox: Outbox::new(&options.webhook_secret),
            script: Script::default(),
            keys: BTreeMap::new(),
            log: Vec::new(),
        };
        StripeFake(Arc::new(Shared {
            options,
            base_url: base_url.trim_end_matches('/').to_owned(),
            state: Mutex::new(state),
            filed: Notify::new(),
            released: Notify::new(),
            http: reqwest::Client::new(),
        }))
    }

    /// Serves a new provider on a free port of this machine until the runtime ends.
    pub async fn start(options: Options) -> std::io::Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let fake = StripeFake::new(options, &format!("http://{}", listener.local_addr()?));
        let routes = fake.routes();
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(fake)
    }

    /// The API under `/v1` and the pages under `/c/pay`.
    pub fn routes(&self) -> Router {
        api::routes(self.clone()).merge(page::routes(self.clone()))
    }

    /// Where it is served.
    pub fn base_url(&self) -> &str {
        &self.0.base_url
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A test that panicked elsewhere says so by itself.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Timestamp {
        (self.0.options.clock)()
    }

    /// Changes the books at the clock's time, and files what that makes known.
    fn act<T>(&self, deed: impl FnOnce(&mut Books) -> T) -> T {
        let now = self.now();
        let mut state = self.state();
        state.books.set_time(now);
        let done = deed(&mut state.books);
        file(&mut state, now);
        drop(state);
        self.0.filed.notify_one();
        done
    }

    /// The customer pays, and the money is there.
    pub fn pay(&self, session: &str) -> Result<(), NotPossible> {
        self.act(|books| books.pay(session))
    }

    /// The customer's card is declined; the page stays open.
    pub fn decline(&self, session: &str, decline_code: &str) -> Result<(), NotPossible> {
        self.act(|books| books.decline(session, decline_code))
    }

    /// The customer pays by a means that brings the money days later; [`StripeFake::settle`] says whether it came.
    pub fn pay_later(&self, session: &str) -> Result<(), NotPossible> {
        self.act(|books| books.pay_later(session))
    }

    /// The money of [`StripeFake::pay_later`] comes or does not.
    pub fn settle(&self, session: &str, comes: bool) -> Result<(), NotPossible> {
        self.act(|books| books.settle(session, comes))
    }

    /// Closes the pages whose time is over; every call does so too.
    pub fn expire_due(&self) {
        self.act(|_| ());
    }

    /// The customer's bank takes the money back.
    pub fn dispute(&self, intent: &str, reason: &str) -> Result<(), NotPossible> {
        self.act(|books| books.dispute(intent, reason))
    }

    /// Somebody at the shop gives money back on Stripe's own pages; tells the refund's id.
    pub fn refund_by_hand(&self, intent: &str, amount: i64) -> Result<String, NotPossible> {
        self.act(|books| books.refund_by_hand(intent, amount))
    }

    /// Whether refunds from now on wait for [`StripeFake::settle_refund`].
    pub fn hold_refunds(&self, hold: bool) {
        self.act(|books| books.hold_refunds(hold));
    }

    /// A refund succeeds, or fails for a reason, also after it had succeeded.
    pub fn settle_refund(&self, refund: &str, outcome: Result<(), &str>) -> Result<(), NotPossible> {
        self.act(|books| books.settle_refund(refund, outcome))
    }

    /// Tells of anything, as an event of this type.
    pub fn tell(&self, kind: &str, object: &Value) {
        self.act(|books| books.tell(kind, object, None));
    }

    /// The next call of this kind goes wrong like this; without a kind, the next call.
    pub fn fail_next(&self, operation: Option<Operation>, fault: Fault) {
        self.state().script.add(operation, fault);
    }

    /// From now on every call is answered with a 503, until it is told otherwise.
    pub fn stay_away(&self, away: bool) {
        self.state().script.stay_away(away);
    }

    /// Sends the answers that [`Fault::Slow`] holds back.
    pub fn release(&self) {
        self.0.released.notify_waiters();
    }

    /// Every call so far, oldest first.
    pub fn log(&self) -> Vec<Logged> {
        self.state().log.clone()
    }

    /// The pages, oldest first.
    pub fn pages(&self) -> Vec<Page> {
        self.state().books.pages(&self.0.base_url)
    }

    /// The page of one of the caller's payments, by the `payment_id` of its metadata.
    pub fn page_of(&self, payment_id: &str) -> Option<Page> {
        self.pages().into_iter().rev().find(|page| page.metadata.get("payment_id").is_some_and(|id| id == payment_id))
    }

    /// The refunds, oldest first.
    pub fn refunds(&self) -> Vec<RefundView> {
        self.state().books.refund_views()
    }

    /// What was taken and given back for each of the caller's orders, by the `order_id` of the metadata.
    pub fn ledger(&self) -> BTreeMap<String, Balance> {
        self.state().books.ledger()
    }
}

/// What the books have made known goes to the outbox.
fn file(state: &mut State, now: Timestamp) {
    for event in state.books.news() {
        state.outbox.file(event, now);
    }
}
