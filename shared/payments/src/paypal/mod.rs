//! PayPal: Orders v2 with approval on PayPal's page, captured by us, over its REST API.
//!
//! 1. `open` creates an order that carries our ids; the customer approves it on PayPal's page.
//! 2. PayPal notifies us of the approval, and `capture` takes the money, once however often it is asked: PayPal answers
//!    a repeated `PayPal-Request-Id` with what it did the first time.
//! 3. PayPal notifies us of the capture and of refunds. A notification is verified offline and then confirmed by
//!    reading the resource back.
//!
//! Whatever PayPal cannot say now is [`GatewayError::Unavailable`]: the same question may be asked again.

mod certificates;
mod client;
mod signature;
mod states;
mod token;
mod webhooks;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use oms_app::ports::{
    CaptureRef, Clock, GatewayError, MadeRefund, OpenedSession, PaymentGateway, Receipt, RefundRequest, SessionRef,
    SessionRequest, SessionState, Webhook, WebhookError,
};
use oms_domain::ids::OrderId;
use url::{Host, Url};

use self::certificates::Certificates;
use self::client::{Call, Client, Failure, Refusal, http_client};
use self::signature::Signed;
use self::states::{Contradiction, failed, page_state, receipt};
use self::token::Tokens;
use self::wire::{Capture, Mark, Order, OrderStatus, Refund};
use oms_outbound::Secret;

/// Its name in paths and orders.
pub const NAME: &str = "paypal";

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The roots that PayPal's certificates lead to: `DigiCert`'s.
const ROOTS: &str = include_str!("roots.pem");

/// Where PayPal is, who we are there, and whom we trust to speak for it.
#[derive(Debug, Clone)]
pub struct PayPalConfig {
    /// Where the REST API is, e.g. `https://api-m.paypal.com`.
    pub api_base: String,
    /// The REST app's name.
    pub client_id: String,
    /// The REST app's password.
    pub client_secret: Secret,
    /// PayPal's name for our webhook; part of what it signs.
    pub webhook_id: String,
    /// Where customers return to if they named no page: the shop's.
    pub return_url: String,
    /// From where the certificates of notifications may be fetched: scheme, host and port, e.g.
    /// `https://api.paypal.com`.
    pub certificate_origins: Vec<String>,
    /// Which names these certificates may carry.
    pub certificate_names: Vec<String>,
    /// To which roots they must lead, in PEM.
    pub trusted_roots: String,
    /// Whether means of payment are accepted whose money comes days later.
    pub delayed: bool,
    /// How long one request may take.
    pub timeout: Duration,
}

impl PayPalConfig {
    /// For real money.
    pub fn live(client_id: String, client_secret: Secret, webhook_id: String, return_url: String) -> Self {
        PayPalConfig {
            api_base: "https://api-m.paypal.com".to_owned(),
            client_id,
            client_secret,
            webhook_id,
            return_url,
            certificate_origins: vec!["https://api.paypal.com".to_owned()],
            certificate_names: vec!["messageverificationcerts.paypal.com".to_owned()],
            trusted_roots: ROOTS.to_owned(),
            delayed: false,
            timeout: TIMEOUT,
        }
    }

    /// For PayPal's own sandbox.
    pub fn sandbox(client_id: String, client_secret: Secret, webhook_id: String, return_url: String) -> Self {
        PayPalConfig {
            api_base: "https://api-m.sandbox.paypal.com".to_owned(),
            certificate_origins: vec!["https://api.sandbox.paypal.com".to_owned()],
            certificate_names: vec!["messageverificationcerts.sandbox.paypal.com".to_owned()],
            ..PayPalConfig::live(client_id, client_secret, webhook_id, return_url)
        }
    }
}

/// Why a configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// A password would travel, or a certificate come, in the clear. On this machine itself that is allowed.
    #[error("`{0}` is not an https origin")]
    NotSecure(String),
    /// Without roots nothing that PayPal signs can be verified.
    #[error("the trusted roots are no certificates in PEM")]
    Roots,
    /// Not the name of a host.
    #[error("a certificate's name is not the name of a host")]
    CertificateNames,
}

/// The payment port at PayPal.
pub struct PayPalGateway {
    client: Client,
    certificates: Certificates,
    webhook_id: String,
    return_url: String,
    origins: Vec<String>,
    delayed: bool,
}

/// An origin as it is compared: without a path, by https unless it is on this machine.
fn origin(text: &str) -> Result<String, SetupError> {
    let not_secure = || SetupError::NotSecure(text.to_owned());
    let url = Url::parse(text).map_err(|_| not_secure())?;
    let here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    let origin = url.origin().ascii_serialization();
    let secure = url.scheme() == "https" || (url.scheme() == "http" && here);
    if secure && text.trim_end_matches('/') == origin { Ok(origin) } else { Err(not_secure()) }
}

impl PayPalGateway {
    /// Builds a gateway; nothing is asked of PayPal yet.
    pub fn new(config: PayPalConfig, clock: Arc<dyn Clock>) -> Result<Self, SetupError> {
        let api_base = origin(&config.api_base)?;
        let origins = config.certificate_origins.iter().map(|text| origin(text)).collect::<Result<Vec<_>, _>>()?;
        let http = http_client(config.timeout);
        let tokens = Tokens::new(&api_base, config.client_id, config.client_secret, clock);
        Ok(PayPalGateway {
            certificates: Certificates::new(http.clone(), &config.trusted_roots, &config.certificate_names)?,
            client: Client::new(http, api_base, tokens),
            webhook_id: config.webhook_id,
            return_url: config.return_url,
            origins,
            delayed: config.delayed,
        })
    }

    async fn order(&self, session: &str) -> Result<Order, Failure> {
        self.client.ask(Call::get("an order", format!("/v2/checkout/orders/{session}"))).await
    }
}

impl From<Contradiction> for GatewayError {
    fn from(contradiction: Contradiction) -> Self {
        GatewayError::Declined(contradiction.0.to_owned())
    }
}

/// Nothing if PayPal does not say how much. One that was made by hand carries no mark of ours, or its capture's.
fn made(order_id: OrderId, refund: &Refund) -> Option<MadeRefund> {
    let refund_id = match Mark::read(refund.custom_id.as_deref()) {
        Some(Mark::Refund(of, refund_id)) if of == order_id => Some(refund_id),
        Some(Mark::Refund(..) | Mark::Payment(..)) | None => None,
    };
    Some(MadeRefund { refund_id, money: refund.amount.as_ref()?.money()?, receipt: receipt(refund) })
}

fn refused(text: &str) -> GatewayError {
    GatewayError::Declined(text.to_owned())
}

/// A name of PayPal's that we stored; it becomes part of a path.
fn known(reference: &str) -> Result<&str, GatewayError> {
    if wire::is_id(reference) { Ok(reference) } else { Err(refused("this is no name of PayPal's")) }
}

fn amount(money: oms_domain::money::Money) -> Result<serde_json::Value, GatewayError> {
    wire::amount(money).ok_or_else(|| refused("PayPal takes only whole units of this currency"))
}

/// What a refused capture means: either PayPal says how the payment ended, or the order has to be looked at.
fn after_refusal(refusal: &Refusal) -> Option<SessionState> {
    match refusal.issue.as_str() {
        // The customer must choose another way to pay. A new attempt is a new order.
        "INSTRUMENT_DECLINED"
        | "TRANSACTION_REFUSED"
        | "PAYER_CANNOT_PAY"
        | "PAYER_ACCOUNT_RESTRICTED"
        | "PAYER_ACCOUNT_LOCKED_OR_CLOSED"
        | "CARD_EXPIRED"
        | "COMPLIANCE_VIOLATION"
        | "MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED" => Some(SessionState::Over(failed(&refusal.issue, "declined"))),
        _ => None,
    }
}

/// Refusals of a capture that only say that the order is not where we thought it is.
const LOOK_AGAIN: [&str; 5] = [
    "ORDER_ALREADY_CAPTURED",
    "ORDER_NOT_APPROVED",
    "ORDER_COMPLETED_OR_VOIDED",
    "PAYER_ACTION_REQUIRED",
    "RESOURCE_NOT_FOUND",
];

#[async_trait]
impl PaymentGateway for PayPalGateway {
    fn name(&self) -> &str {
        NAME
    }

    async fn open(&self, request: &SessionRequest) -> Result<OpenedSession, GatewayError> {
        let return_url = request.return_url.as_deref().unwrap_or(&self.return_url);
        let body = wire::create_order(request, &amount(request.money)?, return_url, self.delayed);
        let id = request.payment_id.to_string();
        let call = Call::post("a new order", "/v2/checkout/orders".to_owned(), id, body);
        let order: Order = self.client.ask(call).await?;
        // A repeat answers with the order as it is now; once approved it has no page to approve it on.
        let redirect_url = match order.status {
            OrderStatus::Completed | OrderStatus::Voided => None,
            OrderStatus::Created
            | OrderStatus::Saved
            | OrderStatus::PayerActionRequired
            | OrderStatus::Approved
            | OrderStatus::Unknown => order.approval_page().map(ToOwned::to_owned),
        };
        let redirect_url = redirect_url.ok_or_else(|| refused("PayPal's order cannot be approved any more"))?;
        Ok(OpenedSession { reference: order.id, redirect_url })
    }

    async fn look_up(&self, page: &SessionRef) -> Result<SessionState, GatewayError> {
        match self.order(known(&page.session)?).await {
            Ok(order) => Ok(page_state(&order, page)?),
            // PayPal forgets orders that nobody approved.
            Err(Failure::Refused(refusal)) if refusal.is_missing() => Ok(SessionState::Over(failed("expired", ""))),
            Err(failure) => Err(failure.into()),
        }
    }

    async fn capture(&self, page: &SessionRef) -> Result<SessionState, GatewayError> {
        let path = format!("/v2/checkout/orders/{}/capture", known(&page.session)?);
        // An id of its own: the payment's own id named the request that created the order.
        let id = format!("{}-capture", page.payment_id);
        let call = Call::post("a new capture", path, id, serde_json::json!({}));
        match self.client.ask::<Order>(call).await {
            Ok(order) => match page_state(&order, page) {
                Ok(state) => Ok(state),
                // Not every answer to a capture shows the whole order.
                Err(_) => self.look_up(page).await,
            },
            Err(Failure::Refused(refusal)) => match after_refusal(&refusal) {
                Some(state) => Ok(state),
                None if LOOK_AGAIN.contains(&refusal.issue.as_str()) || refusal.is_missing() => {
                    self.look_up(page).await
                }
                None => Err(Failure::Refused(refusal).into()),
            },
            Err(failure) => Err(failure.into()),
        }
    }

    /// PayPal cannot close an order that is to be captured: it ends by itself when nobody approves it, and an approved
    /// one takes no money unless we capture it. So this says where it stands, and not capturing is up to the caller.
    async fn close(&self, page: &SessionRef) -> Result<SessionState, GatewayError> {
        self.look_up(page).await
    }

    async fn read_webhook(
        &self,
        headers: &[(String, String)],
        body: &[u8],
        now: Timestamp,
    ) -> Result<Webhook, WebhookError> {
        let signed = Signed::read(headers, body, &self.webhook_id, &self.origins, now)?;
        let chain = self.certificates.get(&signed.certificate, now).await?;
        signed.verify(&chain)?;
        webhooks::read(&self.client, body).await
    }

    async fn refund(&self, request: &RefundRequest) -> Result<Receipt, GatewayError> {
        let path = format!("/v2/payments/captures/{}/refund", known(&request.payment_reference)?);
        let body = wire::refund(request, &amount(request.money)?);
        let refund: Refund = self.client.ask(Call::post("a refund", path, request.refund_id.to_string(), body)).await?;
        Ok(receipt(&refund))
    }

    /// A capture does not list its refunds, its order does, those of its other captures among them.
    async fn refunds(&self, of: &CaptureRef) -> Result<Vec<MadeRefund>, GatewayError> {
        let capture_id = known(&of.payment_reference)?;
        let path = format!("/v2/payments/captures/{capture_id}");
        let capture: Capture = self.client.ask(Call::get("a capture", path)).await?;
        let order_id = capture.order_id().ok_or_else(|| refused("PayPal's capture is of no order"))?;
        let order = self.order(&order_id).await?;
        let unread = || GatewayError::Unavailable("PayPal does not say how much a refund gave back".to_owned());
        let own = order.refunds().filter(|refund| refund.capture_id().is_none_or(|id| id == capture_id));
        own.map(|refund| made(of.order_id, refund).ok_or_else(unread)).collect()
    }

    async fn forget(&self, token: &str) -> Result<(), GatewayError> {
        let path = format!("/v3/vault/payment-tokens/{}", known(token)?);
        match self.client.send(Call::delete("a payment token's removal", path)).await {
            Ok(_) => Ok(()),
            Err(Failure::Refused(refusal)) if refusal.is_missing() => Ok(()),
            Err(failure) => Err(failure.into()),
        }
    }
}
