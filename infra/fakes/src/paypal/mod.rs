//! PayPal: Orders v2, captures, refunds, disputes, kept means of payment, and signed notifications.
//!
//! Its handle is told what customers do and what goes wrong. Time is the test's: tokens end and notifications come due
//! by the clock that is handed in, and nothing here waits. The books are kept in memory: a restart forgets them.

mod authority;
mod books;
mod delivery;
mod http;
mod page;
mod script;
mod wire;

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use jiff::Timestamp;
use oms_domain::money::Money;
use tokio::net::TcpListener;
use tokio::sync::Notify;

pub use self::authority::{Authority, Envelope, Identity, Years};
pub use self::books::Entry;
use self::books::{Books, Dispute, OrderState, Refund};
pub use self::delivery::{Delivered, Delivery, Disorder};
pub use self::http::TOKEN_SECONDS;
pub use self::script::{CaptureEnd, Fault, Operation, RefundEnd, Seen, Sequence};

/// The name of the shop's REST app at the fake.
pub const CLIENT_ID: &str = "fake-paypal-client";

/// Its password there. Not a secret: it opens nothing but the fake.
pub const CLIENT_SECRET: &str = "fake-paypal-password";

/// The fake's name for the shop's webhook.
pub const WEBHOOK_ID: &str = "FAKEWEBHOOK000001";

/// The name that the fake's certificate carries.
pub const CERTIFICATE_NAME: &str = "messageverificationcerts.fake.invalid";

/// The certificate that notifications are signed with.
const CERTIFICATE_ID: &str = "CERT-fake-0001";

pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How the fake is set up.
#[derive(Clone)]
pub struct Options {
    /// What time it is at PayPal.
    pub clock: Clock,
    /// Where notifications go; without it they wait to be taken.
    pub webhook_url: Option<String>,
    /// Part of every id: makes them different from those of another run. Capitals and digits.
    pub seed: String,
}

impl Options {
    /// Ids that no other start has if its clock stands elsewhere.
    pub fn new(clock: Clock) -> Self {
        let seed = format!("{:X}", clock().as_millisecond());
        Options { clock, webhook_url: None, seed }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Options").field("webhook_url", &self.webhook_url).finish_non_exhaustive()
    }
}

/// Root and signer of all fakes of this process: making an RSA key takes longer than most tests.
static KEYS: Mutex<Option<(String, Arc<Identity>)>> = Mutex::new(None);

fn keys() -> io::Result<(String, Arc<Identity>)> {
    let mut keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = keys.as_ref() {
        return Ok(known.clone());
    }
    let authority = Authority::new()?;
    let signer = Arc::new(authority.issue(CERTIFICATE_NAME, (2000, 2099))?);
    Ok(keys.insert((authority.root_pem(), signer)).clone())
}

/// The fake; a cheap handle.
#[derive(Clone)]
pub struct PayPalFake(Arc<Inner>);

struct Inner {
    base_url: String,
    options: Options,
    http: reqwest::Client,
    root_pem: String,
    signer: Arc<Identity>,
    identities: Mutex<HashMap<String, Arc<Identity>>>,
    books: Mutex<Books>,
    filed: Notify,
}

impl PayPalFake {
    /// A PayPal with empty books that is found at `base_url`; serve its [`PayPalFake::routes`] there.
    pub fn new(options: Options, base_url: &str) -> io::Result<Self> {
        let (root_pem, signer) = keys()?;
        let http = reqwest::Client::builder().no_proxy().build().map_err(io::Error::other)?;
        Ok(PayPalFake(Arc::new(Inner {
            base_url: base_url.trim_end_matches('/').to_owned(),
            http,
            root_pem,
            identities: Mutex::new(HashMap::from([(CERTIFICATE_ID.to_owned(), signer.clone())])),
            signer,
            books: Mutex::new(Books::new(&options.seed)),
            filed: Notify::new(),
            options,
        })))
    }

    /// Serves a new PayPal on a free port of this machine until the runtime ends.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let fake = PayPalFake::new(options, &format!("http://{}", listener.local_addr()?))?;
        let routes = fake.routes();
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(fake)
    }

    /// The API under `/v1`, `/v2` and `/v3`, and the page under `/checkoutnow`.
    pub fn routes(&self) -> Router {
        http::router(self.clone())
    }

    fn now(&self) -> Timestamp {
        (self.0.options.clock)()
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) {
        self.0.filed.notify_one();
    }

    fn identity(&self, id: &str) -> Option<Arc<Identity>> {
        self.0.identities.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// Scheme, host and port.
    pub fn base_url(&self) -> &str {
        &self.0.base_url
    }

    /// The root that whoever believes the fake must trust, in PEM.
    pub fn root_pem(&self) -> &str {
        &self.0.root_pem
    }

    /// Serves this identity's certificates too, and says where.
    pub fn serve(&self, id: &str, identity: Arc<Identity>) -> String {
        self.0.identities.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), identity);
        self.certificate_url(id)
    }

    /// Where a certificate is.
    pub fn certificate_url(&self, id: &str) -> String {
        format!("{}/v1/notifications/certs/{id}", self.base_url())
    }

    /// The outside of a genuine notification of now; to be sealed by [`PayPalFake::signer`].
    pub fn envelope(&self) -> Envelope {
        Envelope {
            transmission_id: "c8f2e9a0-0000-11f0-8000-fa4e00000001".to_owned(),
            sent_at: self.now(),
            webhook_id: WEBHOOK_ID.to_owned(),
            algorithm: "SHA256withRSA".to_owned(),
            certificate_url: self.certificate_url(CERTIFICATE_ID),
        }
    }

    /// Whose key signs notifications.
    pub fn signer(&self) -> Arc<Identity> {
        self.0.signer.clone()
    }

    /// What goes wrong with the next requests of this kind, one after the other.
    pub fn script(&self, operation: Operation, faults: impl IntoIterator<Item = Fault>) {
        self.books().faults.entry(operation).or_default().extend(faults);
    }

    /// How the next captures end; those after them complete.
    pub fn captures_end(&self, ends: impl IntoIterator<Item = CaptureEnd>) {
        self.books().capture_ends.extend(ends);
    }

    /// How the next refunds end; those after them complete.
    pub fn refunds_end(&self, ends: impl IntoIterator<Item = RefundEnd>) {
        self.books().refund_ends.extend(ends);
    }

    /// No token that was given out is good any more.
    pub fn revoke_tokens(&self) {
        self.books().tokens.clear();
    }

    /// Forgets an order, as PayPal does with those that nobody approved in time.
    pub fn expire(&self, order: &str) {
        self.books().orders.remove(order);
    }

    /// The customer approves an order; nothing if it does not wait for that.
    pub fn approve(&self, order: &str) {
        let mut books = self.books();
        let Some(waiting) = books.orders.get_mut(order).filter(|order| order.state == OrderState::Waiting) else {
            return;
        };
        waiting.state = OrderState::Approved;
        let approved = waiting.clone();
        self.file(&mut books, "CHECKOUT.ORDER.APPROVED", |writer| writer.order(&approved));
        self.wake();
    }

    /// A capture that was pending ends.
    pub fn settle_capture(&self, capture: &str, end: CaptureEnd) {
        let mut books = self.books();
        let Some(settled) = books.captures.get_mut(capture) else { return };
        settled.end = end;
        let (settled, completed) = (settled.clone(), end == CaptureEnd::Completed);
        let kind = if completed { "PAYMENT.CAPTURE.COMPLETED" } else { "PAYMENT.CAPTURE.DENIED" };
        self.file(&mut books, kind, |writer| writer.capture(&settled));
        self.wake();
    }

    /// A refund that was pending ends.
    pub fn settle_refund(&self, refund: &str, end: RefundEnd) {
        let mut books = self.books();
        let Some(settled) = books.refunds.get_mut(refund) else { return };
        settled.end = end;
        let settled = settled.clone();
        self.file(&mut books, http::refund_event(end), |writer| writer.refund(&settled));
        self.wake();
    }

    /// Somebody refunds (part of) a capture on PayPal's own pages; says how the refund is called, if it was possible.
    pub fn refund_by_hand(&self, capture: &str, money: Money) -> Option<String> {
        self.take_back(capture, money, "PAYMENT.CAPTURE.REFUNDED")
    }

    /// PayPal takes a capture back by itself; says how the reversal is called, if it was possible.
    pub fn reverse(&self, capture: &str, money: Money) -> Option<String> {
        self.take_back(capture, money, "PAYMENT.CAPTURE.REVERSED")
    }

    fn take_back(&self, capture: &str, money: Money, kind: &str) -> Option<String> {
        let mut books = self.books();
        let taken = books.captures.get(capture)?.clone();
        let refund = Refund {
            id: String::new(),
            capture: taken.id,
            end: RefundEnd::Completed,
            money,
            custom_id: taken.custom_id,
            invoice_id: taken.invoice_id,
            created_at: self.now(),
        };
        let refund = books.refund(refund).ok()?;
        self.file(&mut books, kind, |writer| writer.refund(&refund));
        self.wake();
        Some(refund.id)
    }

    /// The customer disputes a capture; says how the dispute is called.
    pub fn dispute(&self, capture: &str, reason: &str) -> String {
        let mut books = self.books();
        let (id, reason) = (books.new_id("PP-D-"), reason.to_owned());
        let dispute = Dispute { id: id.clone(), capture: capture.to_owned(), reason, created_at: self.now() };
        books.disputes.insert(id.clone(), dispute.clone());
        self.file(&mut books, "CUSTOMER.DISPUTE.CREATED", |writer| writer.dispute(&dispute));
        self.wake();
        id
    }

    /// Waits until a notification was filed since the last wait.
    pub async fn filed(&self) {
        self.0.filed.notified().await;
    }

    /// What stands in the books, order by order.
    pub fn ledger(&self) -> Vec<Entry> {
        self.books().ledger()
    }

    /// The means of payment that are kept, by their tokens.
    pub fn kept(&self) -> Vec<String> {
        self.books().kept.iter().cloned().collect()
    }

    /// What was asked so far, oldest first.
    pub fn seen(&self) -> Vec<Seen> {
        self.books().seen.clone()
    }
}
