//! What a notification that was signed by PayPal says, as PayPal confirms it.
//!
//! Of the body only the kind and the resource's id are believed. Everything that is told (amount, currency, which order,
//! how it ended, even the notification's id) comes from the resource as PayPal answers when it is asked: a body that was
//! made up to have the CRC of a genuine one can make us ask, and nothing more.

use oms_app::ports::{RefundNotification, RefundState, SessionRef, SessionState, Webhook, WebhookError};
use oms_domain::ids::OrderId;
use oms_domain::payments::{DisputeNews, DisputeState, PaymentNotification, PaymentOutcome};

use super::client::{Call, Client, Failure};
use super::states::{Captured, Contradiction, captured, order_state, receipt};
use super::wire::{Amount, Capture, Dispute, Event, Mark, Order, Refund, is_id};

impl From<Contradiction> for WebhookError {
    fn from(contradiction: Contradiction) -> Self {
        WebhookError::Unreadable(contradiction.0.to_owned())
    }
}

fn read_back(failure: Failure) -> WebhookError {
    match failure {
        Failure::Unavailable(text) | Failure::Busy { text, .. } => WebhookError::Unavailable(text),
        // 400: not even the form of an id.
        Failure::Refused(refusal) if refusal.is_missing() || refusal.status == 400 => {
            WebhookError::Unreadable("PayPal does not know what its notification is about".to_owned())
        }
        // We may not look, which is ours to repair while PayPal repeats.
        Failure::Refused(refusal) => WebhookError::Unavailable(format!("PayPal refuses to show it: {}", refusal.issue)),
    }
}

fn path_of(collection: &str, id: &str) -> Result<String, WebhookError> {
    if is_id(id) {
        Ok(format!("{collection}/{id}"))
    } else {
        Err(WebhookError::Unreadable("the resource has no id".to_owned()))
    }
}

/// Parses the verified bytes and asks PayPal about what they name.
pub(super) async fn read(client: &Client, body: &[u8]) -> Result<Webhook, WebhookError> {
    let event: Event = serde_json::from_slice(body)
        .map_err(|error| WebhookError::Unreadable(format!("not a notification, at column {}", error.column())))?;
    let reader = Reader(client);
    let id = event.resource.id.as_str();
    match event.event_type.as_str() {
        "CHECKOUT.ORDER.APPROVED" => reader.approved(id).await,
        "PAYMENT.CAPTURE.COMPLETED"
        | "PAYMENT.CAPTURE.PENDING"
        | "PAYMENT.CAPTURE.DENIED"
        | "PAYMENT.CAPTURE.DECLINED" => reader.settled(id).await,
        "PAYMENT.CAPTURE.REFUNDED" | "PAYMENT.REFUND.PENDING" | "PAYMENT.REFUND.FAILED" => reader.refunded(id).await,
        "PAYMENT.CAPTURE.REVERSED" => reader.reversed(id).await,
        "CUSTOMER.DISPUTE.CREATED" | "CUSTOMER.DISPUTE.UPDATED" | "CUSTOMER.DISPUTE.RESOLVED" => {
            reader.disputed(&event.resource.dispute_id).await
        }
        _ => Ok(Webhook::Ignored),
    }
}

struct Reader<'c>(&'c Client);

impl Reader<'_> {
    async fn order(&self, id: &str) -> Result<Order, WebhookError> {
        let path = path_of("/v2/checkout/orders", id)?;
        self.0.ask(Call::get("an order", path)).await.map_err(read_back)
    }

    async fn capture(&self, id: &str) -> Result<Capture, WebhookError> {
        let path = path_of("/v2/payments/captures", id)?;
        self.0.ask(Call::get("a capture", path)).await.map_err(read_back)
    }

    async fn refund(&self, id: &str) -> Result<Refund, WebhookError> {
        let path = path_of("/v2/payments/refunds", id)?;
        self.0.ask(Call::get("a refund", path)).await.map_err(read_back)
    }

    async fn approved(&self, id: &str) -> Result<Webhook, WebhookError> {
        let order = self.order(id).await?;
        let Some(Mark::Payment(order_id, payment_id)) = order.mark() else { return Ok(Webhook::Ignored) };
        Ok(match order_state(&order)? {
            SessionState::Approved => Webhook::Approved {
                event_id: format!("order/{}/approved", order.id),
                page: SessionRef { order_id, payment_id, session: order.id },
            },
            // Not approved, whatever the body says; or further on, which has a notification of its own.
            SessionState::Open | SessionState::Processing | SessionState::Over(_) => Webhook::Ignored,
        })
    }

    async fn settled(&self, id: &str) -> Result<Webhook, WebhookError> {
        let capture = self.capture(id).await?;
        let Some(Mark::Payment(order_id, payment_id)) = Mark::read(capture.custom_id.as_deref()) else {
            return Ok(Webhook::Ignored);
        };
        // The order tells whether the customer lets us keep the means of payment.
        let order = match capture.order_id() {
            Some(id) => Some(self.order(&id).await?),
            None => None,
        };
        let outcome = match captured(&capture, order.as_ref())? {
            Captured::Over(outcome) => outcome,
            Captured::Waiting => PaymentOutcome::Processing,
        };
        let end = match outcome {
            PaymentOutcome::Processing => "pending",
            PaymentOutcome::Succeeded { .. } => "succeeded",
            PaymentOutcome::Failed { .. } => "failed",
        };
        let event_id = format!("capture/{}/{end}", capture.id);
        Ok(Webhook::Payment(PaymentNotification { event_id, order_id, payment_id, outcome }))
    }

    async fn refunded(&self, id: &str) -> Result<Webhook, WebhookError> {
        let refund = self.refund(id).await?;
        let capture_id = refund.capture_id().ok_or(Contradiction("PayPal's refund is of no capture"))?;
        let (order_id, refund_id) = match Mark::read(refund.custom_id.as_deref()) {
            Some(Mark::Refund(order_id, refund_id)) => (order_id, Some(refund_id)),
            // Made by hand, it carries the mark of its capture, or none.
            Some(Mark::Payment(..)) | None => match self.owner(&capture_id).await? {
                Some(order_id) => (order_id, None),
                None => return Ok(Webhook::Ignored),
            },
        };
        let receipt = receipt(&refund);
        let amount = refund.amount.as_ref().and_then(Amount::money);
        let money = amount.ok_or(Contradiction("PayPal's refund has no amount that can be read"))?;
        let state = match &receipt.state {
            RefundState::Pending => "pending",
            RefundState::Done => "done",
            RefundState::Failed(_) => "failed",
        };
        let event_id = format!("refund/{}/{state}", refund.id);
        let payment_reference = capture_id;
        Ok(Webhook::Refund(RefundNotification { event_id, order_id, refund_id, payment_reference, money, receipt }))
    }

    /// PayPal took the money back by itself. A refund of ours that a body calls a reversal is still a refund of ours.
    async fn reversed(&self, id: &str) -> Result<Webhook, WebhookError> {
        let refund = self.refund(id).await?;
        if let Some(Mark::Refund(..)) = Mark::read(refund.custom_id.as_deref()) {
            return self.refunded(id).await;
        }
        let capture_id = refund.capture_id().ok_or(Contradiction("PayPal's reversal is of no capture"))?;
        Ok(Webhook::Disputed {
            event_id: format!("reversal/{}", refund.id),
            order_id: self.owner(&capture_id).await?,
            payment_reference: capture_id,
            reason: "reversed".to_owned(),
            news: Some(DisputeNews {
                reference: format!("reversal/{}", refund.id),
                money: refund.amount.as_ref().and_then(Amount::money),
                reason: "reversed".to_owned(),
                state: DisputeState::Lost,
            }),
        })
    }

    async fn disputed(&self, id: &str) -> Result<Webhook, WebhookError> {
        let path = path_of("/v1/customer/disputes", id)?;
        let dispute: Dispute = self.0.ask(Call::get("a dispute", path)).await.map_err(read_back)?;
        let transaction = dispute.disputed_transactions.first();
        let Some(capture_id) = transaction.map(|transaction| transaction.seller_transaction_id.clone()) else {
            return Err(Contradiction("PayPal's dispute is about no payment").into());
        };
        let (state, reason) = (dispute.state(), dispute.reason.to_ascii_lowercase());
        // What was told before there was a decision is known under the dispute's name alone.
        let event_id = match state {
            DisputeState::Open => format!("dispute/{}", dispute.id),
            DisputeState::Won | DisputeState::Lost => format!("dispute/{}/{}", dispute.id, state.name()),
        };
        Ok(Webhook::Disputed {
            event_id,
            order_id: self.owner(&capture_id).await?,
            payment_reference: capture_id,
            reason: reason.clone(),
            news: Some(DisputeNews { reference: dispute.id.clone(), money: dispute.money(), reason, state }),
        })
    }

    /// Which order of ours a capture paid for, if any.
    async fn owner(&self, capture_id: &str) -> Result<Option<OrderId>, WebhookError> {
        let capture = self.capture(capture_id).await?;
        Ok(match Mark::read(capture.custom_id.as_deref()) {
            Some(Mark::Payment(order_id, _) | Mark::Refund(order_id, _)) => Some(order_id),
            None => None,
        })
    }
}
