//! Opens a checkout page at a payment provider (E1, E2).
//!
//! 1. Load the order; the owner and admins may pay it.
//! 2. Record the attempt and the page that it wants (one commit), then ask the provider, with the attempt's id as
//!    idempotency key. So a webhook never speaks of a payment that we do not know, and a crash in between costs nothing:
//!    asked again, we use the same attempt and the provider answers with the same page.
//! 3. Remember the page. An attempt whose page is open is answered from that record, without the provider.
//!
//! Without a key an attempt that is still open at the same provider is used again; a new key means a new attempt.
//!
//! A provider that cannot be reached is told as such, and `open-page` goes on asking for the recorded attempt (L6). While
//! its circuit is open it is not asked at all, and the others on offer are named. A
//! provider that refuses ends the attempt: nobody asks again by itself (E3).

use std::sync::Arc;

use futures::future::join;
use jiff::Timestamp;
use oms_domain::access::Operation;
use oms_domain::actor::Actor;
use oms_domain::ids::{OrderId, PaymentId};
use oms_domain::money::Money;
use oms_domain::ordering::{Command, Order};
use oms_domain::payments::capability::cannot_take;

use crate::customers::limits::{Limiter, Limits};
use crate::error::{Error, Field};
use crate::execute::{CommandContext, Outcome, execute, load};
use crate::intent::Intent;
use crate::payments::checkout_session::{Asked, ask};
use crate::payments::gateways::Gateways;
use crate::ports::{CheckoutSession, Clock, CommandKey, FollowUps, OpenedSession, Orders};

/// Where somebody pays.
#[derive(Debug, Clone)]
pub struct Request {
    /// Name of the provider.
    pub provider: String,
    /// Where the customer goes afterwards; an absolute URL, already checked.
    pub return_url: Option<String>,
    /// Whether the customer agrees that the means of payment is kept for them.
    pub keep_method: bool,
}

/// An open checkout page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The attempt.
    pub payment_id: PaymentId,
    pub provider: String,
    /// How much is asked for.
    pub money: Money,
    /// Where to send the customer.
    pub redirect_url: String,
}

pub struct PayOrder {
    orders: Arc<dyn Orders>,
    follow_ups: Arc<dyn FollowUps>,
    gateways: Gateways,
    clock: Arc<dyn Clock>,
    limiter: Limiter,
}

impl PayOrder {
    pub fn new(
        orders: Arc<dyn Orders>,
        follow_ups: Arc<dyn FollowUps>,
        gateways: Gateways,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let limiter = Limiter::new(Limits::default(), clock.clone());
        PayOrder { orders, follow_ups, gateways, clock, limiter }
    }

    /// Holds customers to other limits than the usual ones.
    #[must_use]
    pub fn with_limits(self, limiter: Limiter) -> Self {
        PayOrder { limiter, ..self }
    }

    /// What is wrong with the name of a provider that is not on offer.
    pub fn unknown_provider(&self, name: &str) -> Option<Field> {
        let message = match self.gateways.names().as_slice() {
            _ if self.gateways.get(name).is_some() => return None,
            [] => "this shop does not accept payments yet".to_owned(),
            names => format!("is not available; choose one of: {}", names.join(", ")),
        };
        Some(Field::new("/provider", message))
    }

    pub async fn run(&self, order_id: OrderId, intent: &Intent, request: Request) -> Result<Opened, Error> {
        let load = load(self.orders.as_ref(), Operation::PayOrder, &intent.caller, order_id);
        let (stored, away) = join(load, self.gateways.offer().is_away(&request.provider)).await;
        let stored = stored?;
        let mut faults: Vec<Field> = self.unknown_provider(&request.provider).into_iter().collect();
        if let Some(why) = cannot_take(&request.provider, asked_for(&stored.order)).filter(|_| faults.is_empty()) {
            faults.push(Field::new("/provider", why));
        }
        if request.keep_method && intent.caller.user() != &stored.order.user_id {
            faults.push(Field::new("/keep_method", "only the customer can agree to this"));
        }
        let gateway = self.gateways.get(&request.provider).filter(|_| faults.is_empty());
        let Some(gateway) = gateway else { return Err(Error::Invalid(faults)) };
        let (order, record) = self.attempt(stored.order, intent, &request, away).await?;
        if let Some(session) = &record.session {
            return opened(&order, &record, session);
        }
        match ask(gateway, &order, &record).await? {
            Asked::Open(session) => {
                let answer = opened(&order, &record, &session)?;
                self.follow_ups.keep(&CheckoutSession { session: Some(session), ..record }).await?;
                Ok(answer)
            }
            Asked::Down(cause, pause) => Err(self.down(request.provider, true, cause, pause).await),
            Asked::Declined(why) => {
                self.fail(order, &record, &intent.correlation_id).await?;
                Err(Error::PaymentRefused(why))
            }
        }
    }

    /// Says which other providers are on offer.
    async fn down(&self, provider: String, recorded: bool, cause: String, pause: Option<u64>) -> Error {
        let mut others = self.gateways.offer().present().await;
        others.retain(|name| *name != provider);
        Error::ProviderDown { provider, others, retry_after_seconds: pause, recorded, cause }
    }

    /// While nobody asks the provider no attempt begins there; one that was begun under the same key is known.
    async fn refuse_what_is_new(&self, order: &Order, intent: &Intent, provider: &str) -> Result<(), Error> {
        if let Some(given) = &intent.idempotency {
            let key = CommandKey::of_caller(intent.caller.user(), &given.key);
            if self.orders.command(order.id, &key).await?.is_some() {
                return Ok(());
            }
        }
        Err(self.down(provider.to_owned(), false, "its circuit is open".to_owned(), None).await)
    }

    /// The attempt to use: an open one, the one of the same key, or a new one; with what is known of its page.
    async fn attempt(
        &self,
        order: Order,
        intent: &Intent,
        request: &Request,
        away: bool,
    ) -> Result<(Order, CheckoutSession), Error> {
        if let Some(open) = open_attempt(&order, intent, request, self.clock.now()) {
            return self.known(order, open, request).await;
        }
        if away {
            self.refuse_what_is_new(&order, intent, &request.provider).await?;
        }
        let held = self.limiter.held(&intent.caller, false);
        let context = intent.context().with_return_url(request.return_url.clone()).held_to(held);
        let anew = intent.idempotency.is_some();
        let command = Command::RequestPayment { provider: request.provider.clone(), keep: request.keep_method, anew };
        let last =
            |order: &Order| order.ledger.payments.last().map(|payment| payment.id.to_string()).unwrap_or_default();
        let (orders, clock) = (self.orders.as_ref(), self.clock.as_ref());
        let (order, id) = match execute(orders, clock, order, &command, &context, last).await? {
            Outcome::Changed(order, _) => {
                let attempt = order.ledger.payments.last().map(|payment| payment.id);
                let record = attempt.and_then(|id| CheckoutSession::of(&order, id, request.return_url.clone()));
                return Ok((order, record.ok_or_else(|| Error::Internal("the attempt is lost".into()))?));
            }
            Outcome::Unchanged(order) => {
                // Somebody else has begun an attempt meanwhile, and its page is open for this one, too.
                let open = order.open_attempt(&request.provider, request.keep_method);
                let id = open.map(|payment| payment.id.to_string()).unwrap_or_default();
                (order, id)
            }
            Outcome::Repeated { order, outcome } => (order, outcome),
        };
        let id: PaymentId = id.parse().map_err(|_| Error::Internal("a payment's id is not an id".into()))?;
        self.known(order, id, request).await
    }

    async fn known(
        &self,
        order: Order,
        payment_id: PaymentId,
        request: &Request,
    ) -> Result<(Order, CheckoutSession), Error> {
        let record = self.follow_ups.session(order.id, payment_id).await?;
        let record = record.or_else(|| CheckoutSession::of(&order, payment_id, request.return_url.clone()));
        Ok((order, record.ok_or_else(|| Error::Internal("the attempt is lost".into()))?))
    }

    /// Records that the provider refuses this attempt.
    async fn fail(&self, order: Order, record: &CheckoutSession, correlation_id: &str) -> Result<(), Error> {
        let context = CommandContext::of(Actor::provider(&record.provider), correlation_id);
        let command = Command::RecordPaymentFailure {
            payment_id: record.payment_id,
            provider: record.provider.clone(),
            reason: "refused".to_owned(),
        };
        execute(self.orders.as_ref(), self.clock.as_ref(), order, &command, &context, |_| String::new()).await?;
        Ok(())
    }
}

fn opened(order: &Order, record: &CheckoutSession, session: &OpenedSession) -> Result<Opened, Error> {
    let payment =
        order.ledger.payment(record.payment_id).ok_or_else(|| Error::Internal("the attempt is lost".into()))?;
    Ok(Opened {
        payment_id: payment.id,
        provider: payment.provider.clone(),
        money: Money::new(payment.amount, order.currency),
        redirect_url: session.redirect_url.clone(),
    })
}

/// What a payment would be of.
fn asked_for(order: &Order) -> Money {
    order.due().map_or(order.total(), |due| Money::new(due.amount, order.currency))
}

fn open_attempt(order: &Order, intent: &Intent, request: &Request, now: Timestamp) -> Option<PaymentId> {
    let in_time = order.due().and_then(|due| due.until).is_some_and(|until| now < until);
    let usable = intent.idempotency.is_none() && in_time && !order.due_is_under_way();
    let open = order.open_attempt(&request.provider, request.keep_method).filter(|_| usable);
    open.map(|payment| payment.id)
}
