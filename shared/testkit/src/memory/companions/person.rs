use oms_app::ports::CommitError;
use oms_domain::ordering::Order;
use oms_domain::ordering::address::Person;

use super::Beside;
use crate::memory::world::World;

impl Beside for Person {
    fn refusal(&self, _world: &World, _order: &Order) -> Option<CommitError> {
        None
    }

    fn write(&self, world: &mut World, order: &Order) {
        world.entry_of(order).stored.person = Some(self.clone());
    }
}
