//! What a payment provider says, applied to the order: the same for webhooks, read-backs and events that were unmatched before (E2–E5).
//!
//! An event about a payment or a refund becomes one command. The aggregate answers a repeat with "already applied"; money that
//! the order no longer wants is recorded and sent back. The approval of a session is not money yet: it is captured only
//! while the order still wants it. Where an event about a refund contradicts what we know, the provider is asked once
//! more, because events come out of order.

use std::sync::Arc;

use oms_domain::actor::Actor;
use oms_domain::ids::{OrderId, RefundId};
use oms_domain::money::Money;
use oms_domain::ordering::{Command, Order, Refusal};
use oms_domain::payments::{AttemptState, DisputeNews, DisputeState, PaymentOutcome};

use crate::error::{Error, Field};
use crate::execute::{CommandContext, Outcome, execute};
use crate::payments::gateways::Gateways;
use crate::ports::{
    Clock, GatewayError, Orders, Receipt, RefundNotification, RefundRequest, RefundState, SessionRef, SessionState,
    Webhook,
};

/// What came of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handled {
    /// It changed the order.
    Applied,
    /// It had been applied before, or has nothing to change any more.
    AlreadyApplied,
    /// Genuine, and of no interest.
    Ignored,
    /// Genuine, about an order or a payment that we do not know yet: it waits for them.
    Unmatched,
}

/// Who told, and how it is remembered.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The provider's name.
    pub provider: &'a str,
    /// The provider's id of the notification; nothing for what we asked ourselves.
    pub event_id: Option<&'a str>,
    /// The request or run that brought it.
    pub correlation_id: &'a str,
}

impl Source<'_> {
    fn context(&self) -> CommandContext {
        let context = CommandContext::of(Actor::provider(self.provider), self.correlation_id);
        match self.event_id {
            Some(event_id) => context.with_notification(self.provider, event_id),
            None => context,
        }
    }
}

#[derive(Clone)]
pub struct Settle {
    orders: Arc<dyn Orders>,
    gateways: Gateways,
    clock: Arc<dyn Clock>,
}

impl Settle {
    /// Wires it.
    pub fn new(orders: Arc<dyn Orders>, gateways: Gateways, clock: Arc<dyn Clock>) -> Self {
        Settle { orders, gateways, clock }
    }

    /// Applies a notification. [`Error::NotFound`]: it is about an order, a payment or a refund that we do not know.
    pub async fn event(&self, provider: &str, event: Webhook, correlation_id: &str) -> Result<Handled, Error> {
        let event_id = event.event_id().map(ToOwned::to_owned);
        let source = Source { provider, event_id: event_id.as_deref(), correlation_id };
        match event {
            Webhook::Payment(told) => {
                let page = SessionRef { order_id: told.order_id, payment_id: told.payment_id, session: String::new() };
                let order = self.load(told.order_id).await?;
                self.outcome(order, &page, told.outcome, source).await
            }
            Webhook::Approved { page, .. } => {
                let order = self.load(page.order_id).await?;
                self.approved(order, &page, source).await
            }
            Webhook::Refund(told) => self.refund(told, source).await,
            Webhook::Disputed { event_id, order_id, payment_reference, reason, news } => {
                let open = DisputeNews { reference: event_id, money: None, reason, state: DisputeState::Open };
                self.disputed(order_id, payment_reference, news.unwrap_or(open), source).await
            }
            Webhook::Ignored => Ok(Handled::Ignored),
        }
    }

    /// Applies what the provider says of a page.
    pub async fn state(
        &self,
        order: Order,
        page: &SessionRef,
        state: SessionState,
        source: Source<'_>,
    ) -> Result<Handled, Error> {
        match state {
            SessionState::Open => Ok(Handled::Ignored),
            SessionState::Processing => self.outcome(order, page, PaymentOutcome::Processing, source).await,
            SessionState::Approved => self.approved(order, page, source).await,
            SessionState::Over(outcome) => self.outcome(order, page, outcome, source).await,
        }
    }

    async fn load(&self, id: OrderId) -> Result<Order, Error> {
        Ok(self.orders.load(id).await?.ok_or(Error::NotFound)?.order)
    }

    async fn outcome(
        &self,
        order: Order,
        page: &SessionRef,
        outcome: PaymentOutcome,
        source: Source<'_>,
    ) -> Result<Handled, Error> {
        let (payment_id, provider) = (page.payment_id, source.provider.to_owned());
        let (command, method) = match outcome {
            PaymentOutcome::Succeeded { reference, money, kept } => {
                (Command::RecordPayment { payment_id, provider, reference, money }, kept)
            }
            PaymentOutcome::Processing => (Command::RecordPaymentProcessing { payment_id, provider }, None),
            PaymentOutcome::Failed { reason } => (Command::RecordPaymentFailure { payment_id, provider, reason }, None),
        };
        // Money that is recorded is recognised by the order itself, whoever tells of it again: a record of the notification
        // beside it would be one write more (ADR 4).
        let source_of_money = Source { event_id: None, ..source };
        let is_money = matches!(command, Command::RecordPayment { .. });
        let context = if is_money { source_of_money.context() } else { source.context() };
        self.execute(order, &command, source, context.with_saved_method(method)).await
    }

    /// Takes the money of an approved page if the order still wants it. Asked again after a crash, the provider takes it
    /// once.
    async fn approved(&self, order: Order, page: &SessionRef, source: Source<'_>) -> Result<Handled, Error> {
        let payment = order.ledger.payment(page.payment_id).filter(|payment| payment.provider == source.provider);
        let payment = payment.ok_or(Error::NotFound)?;
        if !order.wants(payment) || matches!(payment.state, AttemptState::Captured { .. }) {
            return Ok(Handled::Ignored);
        }
        let outcome = match self.gateway(source.provider)?.capture(page).await {
            Ok(SessionState::Over(outcome)) => outcome,
            // The provider tells when it knows.
            Ok(SessionState::Open | SessionState::Approved) => return Ok(Handled::Ignored),
            Ok(SessionState::Processing) => PaymentOutcome::Processing,
            Err(GatewayError::Declined(why)) => {
                tracing::warn!(order_id = %order.id, payment_id = %page.payment_id, why, "capture is refused");
                PaymentOutcome::Failed { reason: "capture_refused".to_owned() }
            }
            Err(error @ (GatewayError::Unavailable(_) | GatewayError::Busy { .. })) => return Err(error.into()),
        };
        self.outcome(order, page, outcome, source).await
    }

    async fn refund(&self, told: RefundNotification, source: Source<'_>) -> Result<Handled, Error> {
        let order = self.load(told.order_id).await?;
        let Some(key) = told.refund_id else { return self.refund_by_hand(order, told, source).await };
        let refund = order.ledger.refund_by_key(key).ok_or(Error::NotFound)?;
        let contradicts = match told.receipt.state {
            RefundState::Done => refund.failures > 0 && !(refund.completed && refund.was_done_as(key)),
            RefundState::Failed(_) => refund.completed,
            RefundState::Pending => false,
        };
        let receipt = if contradicts {
            let request = RefundRequest {
                refund_id: key,
                order_id: order.id,
                payment_reference: told.payment_reference,
                money: Money::new(refund.amount, order.currency),
            };
            self.gateway(source.provider)?.find_refund(&request).await?.unwrap_or(told.receipt)
        } else {
            told.receipt
        };
        self.receipt(order, key, receipt, Some(told.money), source).await
    }

    /// Applies what the provider says of a refund that we asked for under this key.
    pub async fn receipt(
        &self,
        order: Order,
        key: RefundId,
        receipt: Receipt,
        money: Option<Money>,
        source: Source<'_>,
    ) -> Result<Handled, Error> {
        let command = match receipt.state {
            RefundState::Pending => return Ok(Handled::Ignored),
            RefundState::Done => Command::CompleteRefund { refund_id: key, reference: receipt.reference, money },
            RefundState::Failed(reason) => {
                // The customer still waits for the money: somebody must look.
                tracing::error!(order_id = %order.id, refund_id = %key, reason, "refund failed at the provider");
                Command::FailRefund { key, reason }
            }
        };
        self.apply(order, &command, source).await
    }

    async fn refund_by_hand(
        &self,
        order: Order,
        told: RefundNotification,
        source: Source<'_>,
    ) -> Result<Handled, Error> {
        // What is pending may come to nothing; if it is in our way before, we ask what there is.
        if told.receipt.state == RefundState::Pending {
            return Ok(Handled::Ignored);
        }
        self.made_by_hand(order, &told.payment_reference, told.money, told.receipt, source).await
    }

    /// Somebody gave money back at the provider, beside us: our ledger shall say so, too, and that it did not arrive.
    pub async fn made_by_hand(
        &self,
        order: Order,
        payment_reference: &str,
        money: Money,
        receipt: Receipt,
        source: Source<'_>,
    ) -> Result<Handled, Error> {
        let reference = receipt.reference;
        let command = match receipt.state {
            RefundState::Failed(reason) => Command::FailRefundElsewhere { reference, reason },
            RefundState::Pending | RefundState::Done => Command::RecordRefund {
                provider: source.provider.to_owned(),
                payment_reference: payment_reference.to_owned(),
                reference,
                money,
            },
        };
        self.apply(order, &command, source).await
    }

    /// The customer's bank wants the money back, or has decided. The order is held meanwhile; only a person can answer,
    /// within the bank's time.
    async fn disputed(
        &self,
        order_id: Option<OrderId>,
        payment_reference: String,
        news: DisputeNews,
        source: Source<'_>,
    ) -> Result<Handled, Error> {
        let (provider, state) = (source.provider, news.state.name());
        tracing::error!(order_id = ?order_id, provider, payment_reference, state, reason = news.reason, "dispute");
        let Some(order_id) = order_id else { return Ok(Handled::Ignored) };
        let order = self.load(order_id).await?;
        let command = Command::RecordDispute { provider: provider.to_owned(), payment_reference, news };
        self.apply(order, &command, source).await
    }

    fn gateway(&self, provider: &str) -> Result<&dyn crate::ports::PaymentGateway, Error> {
        let gateway = self.gateways.get(provider);
        gateway.ok_or_else(|| Error::ServiceUnavailable(format!("payment provider {provider} is not configured")))
    }

    async fn apply(&self, order: Order, command: &Command, source: Source<'_>) -> Result<Handled, Error> {
        self.execute(order, command, source, source.context()).await
    }

    async fn execute(
        &self,
        order: Order,
        command: &Command,
        source: Source<'_>,
        context: CommandContext,
    ) -> Result<Handled, Error> {
        let order_id = order.id;
        let (orders, clock) = (self.orders.as_ref(), self.clock.as_ref());
        match execute(orders, clock, order, command, &context, |_| String::new()).await {
            Ok(Outcome::Changed(..)) => Ok(Handled::Applied),
            Ok(Outcome::Unchanged(_) | Outcome::Repeated { .. }) => Ok(Handled::AlreadyApplied),
            Err(Error::Refused(refusal)) if is_unknown(&refusal) => Err(Error::NotFound),
            Err(Error::Refused(Refusal::PaymentMismatch)) => {
                // Money may have moved at the provider that we did not ask for: a person must look.
                tracing::error!(%order_id, provider = source.provider, "payment is not what was asked for");
                Err(Error::Invalid(vec![Field::new("", "the amount or currency differs from what was requested")]))
            }
            Err(error) => Err(error),
        }
    }
}

/// A refusal that means "this order has no such thing".
fn is_unknown(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::UnknownPayment | Refusal::UnknownRefund)
}
