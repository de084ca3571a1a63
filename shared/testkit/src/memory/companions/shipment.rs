use oms_app::ports::{CommitError, ShipmentRecord};
use oms_domain::ordering::Order;

use super::Beside;
use crate::memory::world::World;

impl Beside for ShipmentRecord {
    fn refusal(&self, _world: &World, _order: &Order) -> Option<CommitError> {
        None
    }

    fn write(&self, world: &mut World, _order: &Order) {
        world.shipments.insert(self.id, self.clone());
    }
}
