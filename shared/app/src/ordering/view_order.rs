//! Shows one order to those who may see it (J2, J5): one round trip, always current (docs/requirements.md, decision 13).

use std::sync::Arc;

use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_domain::ids::OrderId;

use crate::error::Error;
use crate::execute::{OrderWithContact, load};
use crate::ports::Orders;

pub struct ViewOrder {
    orders: Arc<dyn Orders>,
}

impl ViewOrder {
    pub fn new(orders: Arc<dyn Orders>) -> Self {
        ViewOrder { orders }
    }

    pub async fn run(&self, caller: &Caller, order_id: OrderId) -> Result<OrderWithContact, Error> {
        let stored = load(self.orders.as_ref(), Operation::ViewOrder, caller, order_id).await?;
        Ok(OrderWithContact { order: stored.order, person: stored.person })
    }
}
