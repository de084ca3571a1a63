//! Says who looks after an order, or that nobody does (K6). Any admin may act on it all the same.

use oms_domain::access::Operation;
use oms_domain::ids::{OrderId, UserId};
use oms_domain::ordering::Command;

use crate::error::Error;
use crate::execute::{OrderWithContact, WritePath};
use crate::intent::Intent;

pub struct AssignOrder(pub WritePath);

impl AssignOrder {
    pub async fn run(&self, order_id: OrderId, intent: &Intent, to: Option<UserId>) -> Result<OrderWithContact, Error> {
        self.0.execute(Operation::AssignOrder, order_id, intent, |_| Ok(Command::Assign { to })).await
    }
}
