//! Opens a page that could not be opened while the customer waited (E3, L6).
//!
//! For every `order.payment_requested`, half a minute later, when the request itself has long ended:
//! 1. A page that is open needs nothing: the customer was sent there.
//! 2. An order that does not wait for this attempt any more needs nothing.
//! 3. Ask the provider, for the same attempt. Record that the page is open, which tells the customer, once; then
//!    remember the page. A crash in between is repeated and tells nobody twice.
//! 4. A provider that refuses ends the attempt. One that is down is asked again by the queue, 3 times every 5 minutes;
//!    after the last try the attempt has failed, the customer is told how to pay otherwise (`ORD-2001`), and the message
//!    still goes to the dead-letter queue, where somebody sees it.

use std::sync::Arc;

use oms_domain::actor::Actor;
use oms_domain::ids::PaymentId;
use oms_domain::ordering::{Command, Order};
use oms_domain::payments::AttemptState;
use oms_domain::public_event::{CloudEvent, Fact};

use crate::error::Error;
use crate::execute::{CommandContext, execute};
use crate::payments::checkout_session::{Asked, ask};
use crate::payments::gateways::Gateways;
use crate::ports::{CheckoutSession, Clock, CommandKey, FollowUps, Orders};

/// Why an attempt failed whose provider stayed away.
pub const PROVIDER_UNAVAILABLE: &str = "provider_unavailable";

pub struct OpenPage {
    orders: Arc<dyn Orders>,
    follow_ups: Arc<dyn FollowUps>,
    gateways: Gateways,
    clock: Arc<dyn Clock>,
    tries: u32,
}

impl OpenPage {
    /// Wires the use case; `tries` is how often a provider is asked: the first time, and the retries of L6.
    pub fn new(
        orders: Arc<dyn Orders>,
        follow_ups: Arc<dyn FollowUps>,
        gateways: Gateways,
        clock: Arc<dyn Clock>,
        tries: u32,
    ) -> Self {
        OpenPage { orders, follow_ups, gateways, clock, tries }
    }

    /// Runs it for one event, delivered for the `delivery`th time; events of other kinds need nothing.
    pub async fn run(&self, event: &CloudEvent, delivery: u32) -> Result<(), Error> {
        let Fact::PaymentRequested { payment_id } = event.data.fact else { return Ok(()) };
        let record = self.follow_ups.session(event.subject, payment_id).await?;
        if record.as_ref().is_some_and(|record| record.session.is_some()) {
            return Ok(());
        }
        let order = self.orders.load(event.subject).await?.ok_or(Error::NotFound)?.order;
        if !self.is_wanted(&order, payment_id) {
            return self.set_aside(&order, payment_id, delivery);
        }
        let record = record.or_else(|| CheckoutSession::of(&order, payment_id, None));
        let record = record.ok_or_else(|| Error::Internal("the attempt is lost".into()))?;
        let down = |why| Error::ServiceUnavailable(format!("payment provider {}: {why}", record.provider));
        let Some(gateway) = self.gateways.get(&record.provider) else {
            return Err(down("is not configured".to_owned()));
        };
        match ask(gateway, &order, &record).await? {
            Asked::Open(session) => {
                self.tell(order, payment_id, event).await?;
                self.follow_ups.keep(&CheckoutSession { session: Some(session), ..record }).await?;
                Ok(())
            }
            Asked::Declined(why) => {
                tracing::warn!(order_id = %order.id, %payment_id, why, "page is refused");
                self.fail(order, &record, "refused", event).await
            }
            Asked::Down(why, _) => {
                if delivery >= self.tries {
                    self.fail(order, &record, PROVIDER_UNAVAILABLE, event).await?;
                }
                Err(down(why))
            }
        }
    }

    fn is_wanted(&self, order: &Order, payment_id: PaymentId) -> bool {
        let now = self.clock.now();
        let payment = order.ledger.payment(payment_id).filter(|payment| payment.state == AttemptState::Requested);
        payment.is_some_and(|payment| order.awaits(payment, now))
    }

    /// A message that was given up at its last try comes once more, because the queue delivers more often than a provider
    /// is asked. It goes the rest of its way to where somebody sees it.
    fn set_aside(&self, order: &Order, payment_id: PaymentId, delivery: u32) -> Result<(), Error> {
        let failed = order.ledger.payment(payment_id).is_some_and(|payment| payment.state == AttemptState::Failed);
        if failed && delivery > self.tries {
            return Err(Error::ServiceUnavailable(format!("attempt {payment_id} was given up")));
        }
        Ok(())
    }

    /// Under a key of its own, so that a repeat does not tell twice.
    async fn tell(&self, order: Order, payment_id: PaymentId, event: &CloudEvent) -> Result<(), Error> {
        let mut context = CommandContext::of(Actor::system("open-page"), &event.correlationid);
        context.key = Some((CommandKey(format!("page#{payment_id}")), String::new()));
        self.apply(order, &Command::AnnounceCheckout { payment_id }, &context).await
    }

    async fn fail(
        &self,
        order: Order,
        record: &CheckoutSession,
        reason: &str,
        event: &CloudEvent,
    ) -> Result<(), Error> {
        let command = Command::RecordPaymentFailure {
            payment_id: record.payment_id,
            provider: record.provider.clone(),
            reason: reason.to_owned(),
        };
        self.apply(order, &command, &CommandContext::of(Actor::system("open-page"), &event.correlationid)).await
    }

    async fn apply(&self, order: Order, command: &Command, context: &CommandContext) -> Result<(), Error> {
        execute(self.orders.as_ref(), self.clock.as_ref(), order, command, context, |_| String::new()).await?;
        Ok(())
    }
}
