//! Payment providers.

use async_trait::async_trait;
use jiff::Timestamp;
use oms_domain::ids::{OrderId, PaymentId, RefundId, UserId};
use oms_domain::money::Money;
use oms_domain::payments::{DisputeNews, PaymentNotification, PaymentOutcome};
use serde::{Deserialize, Serialize};

/// What a provider needs to open a checkout page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRequest {
    /// Which order; repeated to us in every notification.
    pub order_id: OrderId,
    /// Which attempt; also the idempotency key.
    pub payment_id: PaymentId,
    /// How much to ask for.
    pub money: Money,
    /// Where the customer goes afterwards; the shop's own page if the customer named none.
    pub return_url: Option<String>,
    /// When the attempt was recorded. The same for every repeat, so that repeats are the same request.
    pub requested_at: Timestamp,
    /// Until when the page may be paid on: the end of the order's hold. A provider whose pages live longer at least is
    /// asked to close them by [`PaymentGateway::close`].
    pub expires_at: Timestamp,
    /// For whom the means of payment is kept, if the customer consents (E6).
    pub keep_for: Option<UserId>,
}

/// An open checkout page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedSession {
    /// The provider's name for it.
    pub reference: String,
    /// Where to send the customer.
    pub redirect_url: String,
}

/// A checkout page that was opened earlier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRef {
    pub order_id: OrderId,
    /// For which attempt; also the idempotency key of a capture.
    pub payment_id: PaymentId,
    /// The provider's name for it ([`OpenedSession::reference`]).
    pub session: String,
}

/// Where a checkout page stands, as the provider says when it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionState {
    /// The customer has not acted, or may try again.
    Open,
    /// The customer has agreed, and the money waits to be taken by [`PaymentGateway::capture`].
    Approved,
    /// The provider works on it and will tell.
    Processing,
    /// It is over.
    Over(PaymentOutcome),
}

/// What a provider needs to give money back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRequest {
    /// Which refund; also the idempotency key.
    pub refund_id: RefundId,
    /// Which order, for the provider's records.
    pub order_id: OrderId,
    /// The provider's name for the capture.
    pub payment_reference: String,
    pub money: Money,
}

/// A capture whose refunds are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptureRef {
    pub order_id: OrderId,
    /// The provider's name for the capture.
    pub payment_reference: String,
}

/// A refund of a capture, whoever made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeRefund {
    /// Under which of our keys; nothing if it was made by hand at the provider.
    pub refund_id: Option<RefundId>,
    pub money: Money,
    pub receipt: Receipt,
}

/// A refund that the provider knows of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The provider's name for it.
    pub reference: String,
    /// Where it stands.
    pub state: RefundState,
}

/// Where a refund stands at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// The provider works on it and will tell.
    Pending,
    /// The money is on its way to the customer.
    Done,
    /// It will not happen, and why.
    Failed(String),
}

/// Why a provider did not do what we asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// No answer or a passing failure: ask again with the same key.
    #[error("the payment provider is unavailable: {0}")]
    Unavailable(String),
    /// It answers that there is too much at present: ask again with the same key, after so many seconds. It is there, so
    /// nobody else is kept from asking.
    #[error("the payment provider is busy for {seconds} s: {why}")]
    Busy { seconds: u64, why: String },
    /// It refuses for good.
    #[error("the payment provider refuses: {0}")]
    Declined(String),
}

/// What a verified webhook says, in neutral words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Webhook {
    /// News of a payment.
    Payment(PaymentNotification),
    /// The customer has agreed on the page; nothing is taken before [`PaymentGateway::capture`].
    Approved {
        /// The provider's id of the notification.
        event_id: String,
        /// Which page.
        page: SessionRef,
    },
    /// News of a refund.
    Refund(RefundNotification),
    /// The customer's bank wants the money back, or has decided.
    Disputed {
        /// The provider's id of the notification.
        event_id: String,
        /// The provider's name for the capture.
        payment_reference: String,
        /// Which order, if the notification tells.
        order_id: Option<OrderId>,
        /// A short machine-readable reason.
        reason: String,
        /// How the dispute stands; what was kept before lacks it, and was open.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        news: Option<DisputeNews>,
    },
    /// Genuine, and of no interest.
    Ignored,
}

impl Webhook {
    /// The provider's id of the notification; nothing for what is of no interest.
    pub fn event_id(&self) -> Option<&str> {
        match self {
            Webhook::Payment(news) => Some(&news.event_id),
            Webhook::Refund(news) => Some(&news.event_id),
            Webhook::Approved { event_id, .. } | Webhook::Disputed { event_id, .. } => Some(event_id),
            Webhook::Ignored => None,
        }
    }
}

/// News of a refund, whoever asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundNotification {
    /// The provider's id of the notification, the same when it is delivered again.
    pub event_id: String,
    pub order_id: OrderId,
    /// Which of our refunds; nothing if it was made by hand at the provider.
    pub refund_id: Option<RefundId>,
    /// Of which payment: the provider's name for the capture.
    pub payment_reference: String,
    pub money: Money,
    /// What is known of it.
    pub receipt: Receipt,
}

/// Why a webhook is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// No signature, or one that is not of this body and our secret.
    #[error("the signature does not match")]
    Forged,
    /// Signed, but too long ago or in the future.
    #[error("the signature's time is not now")]
    OutOfTime,
    /// Signed, but not what this provider sends.
    #[error("the body cannot be read: {0}")]
    Unreadable(String),
    /// It looks genuine, and the provider could not be asked whether it is: let it come again.
    #[error("the payment provider could not be asked: {0}")]
    Unavailable(String),
}

/// One payment provider. It hosts the checkout page: no card number ever reaches us (E7).
#[async_trait]
pub trait PaymentGateway: Send + Sync {
    /// Its name in paths and orders, e.g. `stripe`.
    fn name(&self) -> &str;

    /// Opens a checkout page; asked again with the same payment id it answers with the same page.
    async fn open(&self, request: &SessionRequest) -> Result<OpenedSession, GatewayError>;

    /// Where a page stands, for when no webhook came.
    async fn look_up(&self, page: &SessionRef) -> Result<SessionState, GatewayError>;

    /// Takes the money of an approved page, once however often it is asked. A provider that takes it by itself answers
    /// as [`PaymentGateway::look_up`] does.
    async fn capture(&self, page: &SessionRef) -> Result<SessionState, GatewayError>;

    /// Closes a page, so that nothing can be paid on it any more, and says how it ended. A page that was paid on
    /// meanwhile answers with that; a provider that cannot close answers with what is true.
    async fn close(&self, page: &SessionRef) -> Result<SessionState, GatewayError>;

    /// Verifies the raw bytes, then reads them, and where bytes alone do not prove enough asks the provider. Header
    /// names are lower case.
    async fn read_webhook(
        &self,
        headers: &[(String, String)],
        body: &[u8],
        now: Timestamp,
    ) -> Result<Webhook, WebhookError>;

    /// Gives money back; asked again with the same refund id it answers with the same refund.
    async fn refund(&self, request: &RefundRequest) -> Result<Receipt, GatewayError>;

    /// All refunds of a capture, whoever made them and whatever became of them.
    async fn refunds(&self, capture: &CaptureRef) -> Result<Vec<MadeRefund>, GatewayError>;

    /// Looks a refund up before it is repeated.
    async fn find_refund(&self, request: &RefundRequest) -> Result<Option<Receipt>, GatewayError> {
        let capture = CaptureRef { order_id: request.order_id, payment_reference: request.payment_reference.clone() };
        let made = self.refunds(&capture).await?;
        let ours = made.into_iter().find(|made| made.refund_id == Some(request.refund_id));
        Ok(ours.map(|made| made.receipt))
    }

    /// Forgets a kept means of payment; one that is not known is forgotten already (E6).
    async fn forget(&self, token: &str) -> Result<(), GatewayError>;
}
