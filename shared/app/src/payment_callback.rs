//! Takes a payment provider's webhook (E2–E5).
//!
//! 1. The provider's adapter verifies the raw bytes and reads them into neutral words.
//! 2. Load the order that the notification names; decide; commit state, events and the notification's record together.
//!
//! Webhooks come twice, late, early and out of order. The aggregate answers a repeat with "already applied", money
//! that the order no longer wants is recorded and sent back, and a notification for another amount, currency, order or
//! provider than we asked for changes nothing. We answer with success only when the outcome is stored.

use std::sync::Arc;

use oms_domain::actor::Actor;
use oms_domain::ids::OrderId;
use oms_domain::order::{Command, Refusal};
use oms_domain::payment::PaymentOutcome;

use crate::change::{Deed, Outcome, apply, is_unknown};
use crate::error::{Error, Field};
use crate::ports::{Clock, Gateways, Orders, RefundNotification, RefundState, Webhook, WebhookError};

/// A webhook as it arrived.
#[derive(Debug, Clone)]
pub struct Request {
    /// Which provider, from the path.
    pub provider: String,
    /// Headers with lower-case names.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// The request's correlation id.
    pub correlation_id: String,
}

/// What came of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handled {
    /// It changed the order.
    Applied,
    /// It had been applied before, or has nothing to change any more.
    AlreadyApplied,
    /// Genuine, and of no interest.
    Ignored,
}

/// The use case.
pub struct PaymentCallback {
    orders: Arc<dyn Orders>,
    gateways: Gateways,
    clock: Arc<dyn Clock>,
}

impl PaymentCallback {
    /// Wires the use case.
    pub fn new(orders: Arc<dyn Orders>, gateways: Gateways, clock: Arc<dyn Clock>) -> Self {
        PaymentCallback { orders, gateways, clock }
    }

    /// Runs it.
    pub async fn run(&self, request: &Request) -> Result<Handled, Error> {
        let gateway = self.gateways.get(&request.provider).ok_or(Error::NotFound)?;
        let webhook =
            gateway.read_webhook(&request.headers, &request.body, self.clock.now()).await.map_err(disbelief)?;
        let provider = request.provider.clone();
        let (order_id, event_id, command) = match webhook {
            Webhook::Payment(news) => {
                let payment_id = news.payment_id;
                let command = match news.outcome {
                    PaymentOutcome::Succeeded { reference, money, kept } => {
                        Command::RecordPayment { payment_id, provider, reference, money, kept }
                    }
                    PaymentOutcome::Failed { reason } => Command::RecordPaymentFailure { payment_id, provider, reason },
                };
                (news.order_id, news.event_id, command)
            }
            Webhook::Refund(RefundNotification { event_id, order_id, refund_id: Some(refund_id), receipt, .. })
                if receipt.state == RefundState::Done =>
            {
                (order_id, event_id, Command::CompleteRefund { refund_id, reference: receipt.reference })
            }
            Webhook::Ignored | Webhook::Approved { .. } | Webhook::Refund(_) | Webhook::Disputed { .. } => {
                return Ok(Handled::Ignored);
            }
        };
        self.record(order_id, &event_id, &command, request).await
    }

    async fn record(
        &self,
        order_id: OrderId,
        event_id: &str,
        command: &Command,
        request: &Request,
    ) -> Result<Handled, Error> {
        let order = self.orders.load(order_id).await?.ok_or(Error::NotFound)?.order;
        let deed =
            Deed::of(Actor::provider(&request.provider), &request.correlation_id).notified(&request.provider, event_id);
        let outcome = apply(self.orders.as_ref(), self.clock.as_ref(), order, command, &deed, |_| String::new()).await;
        match outcome {
            Ok(Outcome::Changed(_)) => Ok(Handled::Applied),
            Ok(Outcome::Unchanged(_) | Outcome::Repeated { .. }) => Ok(Handled::AlreadyApplied),
            Err(Error::Refused(refusal)) if is_unknown(&refusal) => Err(Error::NotFound),
            Err(Error::Refused(Refusal::PaymentMismatch)) => {
                // Money may have moved at the provider that we did not ask for: a person must look.
                tracing::error!(%order_id, provider = %request.provider, "payment is not what was asked for");
                Err(Error::Invalid(vec![Field::new("", "amount or currency is not what was asked for")]))
            }
            Err(error) => Err(error),
        }
    }
}

fn disbelief(error: WebhookError) -> Error {
    match error {
        WebhookError::Forged | WebhookError::OutOfTime => Error::Signature(error.to_string()),
        WebhookError::Unreadable(why) => Error::Malformed(why),
        WebhookError::Unavailable(why) => Error::Down(why),
    }
}
