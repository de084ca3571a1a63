//! Shows one order to those who may see it (J2, J5): always current (docs/requirements.md, decision 13).
//!
//! By its id it is one round trip. By its number it is two: an index tells which ids have it, and the first of them that the
//! caller may see is shown. The index may lag behind a new order by a moment.

use std::sync::Arc;

use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_domain::ids::OrderReference;

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

    pub async fn run(&self, caller: &Caller, order: &OrderReference) -> Result<OrderWithContact, Error> {
        let ids = match order {
            OrderReference::Id(id) => vec![*id],
            OrderReference::Number(number) => self.orders.numbered(number).await?,
        };
        for id in ids {
            match load(self.orders.as_ref(), Operation::ViewOrder, caller, id).await {
                Ok(stored) => return Ok(OrderWithContact { order: stored.order, person: stored.person }),
                Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::NotFound)
    }
}
