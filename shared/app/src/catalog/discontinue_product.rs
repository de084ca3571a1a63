//! Takes a product off sale (F8). Its entry, orders, stock and history stay; asked twice, it stays off sale.

use std::sync::Arc;

use oms_domain::actor::Caller;
use oms_domain::ids::ProductId;

use crate::catalog::editing::{Given, Wanted, edit, edit_by};
use crate::error::Error;
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

    /// The entry, no longer sold. `expected_version` is what the caller has seen, if they said so.
    pub async fn run(
        &self,
        caller: &Caller,
        product_id: ProductId,
        expected_version: Option<u64>,
        correlation_id: &str,
    ) -> Result<ProductEntry, Error> {
        let record = edit_by(caller, correlation_id, self.clock.as_ref(), self.random.as_ref());
        let given = Given { active: Some(false), ..Given::default() };
        edit(self.inventory.as_ref(), Wanted { caller, product_id, given: &given, expected_version, edit: record })
            .await
    }
}
