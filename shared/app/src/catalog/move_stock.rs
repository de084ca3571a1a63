//! Moves stock by hand: receive, hold, release hold, damage, write off (F1).
//!
//! 1. Admins may move any product's stock, sellers that of their own.
//! 2. Counters and record are one transaction; no counter becomes negative, and what is true now is told.
//! 3. Under an idempotency key a repeat gets the first movement again.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use oms_domain::actor::Caller;
use oms_domain::catalog::movement::{MAX_MOVED_UNITS, Movement, MovementKind};
use oms_domain::ids::ProductId;

use crate::catalog::editing::may_manage;
use crate::error::{Error, Field};
use crate::idempotency::{Idempotency, KEY_HOURS};
use crate::ports::{Catalog, Clock, CommandKey, Inventory, Move, MoveError, MoveKey, Random};

/// Longest reason, in characters.
pub const MAX_REASON_CHARACTERS: usize = 200;

/// Who moves what.
#[derive(Debug, Clone)]
pub struct Request {
    pub caller: Caller,
    pub product_id: ProductId,
    /// What is done.
    pub kind: MovementKind,
    /// To how many units.
    pub quantity: u32,
    /// Why; no personal data.
    pub reason: String,
    pub idempotency: Option<Idempotency>,
    pub correlation_id: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The record.
    pub movement: Movement,
    /// Whether an earlier request with the same key had moved it.
    pub repeated: bool,
}

pub struct MoveStock {
    catalog: Arc<dyn Catalog>,
    inventory: Arc<dyn Inventory>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl MoveStock {
    pub fn new(
        catalog: Arc<dyn Catalog>,
        inventory: Arc<dyn Inventory>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        MoveStock { catalog, inventory, clock, random }
    }

    pub async fn run(&self, request: Request) -> Result<Moved, Error> {
        if matches!(request.caller, Caller::Customer(_)) {
            return Err(Error::Forbidden("only admins and sellers may move stock"));
        }
        let reason = checked(&request)?;
        let product = self.catalog.product(request.product_id).await?.ok_or(Error::NotFound)?;
        may_manage(&request.caller, &product.seller_id)?;
        let at = self.clock.now();
        let fingerprint = request.idempotency.as_ref().map(|given| given.request.clone());
        let wanted = Move {
            product_id: request.product_id,
            id: self.random.uuid_v7(at),
            kind: request.kind,
            quantity: request.quantity,
            reason,
            actor: request.caller.actor(),
            at,
            correlation_id: request.correlation_id,
            seen: product.stock,
            key: request.idempotency.map(|given| MoveKey {
                key: CommandKey::of_caller(request.caller.user(), &given.key),
                request: given.request,
                expires_at: at.checked_add(SignedDuration::from_hours(KEY_HOURS)).unwrap_or(Timestamp::MAX),
            }),
        };
        match self.inventory.move_stock(&wanted).await {
            Ok(movement) => Ok(Moved { movement, repeated: false }),
            Err(MoveError::Seen { request, movement }) if Some(&request) == fingerprint.as_ref() => {
                Ok(Moved { movement: *movement, repeated: true })
            }
            Err(MoveError::Seen { .. }) => Err(Error::IdempotencyMismatch),
            Err(MoveError::Short(_)) if wanted.kind == MovementKind::Receive => {
                Err(Error::Invalid(vec![Field::new("/quantity", "is too large to be counted")]))
            }
            Err(MoveError::Short(stock)) => Err(Error::InsufficientStock(stock)),
            Err(MoveError::Missing) => Err(Error::NotFound),
            Err(MoveError::Contended) => Err(Error::Contended),
            Err(MoveError::Store(error)) => Err(error.into()),
        }
    }
}

/// The reason, if the request keeps its bounds.
fn checked(request: &Request) -> Result<String, Error> {
    let mut faults = Vec::new();
    if !(1..=MAX_MOVED_UNITS).contains(&request.quantity) {
        faults.push(Field::new("/quantity", format!("must be 1 to {MAX_MOVED_UNITS}")));
    }
    let reason = request.reason.trim();
    let length = reason.chars().count();
    if length == 0 || length > MAX_REASON_CHARACTERS || reason.chars().any(char::is_control) {
        faults.push(Field::new("/reason", format!("must be one line of 1 to {MAX_REASON_CHARACTERS} characters")));
    }
    if faults.is_empty() { Ok(reason.to_owned()) } else { Err(Error::Invalid(faults)) }
}
