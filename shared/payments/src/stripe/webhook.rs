//! What a genuine webhook says.
//!
//! Most of it is in the body. Stripe is asked for the rest: which means of payment was kept, which refund made a
//! charge's total grow, and whose payment a refund or a dispute is about. If it cannot be asked, the webhook comes again.

use oms_app::ports::{RefundNotification, SessionState, Webhook, WebhookError};
use oms_domain::ids::OrderId;
use oms_domain::payments::{DisputeNews, PAGE_EXPIRED, PaymentNotification, PaymentOutcome};
use serde::de::DeserializeOwned;

use super::client::Failure;
use super::wire::{Charge, CheckoutSession, Dispute, Event, List, PaymentIntent, Refund, word};
use super::{LIST_OBJECTS, StripeGateway, id};

impl From<Failure> for WebhookError {
    fn from(failure: Failure) -> Self {
        WebhookError::Unavailable(oms_app::ports::GatewayError::from(failure).to_string())
    }
}

fn object<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, WebhookError> {
    // Where it is wrong is told by serde; what stands there could be anybody's data.
    serde_json::from_value(value)
        .map_err(|error| unreadable(&format!("not the announced object, {:?}", error.classify())))
}

fn unreadable(why: &str) -> WebhookError {
    WebhookError::Unreadable(why.to_owned())
}

/// News of a payment, if it is one of ours.
fn payment(event_id: String, session: &CheckoutSession, outcome: PaymentOutcome) -> Webhook {
    match (session.metadata.order_id(), session.metadata.payment_id()) {
        (Some(order_id), Some(payment_id)) => {
            Webhook::Payment(PaymentNotification { event_id, order_id, payment_id, outcome })
        }
        _ => Webhook::Ignored,
    }
}

fn failed(reason: impl Into<String>) -> PaymentOutcome {
    PaymentOutcome::Failed { reason: reason.into() }
}

impl StripeGateway {
    /// Reads a body whose signature was verified.
    pub(super) async fn read(&self, body: &[u8]) -> Result<Webhook, WebhookError> {
        let event: Event = serde_json::from_slice(body).map_err(|_| unreadable("not an event"))?;
        let (event_id, value) = (event.id, event.data.object);
        match event.kind.as_str() {
            "checkout.session.completed" | "checkout.session.async_payment_succeeded" => {
                self.paid(event_id, &object(value)?).await
            }
            "checkout.session.async_payment_failed" => {
                Ok(payment(event_id, &object(value)?, failed("async_payment_failed")))
            }
            "checkout.session.expired" => Ok(payment(event_id, &object(value)?, failed(PAGE_EXPIRED))),
            "payment_intent.payment_failed" => Ok(declined(event_id, &object(value)?)),
            "charge.refunded" => {
                let before = event.data.previous_attributes.and_then(|before| before.amount_refunded);
                self.charge_refunded(event_id, object(value)?, before).await
            }
            "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => {
                self.refund_changed(event_id, object(value)?, None).await
            }
            "charge.dispute.created" | "charge.dispute.updated" | "charge.dispute.closed" => {
                self.disputed(event_id, object(value)?).await
            }
            // What Stripe tells others of, or will tell in years to come.
            _ => Ok(Webhook::Ignored),
        }
    }

    /// The customer is done. Some means of payment bring the money days later: those tell again.
    async fn paid(&self, event_id: String, session: &CheckoutSession) -> Result<Webhook, WebhookError> {
        if session.metadata.payment_id().is_none() {
            return Ok(Webhook::Ignored);
        }
        if !session.is_paid() {
            let under_way = session.state() == Some(SessionState::Processing);
            return Ok(if under_way {
                payment(event_id, session, PaymentOutcome::Processing)
            } else {
                Webhook::Ignored
            });
        }
        let intent = match session.reference() {
            Some(reference) if session.metadata.keeps() => Some(self.intent(reference, Some("payment_method")).await?),
            _ => None,
        };
        let outcome = session.succeeded(intent.as_ref()).ok_or_else(|| unreadable("it does not say what was paid"))?;
        Ok(payment(event_id, session, outcome))
    }

    /// A charge tells its total only. The refund that made it is the one with which all refunds so far add up to it.
    async fn charge_refunded(
        &self,
        event_id: String,
        charge: Charge,
        before: Option<i64>,
    ) -> Result<Webhook, WebhookError> {
        let Some(order_id) = charge.metadata.order_id() else { return Ok(Webhook::Ignored) };
        let query =
            vec![("charge".to_owned(), id(&charge.id)?.to_owned()), ("limit".to_owned(), LIST_OBJECTS.to_string())];
        let mut refunds = self.client.get::<List<Refund>>("/v1/refunds", &query).await?.data;
        // Oldest first, whatever happened within one second.
        refunds.reverse();
        refunds.sort_by_key(|refund| refund.created);
        let mut total = 0;
        let reaching = refunds.iter().filter(|refund| !refund.failed()).find(|refund| {
            total += refund.amount;
            total == charge.amount_refunded
        });
        let grown = before.map(|before| charge.amount_refunded - before);
        let refund = reaching.or_else(|| refunds.iter().rev().find(|refund| Some(refund.amount) == grown));
        match refund {
            Some(refund) => self.refund_changed(event_id, refund.clone(), Some(order_id)).await,
            // It has failed meanwhile, and tells that by itself.
            None => Ok(Webhook::Ignored),
        }
    }

    /// A refund that was made by hand at Stripe does not know its order; its payment does.
    async fn refund_changed(
        &self,
        event_id: String,
        refund: Refund,
        known: Option<OrderId>,
    ) -> Result<Webhook, WebhookError> {
        let Some(payment_reference) = refund.payment_intent.clone() else { return Ok(Webhook::Ignored) };
        let order_id = match refund.metadata.order_id().or(known) {
            Some(order_id) => Some(order_id),
            None => self.order_of(&payment_reference).await?,
        };
        let Some(order_id) = order_id else { return Ok(Webhook::Ignored) };
        let money = refund.money().ok_or_else(|| unreadable("it does not say how much went back"))?;
        Ok(Webhook::Refund(RefundNotification {
            event_id,
            order_id,
            refund_id: refund.metadata.refund_id(),
            payment_reference,
            money,
            receipt: refund.receipt(),
        }))
    }

    async fn disputed(&self, event_id: String, dispute: Dispute) -> Result<Webhook, WebhookError> {
        let Some(payment_reference) = dispute.payment_intent.clone() else { return Ok(Webhook::Ignored) };
        let Some(order_id) = self.order_of(&payment_reference).await? else { return Ok(Webhook::Ignored) };
        let reason = dispute.reason.as_deref().and_then(word).unwrap_or("general").to_owned();
        let news = DisputeNews {
            reference: dispute.id.clone(),
            money: dispute.money(),
            reason: reason.clone(),
            state: dispute.state(),
        };
        Ok(Webhook::Disputed { event_id, payment_reference, order_id: Some(order_id), reason, news: Some(news) })
    }

    /// For which of our orders a payment is; nothing if it is for somebody else's.
    async fn order_of(&self, reference: &str) -> Result<Option<OrderId>, WebhookError> {
        match self.intent(reference, None).await {
            Ok(intent) => Ok(intent.metadata.order_id()),
            Err(failure) if failure.is_not_found() => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }
}

fn declined(event_id: String, intent: &PaymentIntent) -> Webhook {
    match (intent.metadata.order_id(), intent.metadata.payment_id()) {
        (Some(order_id), Some(payment_id)) => {
            let outcome = failed(intent.failure());
            Webhook::Payment(PaymentNotification { event_id, order_id, payment_id, outcome })
        }
        _ => Webhook::Ignored,
    }
}
