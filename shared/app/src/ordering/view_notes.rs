//! Shows the notes about an order to those who may see it (K3): to each the notes that are for them.

use std::sync::Arc;

use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_domain::ids::OrderId;

use crate::error::Error;
use crate::execute::{OrderWithContact, load};
use crate::ports::Orders;

pub struct ViewNotes(pub Arc<dyn Orders>);

impl ViewNotes {
    /// The order with the words of its notes; which of them are for whom, the order says.
    pub async fn run(&self, caller: &Caller, order_id: OrderId) -> Result<OrderWithContact, Error> {
        let stored = load(self.0.as_ref(), Operation::ViewNotes, caller, order_id).await?;
        Ok(OrderWithContact { order: stored.order, person: stored.person })
    }
}
