//! Payment providers.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use oms_domain::ids::{OrderId, PaymentId, RefundId};
use oms_domain::money::Money;
use oms_domain::payment::PaymentNotification;

/// What a provider needs to open a checkout page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRequest {
    /// Which order; repeated to us in every notification.
    pub order_id: OrderId,
    /// Which attempt; also the idempotency key.
    pub payment_id: PaymentId,
    /// How much to ask for.
    pub money: Money,
    /// Where the customer goes afterwards.
    pub return_url: Option<String>,
}

/// An open checkout page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Where to send the customer.
    pub redirect_url: String,
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
    /// How much.
    pub money: Money,
}

/// A refund that the provider has made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The provider's name for it.
    pub reference: String,
}

/// Why a provider did not do what we asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// No answer or a passing failure: ask again with the same key.
    #[error("the payment provider is unavailable: {0}")]
    Unavailable(String),
    /// It refuses for good.
    #[error("the payment provider refuses: {0}")]
    Refused(String),
}

/// What a verified webhook says, in neutral words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Webhook {
    /// News of a payment.
    Payment(PaymentNotification),
    /// A refund is done.
    Refunded {
        /// The provider's id of the notification.
        event_id: String,
        /// Which order.
        order_id: OrderId,
        /// Which refund.
        refund_id: RefundId,
        /// The provider's name for it.
        reference: String,
    },
    /// Genuine, and of no interest.
    Ignored,
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
}

/// One payment provider. It hosts the checkout page: no card number ever reaches us (E7).
#[async_trait]
pub trait PaymentGateway: Send + Sync {
    /// Its name in paths and orders, e.g. `stripe`.
    fn name(&self) -> &str;

    /// Opens a checkout page; asked again with the same payment id it answers with the same page.
    async fn open(&self, request: &SessionRequest) -> Result<Session, GatewayError>;

    /// Verifies the raw bytes, then reads them. Header names are lower case.
    fn read_webhook(&self, headers: &[(String, String)], body: &[u8], now: Timestamp) -> Result<Webhook, WebhookError>;

    /// Gives money back; asked again with the same refund id it answers with the same refund.
    async fn refund(&self, request: &RefundRequest) -> Result<Receipt, GatewayError>;

    /// Looks a refund up before it is repeated.
    async fn find_refund(&self, request: &RefundRequest) -> Result<Option<Receipt>, GatewayError>;
}

/// The providers that this installation offers.
#[derive(Clone, Default)]
pub struct Gateways(Vec<Arc<dyn PaymentGateway>>);

impl Gateways {
    /// Offers these, in this order.
    pub fn new(gateways: Vec<Arc<dyn PaymentGateway>>) -> Self {
        Gateways(gateways)
    }

    /// The provider of this name.
    pub fn get(&self, name: &str) -> Option<&dyn PaymentGateway> {
        self.0.iter().find(|gateway| gateway.name() == name).map(AsRef::as_ref)
    }

    /// The names on offer.
    pub fn names(&self) -> Vec<&str> {
        self.0.iter().map(|gateway| gateway.name()).collect()
    }
}
