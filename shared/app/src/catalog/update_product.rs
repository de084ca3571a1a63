//! Changes fields of a catalogue entry (F8).
//!
//! 1. Admins may change any, sellers their own.
//! 2. Only what was given changes; every fault is named. Nothing different, nothing written.
//! 3. The write is bound to the version that was read. With `If-Match` somebody else's change is told, without it the
//!    edit is made again on top of it. Stock is never touched.

use std::sync::Arc;

use oms_domain::actor::Caller;
use oms_domain::ids::ProductId;

use crate::catalog::catalogue::{Given, Wanted, edit, edit_by};
use crate::error::Error;
use crate::ports::{Clock, Entry, Random, Shelf};

/// Who changes what.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who.
    pub caller: Caller,
    /// Which product.
    pub product_id: ProductId,
    /// The fields that change.
    pub given: Given,
    /// The version that the caller has seen.
    pub expected_version: Option<u64>,
    /// The request's correlation id.
    pub correlation_id: String,
}

/// The use case.
pub struct UpdateProduct {
    shelf: Arc<dyn Shelf>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl UpdateProduct {
    /// Wires the use case.
    pub fn new(shelf: Arc<dyn Shelf>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        UpdateProduct { shelf, clock, random }
    }

    /// The entry after the change.
    pub async fn run(&self, request: Request) -> Result<Entry, Error> {
        let Request { caller, product_id, given, expected_version, correlation_id } = request;
        let record = edit_by(&caller, &correlation_id, self.clock.as_ref(), self.random.as_ref());
        let wanted = Wanted { caller: &caller, product_id, given: &given, expected_version, edit: record };
        edit(self.shelf.as_ref(), wanted).await
    }
}
