use oms_app::ports::{AccountStep, CommitError, Counted, Limited, OpenOrder};
use oms_domain::ordering::Order;

use super::Beside;
use crate::memory::world::World;

impl Beside for AccountStep {
    fn refusal(&self, world: &World, order: &Order) -> Option<CommitError> {
        let blocked = world.standings.get(&self.user_id).and_then(|decisions| decisions.last());
        if self.in_good_standing && blocked.is_some_and(|last| last.blocked) {
            return Some(CommitError::NotInGoodStanding);
        }
        if let (Some(OpenOrder::Begins { most }), Some(open)) = (self.open, world.open_orders.get(&self.user_id))
            && open.len() >= usize::try_from(most).unwrap()
            && !open.contains(&order.id)
        {
            return Some(CommitError::Limited(Limited::OpenOrders(open.iter().copied().collect())));
        }
        let customer = Counted::Customer(self.user_id.clone());
        let exhausted = self.counts.into_iter().chain(self.needs).filter_map(|allowance| {
            let until = world.exhausted(&customer, allowance, order.updated_at)?;
            Some((until, allowance.act))
        });
        exhausted.max().map(|(until, act)| CommitError::Limited(Limited::Exhausted(act, until)))
    }

    fn write(&self, world: &mut World, order: &Order) {
        let open = world.open_orders.entry(self.user_id.clone()).or_default();
        match self.open {
            Some(OpenOrder::Begins { .. }) => {
                open.insert(order.id);
            }
            Some(OpenOrder::Ends) => {
                open.remove(&order.id);
            }
            None => {}
        }
        if let Some(allowance) = self.counts {
            world.count(&Counted::Customer(self.user_id.clone()), allowance, order.updated_at);
        }
    }
}
