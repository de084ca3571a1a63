use oms_app::ports::{CommitError, Written};
use oms_domain::ordering::Order;

use super::Beside;
use crate::memory::world::World;

impl Beside for Written {
    fn refusal(&self, _world: &World, _order: &Order) -> Option<CommitError> {
        None
    }

    fn write(&self, world: &mut World, order: &Order) {
        if let Some(person) = &mut world.entry_of(order).stored.person {
            person.words.insert(self.version, self.text.clone());
        }
    }
}
