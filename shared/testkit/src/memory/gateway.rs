//! A payment provider that does what the test tells it.
//!
//! Its webhooks are JSON with a header `x-fake-signature: genuine` and one `x-fake-time` in epoch seconds.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use jiff::Timestamp;
use oms_app::ports::{
    GatewayError, OpenedSession, PaymentGateway, Receipt, RefundNotification, RefundRequest, RefundState, SessionRef,
    SessionRequest, SessionState, Webhook, WebhookError,
};
use oms_domain::ids::{OrderId, PaymentId, RefundId};
use oms_domain::money::{Amount, Money};
use oms_domain::payments::{MethodToken, PaymentNotification, PaymentOutcome};
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
    pub order_id: OrderId,
    pub payment_id: PaymentId,
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
    approved: BTreeSet<PaymentId>,
    by_hand: BTreeMap<String, (OrderId, PaymentId, Money)>,
    next_receipts: VecDeque<RefundState>,
    asked: usize,
    faults: VecDeque<GatewayFault>,
}

impl Books {
    fn whole_payment(&self, order_id: OrderId) -> Option<(String, Money)> {
        let captured = self.captured.values().find(|captured| captured.order_id == order_id)?;
        Some((reference_of(captured), captured.money))
    }

    fn kept(&self, payment_id: PaymentId) -> Option<MethodToken> {
        let session = self.sessions.get(&payment_id).filter(|session| session.keep_for.is_some());
        session.map(|_| a_kept_method(payment_id))
    }

    fn state(&self, page: &SessionRef) -> SessionState {
        match self.captured.get(&page.payment_id) {
            Some(captured) => SessionState::Over(succeeded(captured, self.kept(page.payment_id))),
            None if self.closed.contains(&page.payment_id) => {
                SessionState::Over(PaymentOutcome::Failed { reason: "expired".into() })
            }
            None if self.approved.contains(&page.payment_id) => SessionState::Approved,
            None => SessionState::Open,
        }
    }

    fn capture(&mut self, payment_id: PaymentId) -> Option<Captured> {
        let session = self.sessions.get(&payment_id)?;
        let captured = Captured { order_id: session.order_id, payment_id, money: session.money };
        self.captured.insert(payment_id, captured);
        Some(captured)
    }
}

fn reference_of(captured: &Captured) -> String {
    format!("cap_{}", captured.payment_id)
}

/// The means of payment of an attempt, for a page that was asked to keep it.
fn a_kept_method(payment_id: PaymentId) -> MethodToken {
    let token = format!("fake-method-{payment_id}");
    MethodToken { token, label: "visa \u{2026}4242".into(), expires: Some("2030-12".into()) }
}

fn succeeded(captured: &Captured, kept: Option<MethodToken>) -> PaymentOutcome {
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
    kept: Option<MethodToken>,
    #[serde(default)]
    failure: Option<String>,
    /// `approved`, `by_hand` or `disputed`; nothing for what the other fields tell.
    #[serde(default)]
    kind: Option<String>,
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

    /// What it has given back for an order.
    pub fn refunded(&self, order_id: OrderId) -> Amount {
        let books = self.books();
        let done = books
            .refunds
            .values()
            .filter(|(request, receipt)| request.order_id == order_id && receipt.state == RefundState::Done);
        let by_hand = books.by_hand.values().filter(|(id, ..)| *id == order_id);
        done.map(|(request, _)| request.money.amount).chain(by_hand.map(|(.., money)| money.amount)).sum()
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
            kind: None,
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
            kind: None,
        };
        deliver(&wire, now)
    }

    /// A webhook that tells that a refund will not happen.
    pub fn refund_failed_webhook(&self, order_id: OrderId, refund_id: RefundId, now: Timestamp) -> Delivery {
        if let Some((_, receipt)) = self.books().refunds.get_mut(&refund_id) {
            receipt.state = RefundState::Failed("account_closed".into());
        }
        let wire = Wire {
            event_id: format!("evt_refund_failed_{refund_id}"),
            order_id,
            payment_id: None,
            refund_id: Some(refund_id),
            reference: Some(format!("ref_{refund_id}")),
            money: None,
            kept: None,
            failure: Some("account_closed".into()),
            kind: None,
        };
        deliver(&wire, now)
    }

    /// The customer agrees on the page, and the money waits to be captured; gives the webhook that tells of it.
    pub fn approve(&self, payment_id: PaymentId, now: Timestamp) -> Delivery {
        self.books().approved.insert(payment_id);
        let order_id = self.books().sessions[&payment_id].order_id;
        deliver(&special("approved", format!("evt_approved_{payment_id}"), order_id, Some(payment_id)), now)
    }

    /// Money that the customer paid on the page, of which nobody tells.
    pub fn pay_silently(&self, payment_id: PaymentId) {
        self.books().capture(payment_id);
    }

    /// Somebody gives money back at the provider, beside us; gives the webhook that tells of it.
    pub fn refund_by_hand(&self, payment_id: PaymentId, money: Money, now: Timestamp) -> Delivery {
        let mut books = self.books();
        let order_id = books.captured[&payment_id].order_id;
        let reference = format!("hand_{}", books.by_hand.len());
        books.by_hand.insert(reference.clone(), (order_id, payment_id, money));
        let wire = special("by_hand", format!("evt_{reference}"), order_id, Some(payment_id));
        deliver(&Wire { reference: Some(reference), money: Some(money), ..wire }, now)
    }

    /// The customer's bank takes the money back; gives the webhook that tells of it.
    pub fn dispute(&self, payment_id: PaymentId, now: Timestamp) -> Delivery {
        let order_id = self.books().captured[&payment_id].order_id;
        deliver(&special("disputed", format!("evt_disputed_{payment_id}"), order_id, Some(payment_id)), now)
    }

    /// The next refund that is asked for comes to this; usually it is done at once.
    pub fn next_refund_is(&self, state: RefundState) {
        self.books().next_receipts.push_back(state);
    }

    /// The provider has done a refund that was pending.
    pub fn finish_refund(&self, key: RefundId) {
        if let Some((_, receipt)) = self.books().refunds.get_mut(&key) {
            receipt.state = RefundState::Done;
        }
    }

    /// The pages that were closed.
    pub fn closed(&self) -> Vec<PaymentId> {
        self.books().closed.iter().copied().collect()
    }

    /// How often it was asked for anything.
    pub fn asked(&self) -> usize {
        self.books().asked
    }

    /// Runs `act` unless a fault is planned that forbids it; a lost answer acts and does not tell.
    fn call<T>(&self, act: impl FnOnce(&mut Books) -> T) -> Result<T, GatewayError> {
        let mut books = self.books();
        let told = || "a fault that the test asked for".to_owned();
        books.asked += 1;
        match books.faults.pop_front() {
            None => Ok(act(&mut books)),
            Some(GatewayFault::Refused) => Err(GatewayError::Declined(told())),
            Some(GatewayFault::Unavailable) => Err(GatewayError::Unavailable(told())),
            Some(GatewayFault::LostAnswer) => {
                act(&mut books);
                Err(GatewayError::Unavailable(told()))
            }
        }
    }
}

fn special(kind: &str, event_id: String, order_id: OrderId, payment_id: Option<PaymentId>) -> Wire {
    let kind = Some(kind.to_owned());
    Wire {
        event_id,
        order_id,
        payment_id,
        refund_id: None,
        reference: None,
        money: None,
        kept: None,
        failure: None,
        kind,
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

    async fn open(&self, request: &SessionRequest) -> Result<OpenedSession, GatewayError> {
        self.call(|books| {
            books.sessions.entry(request.payment_id).or_insert_with(|| request.clone());
            let reference = request.payment_id.to_string();
            OpenedSession { redirect_url: format!("https://pay.example.test/{reference}"), reference }
        })
    }

    async fn look_up(&self, page: &SessionRef) -> Result<SessionState, GatewayError> {
        self.call(|books| books.state(page))
    }

    async fn capture(&self, page: &SessionRef) -> Result<SessionState, GatewayError> {
        self.call(|books| {
            if books.approved.contains(&page.payment_id) && !books.closed.contains(&page.payment_id) {
                books.capture(page.payment_id);
            }
            books.state(page)
        })
    }

    async fn close(&self, page: &SessionRef) -> Result<SessionState, GatewayError> {
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
            Wire { kind: Some(kind), payment_id: Some(payment_id), event_id, order_id, reference, money, .. } => {
                let payment_reference = format!("cap_{payment_id}");
                match (kind.as_str(), reference, money) {
                    ("approved", ..) => {
                        let session = payment_id.to_string();
                        Webhook::Approved { event_id, page: SessionRef { order_id, payment_id, session } }
                    }
                    ("by_hand", Some(reference), Some(money)) => Webhook::Refund(RefundNotification {
                        event_id,
                        order_id,
                        refund_id: None,
                        payment_reference,
                        money,
                        receipt: Receipt { reference, state: RefundState::Done },
                    }),
                    ("disputed", ..) => Webhook::Disputed {
                        event_id,
                        payment_reference,
                        order_id: Some(order_id),
                        reason: "fraudulent".to_owned(),
                    },
                    _ => Webhook::Ignored,
                }
            }
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
                    receipt: Receipt { reference, state: wire.failure.map_or(RefundState::Done, RefundState::Failed) },
                })
            }
            _ => Webhook::Ignored,
        })
    }

    async fn refund(&self, request: &RefundRequest) -> Result<Receipt, GatewayError> {
        self.call(|books| {
            let reference = format!("ref_{}", request.refund_id);
            let state = books.next_receipts.pop_front().unwrap_or(RefundState::Done);
            let receipt = Receipt { reference, state };
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
