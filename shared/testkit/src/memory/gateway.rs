//! A payment provider that does what the test tells it.
//!
//! Its webhooks are JSON with a header `x-fake-signature: genuine` and one `x-fake-time` in epoch seconds.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use jiff::Timestamp;
use oms_app::ports::{
    GatewayError, Page, PageState, PaymentGateway, Receipt, RefundNotification, RefundRequest, RefundState, Session,
    SessionRequest, Webhook, WebhookError,
};
use oms_domain::ids::{OrderId, PaymentId, RefundId};
use oms_domain::money::Money;
use oms_domain::payment::{KeptMethod, PaymentNotification, PaymentOutcome};
use serde::{Deserialize, Serialize};

const SIGNATURE_HEADER: &str = "x-fake-signature";
const TIME_HEADER: &str = "x-fake-time";

/// Furthest that a webhook's time may be from now, on both sides.
const TOLERANCE_SECONDS: i64 = 300;

/// What goes wrong with one call to the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GatewayFault {
    /// It refuses for good.
    Refused,
    /// It does not answer; nothing was done.
    Unavailable,
    /// It has done it, and its answer is lost. Looking something up is not struck: this waits for a call that acts.
    LostAnswer,
}

/// Money that the provider holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Captured {
    /// For which order.
    pub order_id: OrderId,
    /// For which attempt.
    pub payment_id: PaymentId,
    /// How much.
    pub money: Money,
}

/// A webhook as it arrives: header names and values, then the body.
pub type Delivery = (Vec<(String, String)>, Vec<u8>);

#[derive(Debug, Default)]
struct Books {
    sessions: BTreeMap<PaymentId, SessionRequest>,
    captured: BTreeMap<PaymentId, Captured>,
    refunds: BTreeMap<RefundId, (RefundRequest, Receipt)>,
    closed: BTreeSet<PaymentId>,
    forgotten: Vec<String>,
    faults: VecDeque<GatewayFault>,
}

impl Books {
    fn whole_payment(&self, order_id: OrderId) -> Option<(String, Money)> {
        let captured = self.captured.values().find(|captured| captured.order_id == order_id)?;
        Some((reference_of(captured), captured.money))
    }

    fn kept(&self, payment_id: PaymentId) -> Option<KeptMethod> {
        let session = self.sessions.get(&payment_id).filter(|session| session.keep_for.is_some());
        session.map(|_| a_kept_method(payment_id))
    }

    fn state(&self, page: &Page) -> PageState {
        match self.captured.get(&page.payment_id) {
            Some(captured) => PageState::Over(succeeded(captured, self.kept(page.payment_id))),
            None if self.closed.contains(&page.payment_id) => {
                PageState::Over(PaymentOutcome::Failed { reason: "expired".into() })
            }
            None => PageState::Open,
        }
    }
}

fn reference_of(captured: &Captured) -> String {
    format!("cap_{}", captured.payment_id)
}

/// The means of payment of an attempt, for a page that was asked to keep it.
fn a_kept_method(payment_id: PaymentId) -> KeptMethod {
    let token = format!("fake-method-{payment_id}");
    KeptMethod { token, label: "visa \u{2026}4242".into(), expires: Some("2030-12".into()) }
}

fn succeeded(captured: &Captured, kept: Option<KeptMethod>) -> PaymentOutcome {
    PaymentOutcome::Succeeded { reference: reference_of(captured), money: captured.money, kept }
}

/// The provider. Clones share its books.
#[derive(Debug, Clone)]
pub struct FakeGateway {
    name: String,
    books: Arc<Mutex<Books>>,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    event_id: String,
    order_id: OrderId,
    #[serde(default)]
    payment_id: Option<PaymentId>,
    #[serde(default)]
    refund_id: Option<RefundId>,
    #[serde(default)]
    reference: Option<String>,
    #[serde(default)]
    money: Option<Money>,
    #[serde(default)]
    kept: Option<KeptMethod>,
    #[serde(default)]
    failure: Option<String>,
}

impl FakeGateway {
    /// The tokens that it was told to forget, in that order.
    pub fn forgotten(&self) -> Vec<String> {
        self.books().forgotten.clone()
    }

    /// A provider of this name with empty books.
    pub fn new(name: &str) -> Self {
        FakeGateway { name: name.to_owned(), books: Arc::default() }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    /// The next call fails like this.
    pub fn fail_next(&self, fault: GatewayFault) {
        self.books().faults.push_back(fault);
    }

    /// The checkout pages that were opened.
    pub fn sessions(&self) -> Vec<SessionRequest> {
        self.books().sessions.values().cloned().collect()
    }

    /// The money that it holds or has held.
    pub fn captured(&self) -> Vec<Captured> {
        self.books().captured.values().copied().collect()
    }

    /// The refunds that it made, each once.
    pub fn refunds(&self) -> Vec<RefundRequest> {
        self.books().refunds.values().map(|(request, _)| request.clone()).collect()
    }

    /// The customer pays on the checkout page; gives the webhook that tells of it.
    pub fn pay(&self, payment_id: PaymentId, now: Timestamp) -> Delivery {
        let session = self.books().sessions.get(&payment_id).cloned().expect("a checkout page was opened");
        let captured = Captured { order_id: session.order_id, payment_id, money: session.money };
        self.books().captured.insert(payment_id, captured);
        let kept = self.books().kept(payment_id);
        let outcome = succeeded(&captured, kept);
        let event_id = format!("evt_paid_{payment_id}");
        self.webhook(&PaymentNotification { event_id, order_id: session.order_id, payment_id, outcome }, now)
    }

    /// The customer's card is declined; gives the webhook that tells of it.
    pub fn decline(&self, payment_id: PaymentId, now: Timestamp) -> Delivery {
        let session = self.books().sessions.get(&payment_id).cloned().expect("a checkout page was opened");
        let outcome = PaymentOutcome::Failed { reason: "card_declined".into() };
        let event_id = format!("evt_declined_{payment_id}");
        self.webhook(&PaymentNotification { event_id, order_id: session.order_id, payment_id, outcome }, now)
    }

    /// Any notification as a genuine webhook.
    pub fn webhook(&self, notification: &PaymentNotification, now: Timestamp) -> Delivery {
        let (reference, money, kept, failure) = match &notification.outcome {
            PaymentOutcome::Succeeded { reference, money, kept } => {
                (Some(reference.clone()), Some(*money), kept.clone(), None)
            }
            PaymentOutcome::Failed { reason } => (None, None, None, Some(reason.clone())),
        };
        let wire = Wire {
            event_id: notification.event_id.clone(),
            order_id: notification.order_id,
            payment_id: Some(notification.payment_id),
            refund_id: None,
            reference,
            money,
            kept,
            failure,
        };
        deliver(&wire, now)
    }

    /// A webhook that tells of a refund.
    pub fn refund_webhook(&self, order_id: OrderId, refund_id: RefundId, now: Timestamp) -> Delivery {
        let wire = Wire {
            event_id: format!("evt_refunded_{refund_id}"),
            order_id,
            payment_id: None,
            refund_id: Some(refund_id),
            reference: Some(format!("ref_{refund_id}")),
            money: None,
            kept: None,
            failure: None,
        };
        deliver(&wire, now)
    }

    /// Runs `act` unless a fault is planned that forbids it; a lost answer acts and does not tell.
    fn call<T>(&self, act: impl FnOnce(&mut Books) -> T) -> Result<T, GatewayError> {
        let mut books = self.books();
        let told = || "a fault that the test asked for".to_owned();
        match books.faults.pop_front() {
            None => Ok(act(&mut books)),
            Some(GatewayFault::Refused) => Err(GatewayError::Refused(told())),
            Some(GatewayFault::Unavailable) => Err(GatewayError::Unavailable(told())),
            Some(GatewayFault::LostAnswer) => {
                act(&mut books);
                Err(GatewayError::Unavailable(told()))
            }
        }
    }
}

fn deliver(wire: &Wire, now: Timestamp) -> Delivery {
    let headers = vec![
        (SIGNATURE_HEADER.to_owned(), "genuine".to_owned()),
        (TIME_HEADER.to_owned(), now.as_second().to_string()),
    ];
    (headers, serde_json::to_vec(wire).unwrap())
}

#[async_trait]
impl PaymentGateway for FakeGateway {
    fn name(&self) -> &str {
        &self.name
    }

    async fn open(&self, request: &SessionRequest) -> Result<Session, GatewayError> {
        self.call(|books| {
            books.sessions.entry(request.payment_id).or_insert_with(|| request.clone());
            let reference = request.payment_id.to_string();
            Session { redirect_url: format!("https://pay.example.test/{reference}"), reference }
        })
    }

    async fn look_up(&self, page: &Page) -> Result<PageState, GatewayError> {
        self.call(|books| books.state(page))
    }

    async fn capture(&self, page: &Page) -> Result<PageState, GatewayError> {
        self.call(|books| books.state(page))
    }

    async fn close(&self, page: &Page) -> Result<PageState, GatewayError> {
        self.call(|books| {
            books.closed.insert(page.payment_id);
            books.state(page)
        })
    }

    async fn read_webhook(
        &self,
        headers: &[(String, String)],
        body: &[u8],
        now: Timestamp,
    ) -> Result<Webhook, WebhookError> {
        let header = |name: &str| headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
        if header(SIGNATURE_HEADER) != Some("genuine") {
            return Err(WebhookError::Forged);
        }
        let signed_at: i64 = header(TIME_HEADER).and_then(|time| time.parse().ok()).ok_or(WebhookError::Forged)?;
        if (now.as_second() - signed_at).abs() > TOLERANCE_SECONDS {
            return Err(WebhookError::OutOfTime);
        }
        let wire: Wire = serde_json::from_slice(body).map_err(|error| WebhookError::Unreadable(error.to_string()))?;
        Ok(match wire {
            Wire { payment_id: Some(payment_id), failure: Some(reason), .. } => Webhook::Payment(PaymentNotification {
                event_id: wire.event_id,
                order_id: wire.order_id,
                payment_id,
                outcome: PaymentOutcome::Failed { reason },
            }),
            Wire { payment_id: Some(payment_id), reference: Some(reference), money: Some(money), .. } => {
                Webhook::Payment(PaymentNotification {
                    event_id: wire.event_id,
                    order_id: wire.order_id,
                    payment_id,
                    outcome: PaymentOutcome::Succeeded { reference, money, kept: wire.kept },
                })
            }
            Wire { refund_id: Some(refund_id), reference: Some(reference), .. } => {
                // A refund that nobody asked for by the port was made by hand: it gives back all of the payment.
                let books = self.books();
                let (payment_reference, money) = match books.refunds.get(&refund_id) {
                    Some((request, _)) => (request.payment_reference.clone(), request.money),
                    None => books.whole_payment(wire.order_id).ok_or(WebhookError::Forged)?,
                };
                Webhook::Refund(RefundNotification {
                    event_id: wire.event_id,
                    order_id: wire.order_id,
                    refund_id: Some(refund_id),
                    payment_reference,
                    money,
                    receipt: Receipt { reference, state: RefundState::Done },
                })
            }
            _ => Webhook::Ignored,
        })
    }

    async fn refund(&self, request: &RefundRequest) -> Result<Receipt, GatewayError> {
        self.call(|books| {
            let reference = format!("ref_{}", request.refund_id);
            let receipt = Receipt { reference, state: RefundState::Done };
            let (_, receipt) = books.refunds.entry(request.refund_id).or_insert_with(|| (request.clone(), receipt));
            receipt.clone()
        })
    }

    async fn find_refund(&self, request: &RefundRequest) -> Result<Option<Receipt>, GatewayError> {
        let look = |books: &mut Books| books.refunds.get(&request.refund_id).map(|(_, receipt)| receipt.clone());
        if self.books().faults.front() == Some(&GatewayFault::LostAnswer) {
            return Ok(look(&mut self.books()));
        }
        self.call(look)
    }

    async fn forget(&self, token: &str) -> Result<(), GatewayError> {
        self.call(|books| books.forgotten.push(token.to_owned()))
    }
}
