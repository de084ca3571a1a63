//! Shows a return: to the order's customer, to the seller whose units are in it, and to admins.

use std::sync::Arc;

use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_domain::returns::ReturnId;

use super::{ShownReturn, permit, terms};
use crate::error::Error;
use crate::execute::{OrderWithContact, load};
use crate::ports::{Orders, Settings};

pub struct ViewReturn {
    orders: Arc<dyn Orders>,
    settings: Arc<dyn Settings>,
}

impl ViewReturn {
    pub fn new(orders: Arc<dyn Orders>, settings: Arc<dyn Settings>) -> Self {
        ViewReturn { orders, settings }
    }

    pub async fn run(&self, caller: &Caller, id: ReturnId) -> Result<ShownReturn, Error> {
        let stored = load(self.orders.as_ref(), Operation::ViewReturn, caller, id.order_id).await?;
        let order = &stored.order;
        let own = order.return_numbered(id.number).ok_or(Error::NotFound)?;
        permit(Operation::ViewReturn, caller, order, own)?;
        let estimate = if own.status.is_open() {
            Some(order.estimate(own, &terms::of(self.settings.as_ref(), order).await?))
        } else {
            None
        };
        Ok(ShownReturn { shown: OrderWithContact { order: stored.order, person: stored.person }, id, estimate })
    }
}
