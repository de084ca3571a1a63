use oms_app::ports::{CommitError, UsageStep};
use oms_domain::ordering::Order;

use super::Beside;
use crate::memory::world::World;

impl Beside for UsageStep {
    fn refusal(&self, world: &World, _order: &Order) -> Option<CommitError> {
        let used = world.counters.get(&self.counter).copied().unwrap_or_default();
        let full = self.delta > 0 && self.limit.is_some_and(|limit| used + i64::from(self.delta) > i64::from(limit));
        full.then(|| CommitError::LimitReached(self.counter.clone()))
    }

    fn write(&self, world: &mut World, _order: &Order) {
        *world.counters.entry(self.counter.clone()).or_default() += i64::from(self.delta);
    }
}
