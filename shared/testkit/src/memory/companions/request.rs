use oms_app::ports::{CommitError, RequestFingerprint};
use oms_domain::ordering::Order;

use super::Beside;
use crate::memory::world::World;

impl Beside for RequestFingerprint {
    fn refusal(&self, _world: &World, _order: &Order) -> Option<CommitError> {
        None
    }

    fn write(&self, world: &mut World, order: &Order) {
        world.entry_of(order).stored.request = Some(self.0.clone());
    }
}
