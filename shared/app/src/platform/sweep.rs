//! Every minute: comes back to what is open at payment providers, then cancels pending orders whose time to pay is over;
//! their stock is released (D3, F3).
//!
//! 1. Ask the `due` index, which may lag: a hint what to look at.
//! 2. [`Reconcile`] follows up checkout sessions, refunds and unmatched events. Sessions first: one that was paid in the last
//!    minute confirms its order, the others are closed.
//! 3. Load each order and let it decide by its own deadline; commit ([`crate::ordering::overdue`]). Drafts that nobody
//!    submitted in time end in the same way.
//! 4. Once in an hour: drafts of before drafts had a deadline, which are in no index, are found by their age.
//! 5. What the stream gave up on is published from the table ([`Publisher`]), before all that.
//! 6. How long the oldest event waits that is not published is told, if it does ([`super::publish_lag`]).
//!
//! A run works until its time is over, however much there is; what it leaves is told as the lag of the agenda.
//!
//! One order or task that fails does not keep the others; the next minute tries it again.

use std::sync::Arc;

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use oms_domain::ids::OrderId;
use oms_domain::ordering::{DRAFT_DAYS, Status};

use crate::error::Error;
use crate::ordering::overdue::expire;
use crate::payments::gateways::Gateways;
use crate::payments::reconcile::Reconcile;
use crate::platform::publish_lag::PublishLag;
use crate::platform::publisher::{Publisher, Wanted};
use crate::ports::{Clock, FollowUps, Line, ListQuery, Metrics, Orders, Scope, Unit};

/// Most orders or tasks that one look at the agenda names.
const PASS_ORDERS: usize = 100;

/// Most passes of one part of a run. Time ends it before that.
const MAX_PASSES: usize = 10_000;

/// Orders or tasks that are worked on side by side: most of their time is the store's or a provider's.
const AT_ONCE: usize = 10;

/// After so many seconds a run begins nothing more; the function has 50.
const RUN_SECONDS: i64 = 40;

/// After so many seconds of one run tasks wait for the next, so that slow providers do not keep orders from expiring.
const TASK_SECONDS: i64 = 20;

const SECONDS_PER_MINUTE: i64 = 60;
const SECONDS_PER_HOUR: i64 = 3_600;
const HOURS_PER_DAY: i64 = 24;
/// By how many seconds the agenda may be behind, from the most on: one of them is told when a run leaves something.
const LAGS: [i64; 5] = [6 * 3_600, 3_600, 900, 300, 60];

/// What a run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Orders cancelled.
    pub expired: usize,
    /// Follow-ups that were done: checkout sessions, refunds, unmatched events.
    pub looked: usize,
    /// Orders that were published from the table, because the stream gave up on events of theirs.
    pub published: usize,
    /// Orders or tasks that could not be looked at or changed.
    pub failed: usize,
}

pub struct Sweep {
    orders: Arc<dyn Orders>,
    clock: Arc<dyn Clock>,
    reconcile: Reconcile,
    publisher: Option<Publisher>,
    metrics: Option<Arc<dyn Metrics>>,
}

impl Sweep {
    pub fn new(
        orders: Arc<dyn Orders>,
        follow_ups: Arc<dyn FollowUps>,
        gateways: Gateways,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let reconcile = Reconcile::new(orders.clone(), follow_ups, gateways, clock.clone());
        Sweep { orders, clock, reconcile, publisher: None, metrics: None }
    }

    /// Tells how far the agenda is behind when a run leaves something of it, and how far publishing is.
    #[must_use]
    pub fn with_metrics(self, metrics: Arc<dyn Metrics>) -> Self {
        Sweep { metrics: Some(metrics), ..self }
    }

    /// Publishes from the table what the stream gave up on.
    #[must_use]
    pub fn publishing(self, publisher: Publisher) -> Self {
        Sweep { publisher: Some(publisher), ..self }
    }

    pub async fn run(&self, correlation_id: &str) -> Result<Swept, Error> {
        let since = self.clock.now();
        let mut swept = Swept::default();
        let stuck = self.publish(&mut swept).await?;
        let tasks_done = self.come_back(&mut swept, since, correlation_id).await?;
        let orders_done = self.expire_all(&mut swept, since, correlation_id).await?;
        if !(tasks_done && orders_done) {
            self.tell_lag().await?;
        }
        self.end_old_drafts(&mut swept, correlation_id).await?;
        if let Some(publisher) = &self.publisher {
            let lag = PublishLag { orders: self.orders.as_ref(), publisher, now: since };
            lag.tell(&stuck, self.metrics.as_deref()).await?;
        }
        Ok(swept)
    }

    /// Drafts stored without a deadline, the oldest first.
    async fn end_old_drafts(&self, swept: &mut Swept, correlation_id: &str) -> Result<(), Error> {
        let now = self.clock.now();
        if now.as_second().rem_euclid(SECONDS_PER_HOUR) >= SECONDS_PER_MINUTE {
            return Ok(());
        }
        let age = SignedDuration::from_hours(DRAFT_DAYS * HOURS_PER_DAY);
        let old = ListQuery {
            scope: Scope::Everyone,
            statuses: vec![Status::Draft],
            from: None,
            until: now.checked_sub(age).ok(),
            newest_first: false,
            limit: PASS_ORDERS,
            after: None,
        };
        for draft in self.orders.list(&old).await?.entries {
            match self.expire(draft.id, correlation_id).await {
                Ok(expired) => swept.expired += usize::from(expired),
                Err(error) => {
                    tracing::error!(order_id = %draft.id, %error, "draft could not be ended");
                    swept.failed += 1;
                }
            }
        }
        Ok(())
    }

    fn has_worked_for(&self, since: Timestamp, seconds: i64) -> bool {
        self.clock.now().duration_since(since).as_secs() >= seconds
    }

    /// `false` when something is left.
    async fn expire_all(&self, swept: &mut Swept, since: Timestamp, correlation_id: &str) -> Result<bool, Error> {
        for _ in 0..MAX_PASSES {
            let due = self.orders.due(self.clock.now(), PASS_ORDERS).await?;
            let before = swept.expired;
            for together in due.chunks(AT_ONCE) {
                let expire = together.iter().map(|id| self.expire(*id, correlation_id));
                for (id, done) in together.iter().zip(join_all(expire).await) {
                    match done {
                        Ok(true) => swept.expired += 1,
                        Ok(false) => {}
                        Err(error) => {
                            tracing::error!(order_id = %id, %error, "order could not be expired");
                            swept.failed += 1;
                        }
                    }
                }
                if self.has_worked_for(since, RUN_SECONDS) {
                    return Ok(false);
                }
            }
            if due.len() < PASS_ORDERS {
                return Ok(true);
            }
            // A pass that changes nothing sees only what the index has not caught up with.
            if swept.expired == before {
                return Ok(false);
            }
        }
        Ok(false)
    }

    /// Whatever is still due after this run has waited for so long at least.
    async fn tell_lag(&self) -> Result<(), Error> {
        let now = self.clock.now();
        for lag in LAGS {
            let then = now - SignedDuration::from_secs(lag);
            let waits =
                !self.orders.due(then, 1).await?.is_empty() || !self.reconcile.due_by(then, 1).await?.is_empty();
            if waits {
                tracing::warn!(seconds = lag, "the agenda is behind");
                if let Some(metrics) = &self.metrics {
                    metrics.emit(&Line::new("agenda is behind").figure("agenda_lag", Unit::Seconds, lag));
                }
                break;
            }
        }
        Ok(())
    }

    /// Each order has a next time after it was tried, or none, so a full page of them is followed by other ones. Tells which
    /// could not be published.
    async fn publish(&self, swept: &mut Swept) -> Result<Vec<OrderId>, Error> {
        let mut stuck = Vec::new();
        let Some(publisher) = &self.publisher else { return Ok(stuck) };
        for _ in 0..MAX_PASSES {
            let waiting = publisher.waiting(PASS_ORDERS).await?;
            let before = swept.published;
            let reached = publisher.publish(waiting.iter().copied().map(Wanted::stored).collect()).await;
            for order_id in &waiting {
                if reached.get(order_id).is_some_and(|reached| reached.whole) {
                    swept.published += 1;
                } else {
                    tracing::error!(%order_id, "order could not be published");
                    swept.failed += 1;
                    stuck.push(*order_id);
                }
            }
            if waiting.len() < PASS_ORDERS || swept.published == before {
                break;
            }
        }
        Ok(stuck)
    }

    /// Each task has a next time after it was looked at, so a full page of them is followed by other ones. `false` when
    /// something is left.
    async fn come_back(&self, swept: &mut Swept, since: Timestamp, correlation_id: &str) -> Result<bool, Error> {
        for _ in 0..MAX_PASSES {
            let due = self.reconcile.due_by(self.clock.now(), PASS_ORDERS).await?;
            let before = swept.looked;
            for together in due.chunks(AT_ONCE) {
                let looks = together.iter().map(|task| self.reconcile.look(task, correlation_id));
                for (task, done) in together.iter().zip(join_all(looks).await) {
                    match done {
                        Ok(()) => swept.looked += 1,
                        Err(error) => {
                            tracing::error!(?task, %error, "task could not be done");
                            swept.failed += 1;
                        }
                    }
                }
                if self.has_worked_for(since, TASK_SECONDS) {
                    return Ok(false);
                }
            }
            if due.len() < PASS_ORDERS {
                return Ok(true);
            }
            if swept.looked == before {
                return Ok(false);
            }
        }
        Ok(false)
    }

    async fn expire(&self, id: OrderId, correlation_id: &str) -> Result<bool, Error> {
        let Some(stored) = self.orders.load(id).await? else { return Ok(false) };
        expire(self.orders.as_ref(), self.clock.as_ref(), stored.order, correlation_id).await
    }
}
