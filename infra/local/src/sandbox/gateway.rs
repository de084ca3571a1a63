//! The payment port, spoken to the sandbox.

use async_trait::async_trait;
use jiff::Timestamp;
use oms_app::ports::{
    GatewayError, PaymentGateway, Receipt, RefundRequest, Session, SessionRequest, Webhook, WebhookError,
};
use oms_domain::money::{Currency, Money};
use oms_domain::payment::{PaymentNotification, PaymentOutcome};
use serde::{Deserialize, Serialize};

use super::books::{Entry, PageStatus, Refusal, Webhook as Filed};
use super::signature::Signer;
use super::{NAME, Sandbox};

/// What the sandbox sends, in its own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wire {
    /// `payment.succeeded`, `payment.failed` or `refund.succeeded`.
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// The same for every delivery.
    pub(super) id: String,
    pub(super) data: WireData,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct WireData {
    pub(super) order_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) payment_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) refund_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) amount: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) currency: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reference: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
}

impl Wire {
    /// As it is filed for delivery at once.
    pub(super) fn filed(&self, now: Timestamp) -> Filed {
        // A struct of texts always has a JSON form.
        let body = serde_json::to_string(self).unwrap_or_default();
        Filed { event_id: self.id.clone(), body, attempts: 0, due_ms: now.as_millisecond() }
    }

    fn neutral(self) -> Option<Webhook> {
        let order_id = self.data.order_id.parse().ok()?;
        if self.kind == "refund.succeeded" {
            let refund_id = self.data.refund_id?.parse().ok()?;
            let reference = self.data.reference?;
            return Some(Webhook::Refunded { event_id: self.id, order_id, refund_id, reference });
        }
        let payment_id = self.data.payment_id?.parse().ok()?;
        let outcome = match self.kind.as_str() {
            "payment.succeeded" => {
                let currency: Currency = self.data.currency?.parse().ok()?;
                let money = Money::parse(&self.data.amount?, currency).ok()?;
                PaymentOutcome::Succeeded { reference: self.data.reference?, money }
            }
            "payment.failed" => PaymentOutcome::Failed { reason: self.data.reason.unwrap_or_default() },
            _ => return Some(Webhook::Ignored),
        };
        Some(Webhook::Payment(PaymentNotification { event_id: self.id, order_id, payment_id, outcome }))
    }
}

/// The port's implementation.
pub struct SandboxGateway(Sandbox);

impl SandboxGateway {
    pub(super) fn new(sandbox: Sandbox) -> Self {
        SandboxGateway(sandbox)
    }
}

fn refused(refusal: &Refusal) -> GatewayError {
    match refusal {
        Refusal::Mismatch | Refusal::NoCapture | Refusal::TooMuch(_) => GatewayError::Refused(refusal.to_string()),
        Refusal::State(_) => GatewayError::Unavailable(refusal.to_string()),
    }
}

/// Verifies the raw bytes, then reads them.
pub fn read_webhook(
    signer: &Signer,
    headers: &[(String, String)],
    body: &[u8],
    now: Timestamp,
) -> Result<Webhook, WebhookError> {
    signer.verify(headers, body, now)?;
    let wire: Wire = serde_json::from_slice(body)
        .map_err(|error| WebhookError::Unreadable(format!("not a notification: {error}")))?;
    wire.neutral().ok_or_else(|| WebhookError::Unreadable("a part of the notification is missing or wrong".to_owned()))
}

fn reference_of(refund_id: &str) -> Receipt {
    Receipt { reference: format!("sandbox-refund-{refund_id}") }
}

#[async_trait]
impl PaymentGateway for SandboxGateway {
    fn name(&self) -> &str {
        NAME
    }

    async fn open(&self, request: &SessionRequest) -> Result<Session, GatewayError> {
        let entry = Entry {
            payment_id: request.payment_id.to_string(),
            order_id: request.order_id.to_string(),
            amount_minor: request.money.amount.minor(),
            currency: request.money.currency.code().to_owned(),
            return_url: request.return_url.clone(),
            status: PageStatus::Open,
        };
        self.0.outage.passes()?;
        self.0.books.open_page(&entry).map_err(|refusal| refused(&refusal))?;
        Ok(Session { redirect_url: format!("{}/dev/pay/{}", self.0.base_url, entry.payment_id) })
    }

    fn read_webhook(&self, headers: &[(String, String)], body: &[u8], now: Timestamp) -> Result<Webhook, WebhookError> {
        read_webhook(&self.0.signer, headers, body, now)
    }

    async fn refund(&self, request: &RefundRequest) -> Result<Receipt, GatewayError> {
        self.0.outage.passes()?;
        let refund_id = request.refund_id.to_string();
        let payment_id = request.payment_reference.strip_prefix("sandbox-capture-").unwrap_or_default();
        let receipt = reference_of(&refund_id);
        let wire = Wire {
            kind: "refund.succeeded".to_owned(),
            id: format!("evt-refund-{refund_id}"),
            data: WireData {
                order_id: request.order_id.to_string(),
                refund_id: Some(refund_id.clone()),
                amount: Some(request.money.decimal()),
                currency: Some(request.money.currency.code().to_owned()),
                reference: Some(receipt.reference.clone()),
                ..WireData::default()
            },
        };
        let webhook = wire.filed(self.0.clock.now());
        let minor = request.money.amount.minor();
        self.0.books.add_refund(&refund_id, payment_id, minor, &webhook).map_err(|refusal| refused(&refusal))?;
        self.0.delivery.wake();
        Ok(receipt)
    }

    async fn find_refund(&self, request: &RefundRequest) -> Result<Option<Receipt>, GatewayError> {
        self.0.outage.passes()?;
        let refund_id = request.refund_id.to_string();
        let known = self.0.books.refund(&refund_id).map_err(|error| GatewayError::Unavailable(error.to_string()))?;
        Ok(known.map(|_| reference_of(&refund_id)))
    }
}
