//! Changes fields of a catalog entry (F8).
//!
//! 1. Admins may change any, sellers their own.
//! 2. Only what was given changes; every fault is named. Nothing different, nothing written.
//! 3. The write is bound to the version that was read. With `If-Match` somebody else's change is told, without it the
//!    edit is made again on top of it. Stock is never touched.

use std::sync::Arc;

use oms_domain::actor::Caller;
use oms_domain::ids::ProductId;

use crate::catalog::editing::{Given, Wanted, edit, edit_by};
use crate::error::Error;
use crate::ports::{Clock, Inventory, ProductEntry, Random};

/// Who changes what.
#[derive(Debug, Clone)]
pub struct Request {
    pub caller: Caller,
    pub product_id: ProductId,
    /// The fields that change.
    pub given: Given,
    pub expected_version: Option<u64>,
    pub correlation_id: String,
}

pub struct UpdateProduct {
    inventory: Arc<dyn Inventory>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl UpdateProduct {
    pub fn new(inventory: Arc<dyn Inventory>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        UpdateProduct { inventory, clock, random }
    }

    /// The entry after the change.
    pub async fn run(&self, request: Request) -> Result<ProductEntry, Error> {
        let Request { caller, product_id, given, expected_version, correlation_id } = request;
        let record = edit_by(&caller, &correlation_id, self.clock.as_ref(), self.random.as_ref());
        let wanted = Wanted { caller: &caller, product_id, given: &given, expected_version, edit: record };
        edit(self.inventory.as_ref(), wanted).await
    }
}
