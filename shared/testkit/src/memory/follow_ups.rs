//! What to come back to, and circuits, in memory.

use async_trait::async_trait;
use jiff::Timestamp;
use oms_app::ports::{
    Agenda, CheckoutSession, Circuit, Circuits, FollowUp, FollowUps, StoreError, Unmatched, UnmatchedKey,
};
use oms_domain::ids::{OrderId, PaymentId};

use super::MemoryStore;

#[async_trait]
impl FollowUps for MemoryStore {
    async fn session(&self, order_id: OrderId, payment_id: PaymentId) -> Result<Option<CheckoutSession>, StoreError> {
        self.call(|world| {
            let look_at = world.tasks.get(&FollowUp::Checkout(order_id, payment_id)).copied();
            world.pages.get(&(order_id, payment_id)).cloned().map(|page| CheckoutSession { look_at, ..page })
        })
    }

    async fn keep(&self, record: &CheckoutSession) -> Result<(), StoreError> {
        self.write(|world| {
            world.keep(record);
            Ok(())
        })
    }

    async fn keep_unmatched(
        &self,
        unmatched: &Unmatched,
        look_at: Timestamp,
        _until: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(event_id) = unmatched.event.event_id() else { return Ok(()) };
        let place = UnmatchedKey::of(&unmatched.provider, event_id);
        self.call(|world| {
            if !world.parked.contains_key(&place) {
                world.parked.insert(place.clone(), unmatched.clone());
                world.tasks.insert(FollowUp::Unmatched(place), look_at);
            }
        })
    }

    async fn unmatched(&self, key: &UnmatchedKey) -> Result<Option<Unmatched>, StoreError> {
        self.call(|world| world.parked.get(key).cloned())
    }

    async fn due_follow_ups(&self, agenda: Agenda, now: Timestamp, limit: usize) -> Result<Vec<FollowUp>, StoreError> {
        self.call(|world| {
            let mut due: Vec<_> = world
                .tasks
                .iter()
                .filter(|(task, _)| task.agenda() == agenda)
                .map(|(task, at)| (at.as_millisecond(), task))
                .collect();
            due.retain(|(at, _)| *at <= now.as_millisecond());
            due.sort_unstable();
            due.into_iter().take(limit).map(|(_, task)| task.clone()).collect()
        })
    }

    async fn reschedule(&self, task: &FollowUp, at: Option<Timestamp>) -> Result<(), StoreError> {
        self.call(|world| {
            let known = match task {
                FollowUp::Checkout(order_id, payment_id) => world.pages.contains_key(&(*order_id, *payment_id)),
                FollowUp::Refund(..) | FollowUp::Label(..) => true,
                FollowUp::Parcel(key) => world.parcels.contains_key(key),
                FollowUp::Unmatched(place) => world.parked.contains_key(place),
            };
            if let FollowUp::Parcel(key) = task
                && let Some(parcel) = world.parcels.get_mut(key)
            {
                parcel.look_at = at;
            }
            match at.filter(|_| known) {
                Some(at) => world.tasks.insert(task.clone(), at),
                None => world.tasks.remove(task),
            };
        })
    }
}

#[async_trait]
impl Circuits for MemoryStore {
    async fn circuit(&self, provider: &str) -> Result<Circuit, StoreError> {
        self.call(|world| world.circuits.get(provider).copied().unwrap_or_default())
    }

    async fn switch(&self, provider: &str, next: &Circuit) -> Result<bool, StoreError> {
        self.call(|world| {
            let seen = world.circuits.get(provider).copied().unwrap_or_default();
            let ours = seen.version + 1 == next.version;
            if ours {
                world.circuits.insert(provider.to_owned(), *next);
            }
            ours
        })
    }
}
