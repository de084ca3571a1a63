//! Every minute: comes back to what is open at payment providers, then cancels pending orders whose time to pay is over;
//! their stock is released (D3, F3).
//!
//! 1. Ask the `due` index, which may lag: a hint what to look at.
//! 2. [`Reconcile`] follows up checkout sessions, refunds and unmatched events. Sessions first: one that was paid in the last
//!    minute confirms its order, the others are closed.
//! 3. Load each order and let it decide by its own deadline; commit ([`crate::ordering::overdue`]).
//! 4. What the stream gave up on is published from the table ([`Publisher`]), before all that.
//!
//! One order or task that fails does not keep the others; the next minute tries it again.

use std::sync::Arc;

use futures::future::join_all;
use oms_domain::ids::OrderId;

use crate::error::Error;
use crate::ordering::overdue::expire;
use crate::payments::gateways::Gateways;
use crate::payments::reconcile::Reconcile;
use crate::platform::publisher::{Publisher, Wanted};
use crate::ports::{Clock, FollowUps, Orders};

/// Most orders looked at in one pass.
const PASS_ORDERS: usize = 100;

/// Most passes of one run; what is left waits a minute.
const MAX_PASSES: usize = 20;

/// Tasks that are looked at side by side: most of their time is a provider's.
const TASKS_AT_ONCE: usize = 10;

/// After so many seconds of one run tasks wait for the next, so that slow providers do not keep orders from expiring.
const TASK_SECONDS: i64 = 20;

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
}

impl Sweep {
    pub fn new(
        orders: Arc<dyn Orders>,
        follow_ups: Arc<dyn FollowUps>,
        gateways: Gateways,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let reconcile = Reconcile::new(orders.clone(), follow_ups, gateways, clock.clone());
        Sweep { orders, clock, reconcile, publisher: None }
    }

    /// Publishes from the table what the stream gave up on.
    #[must_use]
    pub fn publishing(self, publisher: Publisher) -> Self {
        Sweep { publisher: Some(publisher), ..self }
    }

    pub async fn run(&self, correlation_id: &str) -> Result<Swept, Error> {
        let mut swept = Swept::default();
        self.publish(&mut swept).await?;
        self.come_back(&mut swept, correlation_id).await?;
        for _ in 0..MAX_PASSES {
            let due = self.orders.due(self.clock.now(), PASS_ORDERS).await?;
            let before = swept.expired;
            for id in &due {
                match self.expire(*id, correlation_id).await {
                    Ok(true) => swept.expired += 1,
                    Ok(false) => {}
                    Err(error) => {
                        tracing::error!(order_id = %id, %error, "order could not be expired");
                        swept.failed += 1;
                    }
                }
            }
            // A pass that changes nothing sees only what the index has not caught up with.
            if due.len() < PASS_ORDERS || swept.expired == before {
                break;
            }
        }
        Ok(swept)
    }

    /// Each order has a next time after it was tried, or none, so a full page of them is followed by other ones.
    async fn publish(&self, swept: &mut Swept) -> Result<(), Error> {
        let Some(publisher) = &self.publisher else { return Ok(()) };
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
                }
            }
            if waiting.len() < PASS_ORDERS || swept.published == before {
                break;
            }
        }
        Ok(())
    }

    /// Each task has a next time after it was looked at, so a full page of them is followed by other ones.
    async fn come_back(&self, swept: &mut Swept, correlation_id: &str) -> Result<(), Error> {
        let since = self.clock.now();
        for _ in 0..MAX_PASSES {
            let due = self.reconcile.due(PASS_ORDERS).await?;
            let before = swept.looked;
            for together in due.chunks(TASKS_AT_ONCE) {
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
                if self.clock.now().duration_since(since).as_secs() >= TASK_SECONDS {
                    return Ok(());
                }
            }
            if due.len() < PASS_ORDERS || swept.looked == before {
                break;
            }
        }
        Ok(())
    }

    async fn expire(&self, id: OrderId, correlation_id: &str) -> Result<bool, Error> {
        let Some(stored) = self.orders.load(id).await? else { return Ok(false) };
        expire(self.orders.as_ref(), self.clock.as_ref(), stored.order, correlation_id).await
    }
}
