//! Takes a product off sale (F8). Its entry, orders, stock and history stay; asked twice, it stays off sale.

use std::sync::Arc;

use oms_domain::access::Operation;
use oms_domain::ids::ProductId;

use crate::catalog::editing::{Given, Wanted, edit_by, write};
use crate::error::Error;
use crate::intent::Intent;
use crate::ports::{Clock, Inventory, ProductEntry, Random};

pub struct DiscontinueProduct {
    inventory: Arc<dyn Inventory>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl DiscontinueProduct {
    pub fn new(inventory: Arc<dyn Inventory>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        DiscontinueProduct { inventory, clock, random }
    }

    /// The entry, no longer sold.
    pub async fn run(&self, product_id: ProductId, intent: &Intent) -> Result<ProductEntry, Error> {
        let edit = edit_by(&intent.caller, &intent.correlation_id, self.clock.as_ref(), self.random.as_ref());
        let given = &Given { active: Some(false), ..Given::default() };
        let wanted = Wanted { operation: Operation::DiscontinueProduct, product_id, intent, given, edit };
        write(self.inventory.as_ref(), wanted).await
    }
}
