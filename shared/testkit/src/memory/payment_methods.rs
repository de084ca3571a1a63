//! Kept means of payment in the same world.

use async_trait::async_trait;
use jiff::Timestamp;
use oms_app::ports::{PaymentMethods, Removed, SavedMethod, StoreError};
use oms_domain::ids::{MethodId, UserId};

use super::MemoryStore;

#[async_trait]
impl PaymentMethods for MemoryStore {
    async fn methods(&self, user: &UserId, limit: usize) -> Result<Vec<SavedMethod>, StoreError> {
        self.call(|world| {
            let own = world.methods.values().filter(|method| &method.user_id == user);
            let mut own: Vec<SavedMethod> = own.cloned().collect();
            own.sort_by_key(|method| method.id.to_string());
            own.truncate(limit);
            own
        })
    }

    async fn remove(&self, user: &UserId, id: MethodId, now: Timestamp) -> Result<bool, StoreError> {
        self.call(|world| {
            let Some(method) = world.methods.remove(&(user.clone(), id)) else { return false };
            world.removed.insert(id, Removed { method, due: now, tries: 0 });
            true
        })
    }

    async fn removed(&self, now: Timestamp, limit: usize) -> Result<Vec<Removed>, StoreError> {
        self.call(|world| world.removed.values().filter(|removed| removed.due <= now).take(limit).cloned().collect())
    }

    async fn postpone(&self, removed: &Removed) -> Result<(), StoreError> {
        self.call(|world| drop(world.removed.insert(removed.method.id, removed.clone())))
    }

    async fn forgotten(&self, removed: &Removed) -> Result<(), StoreError> {
        self.call(|world| drop(world.removed.remove(&removed.method.id)))
    }
}
