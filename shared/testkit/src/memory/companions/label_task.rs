use oms_app::ports::{CommitError, FollowUp, LabelTask};
use oms_domain::ordering::Order;

use super::Beside;
use crate::memory::world::World;

impl Beside for LabelTask {
    fn refusal(&self, _world: &World, _order: &Order) -> Option<CommitError> {
        None
    }

    fn write(&self, world: &mut World, order: &Order) {
        let task = FollowUp::Label(order.id, self.label_id);
        match self.look_at {
            Some(at) => world.tasks.insert(task, at),
            None => world.tasks.remove(&task),
        };
    }
}
