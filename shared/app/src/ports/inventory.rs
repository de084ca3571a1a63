//! The inventory: catalog entries and stock as those change them who manage them (F1, F7, F8).

use async_trait::async_trait;
use jiff::Timestamp;
use oms_domain::actor::Actor;
use oms_domain::catalog::movement::{Movement, MovementKind};
use oms_domain::catalog::stock::Stock;
use oms_domain::catalog::{Edit, Product, ProductDetail};
use oms_domain::ids::{ProductId, SellerId};
use uuid::Uuid;

use super::{CommandKey, StoreError};

/// A product with all that is shown of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductEntry {
    /// What orders know, and the counters.
    pub product: Product,
    /// The rest.
    pub detail: ProductDetail,
}

/// Why an entry was not written. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// There is a product of this id; this edit created it.
    #[error("the product exists")]
    Exists(Box<Edit>),
    /// The seller has another product of this SKU.
    #[error("product {0} has this SKU")]
    SkuTaken(ProductId),
    /// Others changed the entry first.
    #[error("the entry has changed")]
    Stale,
    /// Others were in the way, again and again.
    #[error("others are changing the same entry")]
    Contended,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Under which key a movement is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveKey {
    /// The caller's key.
    pub key: CommandKey,
    /// Fingerprint of the request.
    pub request: String,
    /// Until when it is remembered, in whole seconds.
    pub expires_at: Timestamp,
}

/// A movement that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    pub product_id: ProductId,
    /// Names the movement, so that a repeated write recognises itself.
    pub id: Uuid,
    /// What is done.
    pub kind: MovementKind,
    /// To how many units.
    pub quantity: u32,
    pub reason: String,
    pub actor: Actor,
    pub at: Timestamp,
    pub correlation_id: String,
    /// The counters as last seen; where they differ by now, the store goes on from what is true.
    pub seen: Stock,
    /// Under which key it is remembered.
    pub key: Option<MoveKey>,
}

impl Move {
    /// The movement that it makes of these counters, or nothing if they do not allow it.
    pub fn on(&self, stock: &Stock) -> Option<Movement> {
        Some(Movement {
            id: self.id,
            kind: self.kind,
            quantity: self.quantity,
            reason: self.reason.clone(),
            actor: self.actor.clone(),
            at: self.at,
            correlation_id: self.correlation_id.clone(),
            after: self.kind.applied(stock, self.quantity)?,
        })
    }
}

/// Why stock was not moved. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoveError {
    /// There is no such product.
    #[error("there is no such product")]
    Missing,
    /// The counters do not allow it; these they are.
    #[error("the counters do not allow it")]
    Short(Box<Stock>),
    /// The key was used before, for this request and with this outcome.
    #[error("the key was used before")]
    Seen {
        /// Fingerprint of that request.
        request: String,
        /// What was done then.
        movement: Box<Movement>,
    },
    /// Others were in the way, again and again.
    #[error("others are moving the same stock")]
    Contended,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Movements of one product, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovementPage {
    pub movements: Vec<Movement>,
    /// Where the next page begins, if there is more.
    pub next: Option<String>,
}

/// What administrators know of a product that runs low (F7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AlertMark {
    /// How often it has run low.
    pub crossing: u64,
    /// Whether it is low since then.
    pub low: bool,
    /// Whether they were told of this crossing.
    pub told: bool,
}

/// The store of catalog entries, movements and alerts. Every change is one transaction.
#[async_trait]
pub trait Inventory: Send + Sync {
    /// One entry as it is now: one round trip.
    async fn entry(&self, id: ProductId) -> Result<Option<ProductEntry>, StoreError>;

    /// The seller's product of this SKU.
    async fn by_sku(&self, seller: &SellerId, sku: &str) -> Result<Option<ProductId>, StoreError>;

    /// Writes a new entry with the edit that made it and, where it comes with units, their movement.
    async fn create(&self, entry: &ProductEntry, edit: &Edit, movement: Option<&Movement>) -> Result<(), EditError>;

    /// Writes what differs between two states of an entry, if its version is still that of the first. Counters are
    /// neither compared nor written: orders move them all the time.
    async fn edit(&self, before: &ProductEntry, after: &ProductEntry, edit: &Edit) -> Result<(), EditError>;

    /// Moves stock and records it; answers with the record.
    async fn move_stock(&self, wanted: &Move) -> Result<Movement, MoveError>;

    /// Sets all counters to what was counted, if they are still as they were seen. True if they were. A hot product's units lie in
    /// its own item afterwards; orders spread them again.
    async fn set_counters(&self, id: ProductId, seen: &Stock, counted: &Stock) -> Result<bool, StoreError>;

    /// Up to `limit` (1–100) movements behind the place that the page before told.
    async fn movements(&self, id: ProductId, after: Option<&str>, limit: usize) -> Result<MovementPage, StoreError>;

    /// What is known of a product's running low; the default where nothing is.
    async fn alert_mark(&self, id: ProductId) -> Result<AlertMark, StoreError>;

    /// Replaces a mark by the next one, unless others were first. True if it was written.
    async fn set_alert_mark(&self, id: ProductId, before: AlertMark, after: AlertMark) -> Result<bool, StoreError>;
}
