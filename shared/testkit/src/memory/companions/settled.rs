use oms_app::ports::{CommitError, FollowUp, SettledSession};
use oms_domain::ordering::Order;

use super::Beside;
use crate::memory::world::World;

impl Beside for SettledSession {
    fn refusal(&self, _world: &World, _order: &Order) -> Option<CommitError> {
        None
    }

    fn write(&self, world: &mut World, order: &Order) {
        world.tasks.remove(&FollowUp::Checkout(order.id, self.0));
    }
}
