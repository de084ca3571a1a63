//! Adds a product to the catalog (F8).
//!
//! 1. Sellers add own products; an admin says whose it is.
//! 2. Every field is checked; every fault is named.
//! 3. Under an idempotency key the id is derived from caller and key, so a repeat meets the first attempt.
//! 4. Entry, SKU, record of the edit and the first units with their movement are one transaction.

use std::sync::Arc;

use oms_domain::access::Operation;
use oms_domain::catalog::Edit;
use oms_domain::catalog::movement::{Movement, MovementKind};
use oms_domain::ids::ProductId;

use crate::catalog::editing::{Given, edit_by, may_be_hot, refused, seller_of};
use crate::error::Error;
use crate::intent::Intent;
use crate::ports::{Clock, EditError, Inventory, ProductEntry, Random};

/// Why the first units of a product are there.
pub const FIRST_UNITS: &str = "first units";

/// What is added.
#[derive(Debug, Clone)]
pub struct Request {
    /// Whose it will be; needed from admins.
    pub seller_id: Option<String>,
    /// Its fields.
    pub given: Given,
    /// Units that are there from the start.
    pub units: u32,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The entry; after a repeat, as it is now.
    pub entry: ProductEntry,
    /// Whether an earlier request with the same key had created it.
    pub repeated: bool,
}

pub struct CreateProduct {
    inventory: Arc<dyn Inventory>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl CreateProduct {
    pub fn new(inventory: Arc<dyn Inventory>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        CreateProduct { inventory, clock, random }
    }

    pub async fn run(&self, intent: &Intent, request: Request) -> Result<Created, Error> {
        let Request { seller_id, given, units } = request;
        let Intent { caller, idempotency, correlation_id, .. } = intent;
        let seller = match seller_of(Operation::CreateProduct, caller, seller_id.as_deref(), "/seller_id") {
            // Told with the rest of what is wrong.
            Err(Error::Invalid(mut faults)) => {
                faults.extend(given.faults(units));
                return Err(Error::Invalid(faults));
            }
            seller => seller?,
        };
        may_be_hot(caller, &given)?;
        let (clock, random) = (self.clock.as_ref(), self.random.as_ref());
        let edit = Edit {
            request: idempotency.as_ref().map(|given| given.request.clone()),
            ..edit_by(caller, correlation_id, clock, random)
        };
        let id = match idempotency {
            Some(given) => ProductId::from_key(caller.user(), &given.key),
            None => ProductId::new(random.uuid_v7(edit.at)),
        };
        let entry = given.created(id, seller, units)?;
        let movement = (units > 0).then(|| Movement {
            id: edit.id,
            kind: MovementKind::Receive,
            quantity: units,
            reason: FIRST_UNITS.to_owned(),
            actor: edit.actor.clone(),
            at: edit.at,
            correlation_id: edit.correlation_id.clone(),
            after: entry.product.stock,
        });
        match self.inventory.create(&entry, &edit, movement.as_ref()).await {
            Ok(()) => Ok(Created { entry, repeated: false }),
            Err(EditError::Exists(first)) if idempotency.is_some() => {
                if first.request != edit.request {
                    return Err(Error::IdempotencyMismatch);
                }
                let entry = self.inventory.entry(id).await?.ok_or(Error::NotFound)?;
                Ok(Created { entry, repeated: true })
            }
            Err(error) => Err(refused(error)),
        }
    }
}
