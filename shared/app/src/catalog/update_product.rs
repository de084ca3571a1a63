//! Changes fields of a catalog entry (F8).
//!
//! 1. Admins may change any, sellers their own.
//! 2. Only what was given changes; every fault is named. Nothing different, nothing written.
//! 3. The write is bound to the version that was read. With `If-Match` somebody else's change is told, without it the
//!    edit is made again on top of it. Stock is never touched.

use std::sync::Arc;

use oms_domain::access::Operation;
use oms_domain::ids::ProductId;

use crate::catalog::editing::{Given, Wanted, edit_by, may_be_hot, write};
use crate::error::Error;
use crate::intent::Intent;
use crate::ports::{Clock, Inventory, ProductEntry, Random};

pub struct UpdateProduct {
    inventory: Arc<dyn Inventory>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl UpdateProduct {
    pub fn new(inventory: Arc<dyn Inventory>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        UpdateProduct { inventory, clock, random }
    }

    /// The entry after the change of the fields that were given.
    pub async fn run(&self, product_id: ProductId, intent: &Intent, given: &Given) -> Result<ProductEntry, Error> {
        may_be_hot(&intent.caller, given)?;
        let edit = edit_by(&intent.caller, &intent.correlation_id, self.clock.as_ref(), self.random.as_ref());
        let wanted = Wanted { operation: Operation::UpdateProduct, product_id, intent, given, edit };
        write(self.inventory.as_ref(), wanted).await
    }
}
