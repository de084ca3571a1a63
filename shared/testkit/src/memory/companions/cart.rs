use oms_app::ports::{CartClaim, CartPolicy, CommitError};
use oms_domain::ordering::Order;

use super::Beside;
use crate::memory::world::World;

impl Beside for CartClaim {
    fn refusal(&self, world: &World, order: &Order) -> Option<CommitError> {
        let CartPolicy::Exclusive { over } = self.policy else { return None };
        let (order_id, until) = world.carts.get(&(self.user_id.clone(), self.cart.clone()))?;
        let free = until.as_millisecond() <= order.updated_at.as_millisecond()
            || over == Some(*order_id)
            || *order_id == order.id;
        (!free).then_some(CommitError::CartTaken(*order_id))
    }

    fn write(&self, world: &mut World, order: &Order) {
        world.carts.insert((self.user_id.clone(), self.cart.clone()), (order.id, self.expires_at));
    }
}
