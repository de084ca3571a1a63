//! Takes a product off sale (F8). Its entry, orders, stock and history stay; asked twice, it stays off sale.

use std::sync::Arc;

use oms_domain::actor::Caller;
use oms_domain::ids::ProductId;

use crate::catalog::catalogue::{Given, Wanted, edit, edit_by};
use crate::error::Error;
use crate::ports::{Clock, Entry, Random, Shelf};

/// The use case.
pub struct DiscontinueProduct {
    shelf: Arc<dyn Shelf>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl DiscontinueProduct {
    /// Wires the use case.
    pub fn new(shelf: Arc<dyn Shelf>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        DiscontinueProduct { shelf, clock, random }
    }

    /// The entry, no longer sold. `expected_version` is what the caller has seen, if they said so.
    pub async fn run(
        &self,
        caller: &Caller,
        product_id: ProductId,
        expected_version: Option<u64>,
        correlation_id: &str,
    ) -> Result<Entry, Error> {
        let record = edit_by(caller, correlation_id, self.clock.as_ref(), self.random.as_ref());
        let given = Given { active: Some(false), ..Given::default() };
        edit(self.shelf.as_ref(), Wanted { caller, product_id, given: &given, expected_version, edit: record }).await
    }
}
