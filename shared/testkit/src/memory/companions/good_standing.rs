use oms_app::ports::{CommitError, GoodStanding};
use oms_domain::ordering::Order;

use super::Beside;
use crate::memory::world::World;

impl Beside for GoodStanding {
    fn refusal(&self, world: &World, _order: &Order) -> Option<CommitError> {
        let last = world.standings.get(&self.0)?.last()?;
        last.blocked.then_some(CommitError::NotInGoodStanding)
    }

    fn write(&self, _world: &mut World, _order: &Order) {}
}
