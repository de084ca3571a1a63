use oms_app::ports::{CommitError, SavedMethod};
use oms_domain::ordering::Order;

use super::Beside;
use crate::memory::world::World;

impl Beside for SavedMethod {
    fn refusal(&self, _world: &World, _order: &Order) -> Option<CommitError> {
        None
    }

    fn write(&self, world: &mut World, _order: &Order) {
        world.methods.insert((self.user_id.clone(), self.id), self.clone());
    }
}
