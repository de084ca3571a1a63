use oms_app::ports::{CommitError, ParcelRecord};
use oms_domain::ordering::Order;

use super::Beside;
use crate::memory::world::World;

impl Beside for ParcelRecord {
    fn refusal(&self, _world: &World, _order: &Order) -> Option<CommitError> {
        None
    }

    fn write(&self, world: &mut World, _order: &Order) {
        world.parcels.insert(self.key.clone(), self.clone());
        world.remember(self);
    }
}
