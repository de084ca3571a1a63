//! Follows up what was left open: checkout sessions that have gone quiet, pending refunds, unmatched provider events.
//!
//! A session is looked at after ten quiet minutes and every ten minutes from then on. While its order waits for the money,
//! the provider is asked how it stands. Once the order's time is over, or the order is cancelled, the session is closed, so
//! that nothing can be paid on it any more where the provider can prevent that. Whatever comes out is applied as a webhook is.
//! Money that is under way is asked about every few hours, for as long as its order waits. A refund that a queue has lost is
//! made from here. A provider that is busy is asked again when the pause that it names is over. Every follow-up ends: a
//! session's a day after it was asked for, an unmatched event's after a week, a refund's when the refund is done.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use oms_domain::ids::{OrderId, PaymentId, RefundId};
use oms_domain::ordering::Order;
use oms_domain::payments::{AttemptState, PaymentOutcome};

use crate::error::Error;
use crate::payments::checkout_session::{POLL_AFTER_MINUTES, next_look};
use crate::payments::gateways::Gateways;
use crate::payments::give_back::{GiveBack, Stands};
use crate::payments::payment_callback::UNMATCHED_HOURS;
use crate::payments::refunds::{QUEUE_MINUTES, REFUND_LOOK_HOURS};
use crate::payments::settle::{Settle, Source};
use crate::ports::{
    Agenda, CheckoutSession, Clock, FollowUp, FollowUps, GatewayError, Orders, SessionRef, SessionState, UnmatchedKey,
};

/// How long a session is followed after it was asked for; all providers have closed it by then.
const SESSION_HOURS: i64 = 24;

/// How often a session is looked at that its provider could not close.
const UNCLOSED_MINUTES: i64 = 60;

/// Longest pause between two looks at an unmatched event.
const MAX_UNMATCHED_PAUSE_MINUTES: i64 = 6 * 60;

/// Works through follow-ups.
pub struct Reconcile {
    orders: Arc<dyn Orders>,
    follow_ups: Arc<dyn FollowUps>,
    gateways: Gateways,
    clock: Arc<dyn Clock>,
    settle: Settle,
    give_back: GiveBack,
}

impl Reconcile {
    /// Wires it.
    pub fn new(
        orders: Arc<dyn Orders>,
        follow_ups: Arc<dyn FollowUps>,
        gateways: Gateways,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let settle = Settle::new(orders.clone(), gateways.clone(), clock.clone());
        let give_back = GiveBack::new(orders.clone(), gateways.clone(), clock.clone());
        Reconcile { orders, follow_ups, gateways, clock, settle, give_back }
    }

    /// Up to `limit` follow-ups that were due by then.
    pub async fn due_by(&self, then: Timestamp, limit: usize) -> Result<Vec<FollowUp>, Error> {
        Ok(self.follow_ups.due_follow_ups(Agenda::Payments, then, limit).await?)
    }

    /// Does a follow-up, and says when to look again.
    pub async fn look(&self, task: &FollowUp, correlation_id: &str) -> Result<(), Error> {
        let next = match task {
            FollowUp::Checkout(order_id, payment_id) => {
                Box::pin(self.session(*order_id, *payment_id, correlation_id)).await?
            }
            FollowUp::Refund(order_id, refund_id) => {
                Box::pin(self.refund(*order_id, *refund_id, correlation_id)).await?
            }
            FollowUp::Unmatched(key) => self.unmatched(key, correlation_id).await?,
            // On other agendas.
            FollowUp::Label(..) | FollowUp::Parcel(_) => return Ok(()),
        };
        Ok(self.follow_ups.reschedule(task, next).await?)
    }

    async fn session(
        &self,
        order_id: OrderId,
        payment_id: PaymentId,
        correlation_id: &str,
    ) -> Result<Option<Timestamp>, Error> {
        let now = self.clock.now();
        let Some(record) = self.follow_ups.session(order_id, payment_id).await? else { return Ok(None) };
        let Some(stored) = self.orders.load(order_id).await? else { return Ok(None) };
        let order = stored.order;
        let payment = order.ledger.payment(payment_id);
        let Some(payment) = payment.filter(|payment| !matches!(payment.state, AttemptState::Captured { .. })) else {
            return Ok(None);
        };
        // An order that was changed, or given up, waits for no page of before.
        let waits = order.awaits(payment, now);
        let Some(page) = record.opened() else {
            // Nothing was opened yet, as far as we know; `open-page` goes on trying.
            return Ok(waits.then(|| next_look(&order, now)));
        };
        let told = match self.ask(&record, &page, waits).await {
            Ok(state) => self.told(order, &record, (page, state), Look { now, correlation_id }).await,
            Err(busy @ GatewayError::Busy { .. }) => Err(busy.into()),
            Err(why) => {
                tracing::warn!(%order_id, %payment_id, %why, "page could not be looked at");
                return Ok(until_forgotten(&record, now, POLL_AFTER_MINUTES));
            }
        };
        match told {
            Err(Error::ProviderBusy { retry_after_seconds, cause }) => {
                tracing::warn!(%order_id, %payment_id, cause, "page is looked at again when its provider has time");
                Ok(until_forgotten(&record, now, 0).map(|_| after_seconds(now, retry_after_seconds)))
            }
            told => told,
        }
    }

    /// How the page stands, or why nobody knows. A page that nobody waits for any more is closed.
    async fn ask(
        &self,
        record: &CheckoutSession,
        page: &SessionRef,
        waits: bool,
    ) -> Result<SessionState, GatewayError> {
        let unknown = || GatewayError::Unavailable("the provider is not configured".to_owned());
        let gateway = self.gateways.get(&record.provider).ok_or_else(unknown)?;
        if waits { gateway.look_up(page).await } else { gateway.close(page).await }
    }

    async fn told(
        &self,
        order: Order,
        record: &CheckoutSession,
        (page, state): (SessionRef, SessionState),
        Look { now, correlation_id }: Look<'_>,
    ) -> Result<Option<Timestamp>, Error> {
        let payment = order.ledger.payment(record.payment_id);
        let waits = payment.is_some_and(|payment| order.awaits(payment, now));
        let next = match &state {
            SessionState::Over(PaymentOutcome::Succeeded { .. }) => None,
            // A page may be tried again after a decline.
            SessionState::Over(PaymentOutcome::Processing | PaymentOutcome::Failed { .. }) => {
                waits.then(|| next_look(&order, now))
            }
            SessionState::Open | SessionState::Approved | SessionState::Processing if waits => {
                Some(next_look(&order, now))
            }
            SessionState::Open | SessionState::Approved | SessionState::Processing => {
                until_forgotten(record, now, UNCLOSED_MINUTES)
            }
        };
        // Once the order's time is over, only money counts: an approval is not captured, and that the page was closed
        // without a payment is no news to the customer.
        if waits || matches!(state, SessionState::Over(PaymentOutcome::Succeeded { .. })) {
            let source = Source { provider: &record.provider, event_id: None, correlation_id };
            self.settle.state(order, &page, state, source).await?;
        }
        Ok(next)
    }

    async fn refund(
        &self,
        order_id: OrderId,
        refund_id: RefundId,
        correlation_id: &str,
    ) -> Result<Option<Timestamp>, Error> {
        let next = Some(after(self.clock.now(), 60 * REFUND_LOOK_HOURS));
        let Some(stored) = self.orders.load(order_id).await? else { return Ok(None) };
        match self.give_back.run(stored.order, refund_id, correlation_id).await {
            Ok(Stands::Done) => Ok(None),
            Ok(Stands::Waits | Stands::Disputed) => Ok(next),
            // Its failure has gone to the queue, which has that time for the next try.
            Ok(Stands::Failed) => Ok(Some(after(self.clock.now(), QUEUE_MINUTES))),
            Ok(Stands::Exhausted) => {
                tracing::error!(%order_id, %refund_id, "refund failed too often; make it by hand");
                Ok(next)
            }
            Err(Error::ProviderBusy { retry_after_seconds, cause }) => {
                tracing::warn!(%order_id, %refund_id, cause, "refund is made when its provider has time");
                Ok(Some(after_seconds(self.clock.now(), retry_after_seconds)))
            }
            Err(error) if error.is_transient() => {
                tracing::warn!(%order_id, %refund_id, %error, "refund could not be made or looked up");
                Ok(Some(after(self.clock.now(), POLL_AFTER_MINUTES)))
            }
            Err(error) => {
                tracing::error!(%order_id, %refund_id, %error, "refund cannot be made");
                Ok(next)
            }
        }
    }

    async fn unmatched(&self, key: &UnmatchedKey, correlation_id: &str) -> Result<Option<Timestamp>, Error> {
        let Some(unmatched) = self.follow_ups.unmatched(key).await? else { return Ok(None) };
        let (now, provider) = (self.clock.now(), unmatched.provider.as_str());
        match self.settle.event(provider, unmatched.event, correlation_id).await {
            Ok(_) => return Ok(None),
            Err(Error::NotFound) => {}
            Err(Error::ProviderBusy { retry_after_seconds, .. }) => {
                return Ok(Some(after_seconds(now, retry_after_seconds)));
            }
            Err(error) if error.is_transient() => return Ok(Some(after(now, POLL_AFTER_MINUTES))),
            Err(error) => {
                tracing::error!(provider, %error, "an unmatched event cannot be applied");
                return Ok(None);
            }
        }
        let waited = now.duration_since(unmatched.since);
        if waited >= SignedDuration::from_hours(UNMATCHED_HOURS) {
            tracing::error!(provider, "an event of a provider was matched by no order");
            return Ok(None);
        }
        // As long as it has waited already: 1, 2, 4, 8, … minutes.
        let pause = (waited.as_secs() / 60).clamp(1, MAX_UNMATCHED_PAUSE_MINUTES);
        Ok(Some(after(now, pause)))
    }
}

/// One look at a session. What was asked and what is made of the answer go by the same time: an order whose time ends in
/// between was looked up and not closed, and what is still open is closed by the next look.
#[derive(Clone, Copy)]
struct Look<'a> {
    now: Timestamp,
    correlation_id: &'a str,
}

/// When to look again at a session that is followed for [`SESSION_HOURS`] at most.
fn until_forgotten(record: &CheckoutSession, now: Timestamp, minutes: i64) -> Option<Timestamp> {
    let young = now.duration_since(record.requested_at) < SignedDuration::from_hours(SESSION_HOURS);
    young.then(|| after(now, minutes))
}

fn after(now: Timestamp, minutes: i64) -> Timestamp {
    now.checked_add(SignedDuration::from_mins(minutes)).unwrap_or(Timestamp::MAX)
}

/// When the pause of a busy provider is over.
fn after_seconds(now: Timestamp, seconds: u64) -> Timestamp {
    let pause = i64::try_from(seconds).map(SignedDuration::from_secs);
    pause.ok().and_then(|pause| now.checked_add(pause).ok()).unwrap_or(Timestamp::MAX)
}
