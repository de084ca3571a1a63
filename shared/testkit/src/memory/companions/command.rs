use jiff::Timestamp;
use oms_app::ports::{CommandEntry, CommandRecord, CommitError};
use oms_domain::ordering::Order;

use super::Beside;
use crate::memory::world::World;

impl Beside for CommandEntry {
    fn refusal(&self, world: &World, order: &Order) -> Option<CommitError> {
        let record = world.orders.get(&order.id)?.commands.get(&self.key)?;
        let over = record.expires_at.as_second() <= order.updated_at.as_second();
        (!over).then(|| CommitError::CommandSeen(record.clone()))
    }

    fn write(&self, world: &mut World, order: &Order) {
        // The store keeps whole seconds, because its expiry does.
        let expires_at = Timestamp::from_second(self.record.expires_at.as_second()).unwrap();
        let record = CommandRecord { expires_at, ..self.record.clone() };
        world.entry_of(order).commands.insert(self.key.clone(), record);
    }
}
