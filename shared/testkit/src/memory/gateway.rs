//! A payment provider that does what the test tells it.
//!
//! Its webhooks are JSON with a header `x-fake-signature: genuine` and one `x-fake-time` in epoch seconds.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use jiff::Timestamp;
use oms_app::ports::{
    CaptureRef, GatewayError, MadeRefund, OpenedSession, PaymentGateway, Receipt, RefundNotification, RefundRequest,
    RefundState, SessionRef, SessionRequest, SessionState, Webhook, WebhookError,
};
use oms_domain::ids::{OrderId, PaymentId, RefundId};
use oms_domain::money::{Amount, Money};
use oms_domain::payments::{DisputeNews, DisputeState, MethodToken, PAGE_EXPIRED, PaymentNotification, PaymentOutcome};
use serde::{Deserialize, Serialize};

const SIGNATURE_HEADER: &str = "x-fake-signature";
const TIME_HEADER: &str = "x-fake-time";

/// Furthest that a webhook's time may be from now, on both sides.
const TOLERANCE_SECONDS: i64 = 300;

/// What goes wrong with one call to the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GatewayFault {
    /// It refuses for good. Looking refunds up is not struck: this waits for a call that acts.
    Refused,
    /// It does not answer; nothing was done.
    Unavailable,
    /// It answers that there is too much at present.
    Busy,
    /// Nothing: what is planned behind it strikes the call after.
    Nothing,
    /// Too much at present, for so many seconds.
    BusyFor(u64),
    /// It has done it, and its answer is lost. Looking refunds up is not struck: this waits for a call that acts.
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
    by_hand: BTreeMap<String, ByHand>,
    disputes: BTreeMap<String, (PaymentId, Money, DisputeState)>,
    processing: BTreeSet<PaymentId>,
    interrupted: Option<Interruption>,
    next_receipts: VecDeque<RefundState>,
    asked: usize,
    faults: VecDeque<GatewayFault>,
}

type Interrupt = Box<dyn FnOnce(&FakeGateway, Timestamp) + Send>;

/// What somebody does just before a call of ours.
struct Interruption(Interrupt);

impl std::fmt::Debug for Interruption {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Interruption")
    }
}

/// Given back beside us.
#[derive(Debug, Clone, Copy)]
struct ByHand {
    order_id: OrderId,
    payment_id: PaymentId,
    money: Money,
    failed: bool,
}

impl Books {
    /// What is left of a payment: less all that went back, is on its way back, or was taken; nothing while it is disputed.
    fn left(&self, payment_id: PaymentId) -> Amount {
        let Some(captured) = self.captured.get(&payment_id) else { return Amount::ZERO };
        let disputes = || self.disputes.values().filter(|(of, ..)| *of == payment_id);
        if disputes().any(|(.., state)| *state == DisputeState::Open) {
            return Amount::ZERO;
        }
        let reference = reference_of(captured);
        let ours = self.refunds.values().filter(|(request, _)| request.payment_reference == reference);
        let ours = ours.filter(|(_, receipt)| !matches!(receipt.state, RefundState::Failed(_)));
        let by_hand = self.by_hand.values().filter(|hand| hand.payment_id == payment_id && !hand.failed);
        let taken = disputes().filter(|(.., state)| *state == DisputeState::Lost);
        captured.money.amount
            - ours.map(|(request, _)| request.money.amount).sum::<Amount>()
            - by_hand.map(|hand| hand.money.amount).sum::<Amount>()
            - taken.map(|(_, money, _)| money.amount).sum::<Amount>()
    }

    fn made(&self, capture: &CaptureRef) -> Vec<MadeRefund> {
        let ours = self.refunds.values().filter(|(request, _)| request.payment_reference == capture.payment_reference);
        let ours = ours.map(|(request, receipt)| MadeRefund {
            refund_id: Some(request.refund_id),
            money: request.money,
            receipt: receipt.clone(),
        });
        let of = |hand: &ByHand| format!("cap_{}", hand.payment_id) == capture.payment_reference;
        let by_hand = self.by_hand.iter().filter(|(_, hand)| of(hand)).map(|(reference, hand)| {
            let failed = hand.failed.then(|| RefundState::Failed("account_closed".into()));
            let receipt = Receipt { reference: reference.clone(), state: failed.unwrap_or(RefundState::Done) };
            MadeRefund { refund_id: None, money: hand.money, receipt }
        });
        ours.chain(by_hand).collect()
    }

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
            None if self.processing.contains(&page.payment_id) => SessionState::Processing,
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

fn dispute_of(payment_id: PaymentId) -> String {
    format!("dp_{payment_id}")
}

fn dispute_state(name: Option<&str>) -> DisputeState {
    match name {
        Some("won") => DisputeState::Won,
        Some("lost") => DisputeState::Lost,
        _ => DisputeState::Open,
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
    /// `approved`, `processing`, `by_hand` or `disputed`; nothing for what the other fields tell.
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
        let by_hand = books.by_hand.values().filter(|hand| hand.order_id == order_id && !hand.failed);
        done.map(|(request, _)| request.money.amount).chain(by_hand.map(|hand| hand.money.amount)).sum()
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

    /// Nobody has paid on the page in its time; gives the webhook that tells of it.
    pub fn expired_webhook(&self, payment_id: PaymentId, now: Timestamp) -> Delivery {
        let order_id = self.books().sessions[&payment_id].order_id;
        let outcome = PaymentOutcome::Failed { reason: PAGE_EXPIRED.into() };
        let event_id = format!("evt_expired_{payment_id}");
        self.webhook(&PaymentNotification { event_id, order_id, payment_id, outcome }, now)
    }

    /// The next time that a refund is asked for, this happens first.
    pub fn before_refund(&self, act: impl FnOnce(&FakeGateway, Timestamp) + Send + 'static) {
        self.books().interrupted = Some(Interruption(Box::new(act)));
    }

    /// Any notification as a genuine webhook.
    pub fn webhook(&self, notification: &PaymentNotification, now: Timestamp) -> Delivery {
        let (reference, money, kept, failure) = match &notification.outcome {
            PaymentOutcome::Succeeded { reference, money, kept } => {
                (Some(reference.clone()), Some(*money), kept.clone(), None)
            }
            PaymentOutcome::Failed { reason } => (None, None, None, Some(reason.clone())),
            PaymentOutcome::Processing => (None, None, None, None),
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
            kind: (notification.outcome == PaymentOutcome::Processing).then(|| "processing".to_owned()),
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
        books.by_hand.insert(reference.clone(), ByHand { order_id, payment_id, money, failed: false });
        let wire = special("by_hand", format!("evt_{reference}"), order_id, Some(payment_id));
        deliver(&Wire { reference: Some(reference), money: Some(money), ..wire }, now)
    }

    /// A refund that was made by hand does not arrive; gives the webhook that tells of it.
    pub fn hand_refund_failed(&self, reference: &str, now: Timestamp) -> Delivery {
        let mut books = self.books();
        let hand = books.by_hand.get_mut(reference).expect("a refund by hand");
        hand.failed = true;
        let wire = special("by_hand", format!("evt_failed_{reference}"), hand.order_id, Some(hand.payment_id));
        let (reference, failure) = (Some(reference.to_owned()), Some("account_closed".to_owned()));
        deliver(&Wire { reference, money: Some(hand.money), failure, ..wire }, now)
    }

    /// The refunds that were made by hand of this order and stand, by the provider's name for them.
    pub fn hand_refunds(&self, order_id: OrderId) -> Vec<String> {
        let books = self.books();
        let standing = books.by_hand.iter().filter(|(_, hand)| hand.order_id == order_id && !hand.failed);
        standing.map(|(reference, _)| reference.clone()).collect()
    }

    /// What it would still give back of a payment.
    pub fn left(&self, payment_id: PaymentId) -> Amount {
        self.books().left(payment_id)
    }

    /// The customer's bank wants all that is left of the money back; gives the webhook that tells of it.
    pub fn dispute(&self, payment_id: PaymentId, now: Timestamp) -> Delivery {
        let mut books = self.books();
        let captured = books.captured[&payment_id];
        let money = Money::new(books.left(payment_id), captured.money.currency);
        books.disputes.insert(dispute_of(payment_id), (payment_id, money, DisputeState::Open));
        drop(books);
        self.told_of_dispute(payment_id, now)
    }

    /// The bank has decided; gives the webhook that tells of it.
    pub fn decide_dispute(&self, payment_id: PaymentId, state: DisputeState, now: Timestamp) -> Delivery {
        if let Some((.., own)) = self.books().disputes.get_mut(&dispute_of(payment_id)) {
            *own = state;
        }
        self.told_of_dispute(payment_id, now)
    }

    fn told_of_dispute(&self, payment_id: PaymentId, now: Timestamp) -> Delivery {
        let books = self.books();
        let (_, money, state) = books.disputes[&dispute_of(payment_id)];
        let order_id = books.captured[&payment_id].order_id;
        let event_id = format!("evt_dispute_{}_{payment_id}", state.name());
        let wire = special("disputed", event_id, order_id, Some(payment_id));
        deliver(&Wire { reference: Some(state.name().to_owned()), money: Some(money), ..wire }, now)
    }

    /// What banks have taken of an order.
    pub fn taken(&self, order_id: OrderId) -> Amount {
        let books = self.books();
        let lost = books.disputes.values().filter(|(.., state)| *state == DisputeState::Lost);
        let of_order = lost.filter(|(payment, ..)| books.captured[payment].order_id == order_id);
        of_order.map(|(_, money, _)| money.amount).sum()
    }

    /// Whether a bank has ever wanted this payment back.
    pub fn was_disputed(&self, payment_id: PaymentId) -> bool {
        self.books().disputes.contains_key(&dispute_of(payment_id))
    }

    /// The payments that a bank has yet to decide about.
    pub fn disputed(&self) -> Vec<PaymentId> {
        let books = self.books();
        let open = books.disputes.values().filter(|(.., state)| *state == DisputeState::Open);
        open.map(|(payment, ..)| *payment).collect()
    }

    /// The customer has done their part, and the money is under way; gives the webhook that tells of it.
    pub fn processing(&self, payment_id: PaymentId, now: Timestamp) -> Delivery {
        self.books().processing.insert(payment_id);
        let order_id = self.books().sessions[&payment_id].order_id;
        deliver(&special("processing", format!("evt_processing_{payment_id}"), order_id, Some(payment_id)), now)
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
            None | Some(GatewayFault::Nothing) => Ok(act(&mut books)),
            Some(GatewayFault::Refused) => Err(GatewayError::Declined(told())),
            Some(GatewayFault::Unavailable) => Err(GatewayError::Unavailable(told())),
            Some(GatewayFault::Busy) => Err(GatewayError::Busy { seconds: 2, why: told() }),
            Some(GatewayFault::BusyFor(seconds)) => Err(GatewayError::Busy { seconds, why: told() }),
            Some(GatewayFault::LostAnswer) => {
                act(&mut books);
                Err(GatewayError::Unavailable(told()))
            }
        }
    }
}

fn refused(why: &str) -> GatewayError {
    GatewayError::Declined(why.to_owned())
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
                    ("processing", ..) => Webhook::Payment(PaymentNotification {
                        event_id,
                        order_id,
                        payment_id,
                        outcome: PaymentOutcome::Processing,
                    }),
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
                        receipt: Receipt {
                            reference,
                            state: wire.failure.map_or(RefundState::Done, RefundState::Failed),
                        },
                    }),
                    ("disputed", state, money) => Webhook::Disputed {
                        event_id,
                        payment_reference,
                        order_id: Some(order_id),
                        reason: "fraudulent".to_owned(),
                        news: Some(DisputeNews {
                            reference: dispute_of(payment_id),
                            money,
                            reason: "fraudulent".to_owned(),
                            state: dispute_state(state.as_deref()),
                        }),
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
        let interrupted = self.books().interrupted.take();
        if let Some(Interruption(act)) = interrupted {
            act(self, Timestamp::UNIX_EPOCH);
        }
        self.call(|books| {
            if let Some((known, receipt)) = books.refunds.get(&request.refund_id) {
                let same = known.money == request.money;
                return if same { Ok(receipt.clone()) } else { Err(refused("another amount under this key")) };
            }
            let of_payment = books.captured.values().find(|own| reference_of(own) == request.payment_reference);
            let left = of_payment.map(|captured| books.left(captured.payment_id));
            if left.is_some_and(|left| request.money.amount > left) {
                return Err(refused("less than that is left"));
            }
            let reference = format!("ref_{}", request.refund_id);
            let state = books.next_receipts.pop_front().unwrap_or(RefundState::Done);
            let receipt = Receipt { reference, state };
            books.refunds.insert(request.refund_id, (request.clone(), receipt.clone()));
            Ok(receipt)
        })?
    }

    async fn refunds(&self, capture: &CaptureRef) -> Result<Vec<MadeRefund>, GatewayError> {
        if self.books().faults.front().is_some_and(|fault| *fault != GatewayFault::Unavailable) {
            return Ok(self.books().made(capture));
        }
        self.call(|books| books.made(capture))
    }

    async fn forget(&self, token: &str) -> Result<(), GatewayError> {
        self.call(|books| books.forgotten.push(token.to_owned()))
    }
}
