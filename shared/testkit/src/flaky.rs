//! A store of orders that fails by chance, and lets others go first by chance: the same seed, the same mishaps.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use async_trait::async_trait;
use jiff::Timestamp;
use oms_app::ports::{
    CommandKey, CommandRecord, Commit, CommitError, ListQuery, Listing, Orders, ShipmentListing, ShipmentQuery,
    StoreError, Stored, UsageCounter,
};
use oms_domain::chain::Sealed;
use oms_domain::ids::{OrderId, OrderNumber, UserId};
use oms_domain::ordering::Order;

use crate::{Fault, SeededRandom};

/// Most turns that a call lets others take before it goes on.
const MAX_TURNS: u64 = 3;

/// [`Orders`] as they behave on a bad day.
///
/// A fault strikes one call of the port, as if the adapter had given up. On a runtime of one thread everything that
/// happens follows from the seed, who comes before whom as well.
pub struct Flaky {
    inner: Arc<dyn Orders>,
    random: SeededRandom,
    per_mille: Vec<(Fault, u64)>,
}

impl Flaky {
    /// Each fault happens in so many of a thousand calls that it can strike.
    pub fn new(inner: Arc<dyn Orders>, seed: u64, per_mille: &[(Fault, u64)]) -> Self {
        Flaky { inner, random: SeededRandom::new(seed), per_mille: per_mille.to_vec() }
    }

    fn strikes(&self, can_strike: impl Fn(Fault) -> bool) -> Option<Fault> {
        let mut possible = self.per_mille.iter().filter(|(fault, _)| can_strike(*fault));
        possible.find(|(_, per_mille)| self.random.happens(*per_mille)).map(|(fault, _)| *fault)
    }

    /// Others may go first, before a call and behind it.
    async fn step_aside(&self) {
        let mut turns = self.random.next_u64() % (MAX_TURNS + 1);
        poll_fn(|context| {
            if turns == 0 {
                return Poll::Ready(());
            }
            turns -= 1;
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    /// Before and behind every read.
    async fn read<T>(&self, call: impl Future<Output = Result<T, StoreError>> + Send) -> Result<T, StoreError> {
        self.step_aside().await;
        let struck = self.strikes(|fault| matches!(fault, Fault::Throttle | Fault::Unavailable));
        let answer = if struck.is_some() { Err(down()) } else { call.await };
        self.step_aside().await;
        answer
    }
}

fn down() -> StoreError {
    StoreError::Unavailable("by chance".into())
}

#[async_trait]
impl Orders for Flaky {
    async fn load(&self, id: OrderId) -> Result<Option<Stored>, StoreError> {
        self.read(self.inner.load(id)).await
    }

    async fn state(&self, id: OrderId) -> Result<Option<Order>, StoreError> {
        self.read(self.inner.state(id)).await
    }

    async fn commit(&self, commit: &Commit) -> Result<(), CommitError> {
        self.step_aside().await;
        let answer = match self.strikes(|_| true) {
            Some(Fault::Conflict) => Err(CommitError::Contended),
            Some(Fault::Throttle | Fault::Unavailable) => Err(down().into()),
            Some(Fault::LostAcknowledgement) => {
                // Whatever it came to, nobody is told.
                let _ = self.inner.commit(commit).await;
                Err(down().into())
            }
            None => self.inner.commit(commit).await,
        };
        self.step_aside().await;
        answer
    }

    async fn command(&self, id: OrderId, key: &CommandKey) -> Result<Option<CommandRecord>, StoreError> {
        self.read(self.inner.command(id, key)).await
    }

    async fn list(&self, query: &ListQuery) -> Result<Listing, StoreError> {
        self.read(self.inner.list(query)).await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<OrderId>, StoreError> {
        self.read(self.inner.due(now, limit)).await
    }

    async fn cart_claim(&self, user: &UserId, cart: &str, now: Timestamp) -> Result<Option<OrderId>, StoreError> {
        self.read(self.inner.cart_claim(user, cart, now)).await
    }

    async fn used(&self, counters: &[UsageCounter]) -> Result<Vec<u32>, StoreError> {
        self.read(self.inner.used(counters)).await
    }

    async fn numbered(&self, number: &OrderNumber) -> Result<Vec<OrderId>, StoreError> {
        self.read(self.inner.numbered(number)).await
    }

    async fn shipments(&self, query: &ShipmentQuery) -> Result<ShipmentListing, StoreError> {
        self.read(self.inner.shipments(query)).await
    }

    async fn events(&self, id: OrderId) -> Result<Vec<Sealed>, StoreError> {
        self.read(self.inner.events(id)).await
    }
}
