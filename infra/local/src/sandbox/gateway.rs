//! The payment port, spoken to the sandbox.

use async_trait::async_trait;
use jiff::Timestamp;
use oms_app::ports::{
    CaptureRef, GatewayError, MadeRefund, OpenedSession, PaymentGateway, Receipt, RefundNotification, RefundRequest,
    RefundState, SessionRef, SessionRequest, SessionState, Webhook, WebhookError,
};
use oms_domain::ids::RefundId;
use oms_domain::money::{Amount, Currency, Money};
use oms_domain::payments::{MethodToken, PaymentNotification, PaymentOutcome};
use serde::{Deserialize, Serialize};

use super::books::{Entry, PageStatus, Refusal, Webhook as Filed};
use super::signature::Signer;
use super::{NAME, Sandbox};
use crate::state::StateError;

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
    /// Of which capture, for a refund.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) capture: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    /// What is kept for the customer who asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) method: Option<MethodToken>,
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
            let refund_id: RefundId = self.data.refund_id?.parse().ok()?;
            let currency = Currency::known(&self.data.currency?)?;
            return Some(Webhook::Refund(RefundNotification {
                event_id: self.id,
                order_id,
                refund_id: Some(refund_id),
                payment_reference: self.data.capture.unwrap_or_default(),
                money: Money::parse(&self.data.amount?, currency).ok()?,
                receipt: Receipt { reference: self.data.reference?, state: RefundState::Done },
            }));
        }
        let payment_id = self.data.payment_id?.parse().ok()?;
        let outcome = match self.kind.as_str() {
            "payment.succeeded" => {
                let currency = Currency::known(&self.data.currency?)?;
                let money = Money::parse(&self.data.amount?, currency).ok()?;
                PaymentOutcome::Succeeded { reference: self.data.reference?, money, kept: self.data.method }
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
        Refusal::Mismatch | Refusal::NoCapture | Refusal::TooMuch(_) => GatewayError::Declined(refusal.to_string()),
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

fn down(error: &StateError) -> GatewayError {
    GatewayError::Unavailable(error.to_string())
}

fn state_of(entry: &Entry) -> Result<SessionState, GatewayError> {
    let failed = |reason: &str| SessionState::Over(PaymentOutcome::Failed { reason: reason.to_owned() });
    Ok(match entry.status {
        PageStatus::Open => SessionState::Open,
        PageStatus::Failed => failed("card_declined"),
        PageStatus::Closed => failed("expired"),
        PageStatus::Succeeded => {
            let currency = Currency::from_stored(&entry.currency)
                .ok_or_else(|| GatewayError::Unavailable(format!("{} is not a currency", entry.currency)))?;
            let money = Money::new(Amount::from_minor(entry.amount_minor), currency);
            SessionState::Over(PaymentOutcome::Succeeded { reference: entry.reference(), money, kept: entry.kept() })
        }
    })
}

fn reference_of(refund_id: &str) -> Receipt {
    Receipt { reference: format!("sandbox-refund-{refund_id}"), state: RefundState::Done }
}

#[async_trait]
impl PaymentGateway for SandboxGateway {
    fn name(&self) -> &str {
        NAME
    }

    async fn open(&self, request: &SessionRequest) -> Result<OpenedSession, GatewayError> {
        let entry = Entry {
            payment_id: request.payment_id.to_string(),
            order_id: request.order_id.to_string(),
            amount_minor: request.money.amount.minor(),
            currency: request.money.currency.stored().to_owned(),
            return_url: request.return_url.clone(),
            keep: request.keep_for.is_some(),
            status: PageStatus::Open,
        };
        self.0.outage.passes()?;
        self.0.books.open_page(&entry).map_err(|refusal| refused(&refusal))?;
        let redirect_url = format!("{}/dev/pay/{}", self.0.base_url, entry.payment_id);
        Ok(OpenedSession { reference: entry.payment_id, redirect_url })
    }

    async fn look_up(&self, page: &SessionRef) -> Result<SessionState, GatewayError> {
        self.0.outage.passes()?;
        let entry = self.0.books.page(&page.session).map_err(|error| down(&error))?;
        let entry = entry.ok_or_else(|| GatewayError::Declined("there is no such page".to_owned()))?;
        state_of(&entry)
    }

    async fn capture(&self, page: &SessionRef) -> Result<SessionState, GatewayError> {
        self.look_up(page).await
    }

    async fn close(&self, page: &SessionRef) -> Result<SessionState, GatewayError> {
        self.0.outage.passes()?;
        self.0.books.close(&page.session).map_err(|error| down(&error))?;
        self.look_up(page).await
    }

    async fn read_webhook(
        &self,
        headers: &[(String, String)],
        body: &[u8],
        now: Timestamp,
    ) -> Result<Webhook, WebhookError> {
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
                capture: Some(request.payment_reference.clone()),
                ..WireData::default()
            },
        };
        let webhook = wire.filed(self.0.clock.now());
        let minor = request.money.amount.minor();
        self.0.books.add_refund(&refund_id, payment_id, minor, &webhook).map_err(|refusal| refused(&refusal))?;
        self.0.delivery.wake();
        Ok(receipt)
    }

    async fn refunds(&self, capture: &CaptureRef) -> Result<Vec<MadeRefund>, GatewayError> {
        self.0.outage.passes()?;
        let payment_id = capture.payment_reference.strip_prefix("sandbox-capture-").unwrap_or_default();
        let Some(page) = self.0.books.page(payment_id).map_err(|error| down(&error))? else { return Ok(Vec::new()) };
        let unknown = |_| GatewayError::Unavailable(format!("{} is not a currency", page.currency));
        let currency: Currency = page.currency.parse().map_err(unknown)?;
        let made = self.0.books.refunds(payment_id).map_err(|error| down(&error))?;
        let made = made.into_iter().map(|(refund_id, minor)| MadeRefund {
            refund_id: refund_id.parse().ok(),
            money: Money::new(Amount::from_minor(minor), currency),
            receipt: reference_of(&refund_id),
        });
        Ok(made.collect())
    }

    async fn forget(&self, token: &str) -> Result<(), GatewayError> {
        self.0.outage.passes()?;
        self.0.books.forget(token).map_err(|error| down(&error))
    }
}
