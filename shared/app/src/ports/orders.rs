//! The store of orders.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use jiff::Timestamp;
use oms_domain::catalog::Product;
use oms_domain::chain::Sealed;
use oms_domain::ids::{OrderId, OrderNumber, ProductId, UserId};
use oms_domain::money::{Amount, Currency};
use oms_domain::ordering::address::Person;
use oms_domain::ordering::{Change, Order, Status};
use serde::{Deserialize, Serialize};

use super::{CommandKey, CommandRecord, Companion, Limited, ShipmentListing, ShipmentQuery, StoreError, UsageCounter};

/// Most orders that are looked at for one number. Two of a million orders share one with a chance of one in two thousand.
pub const MAX_NUMBERED: usize = 4;

/// Most items of one commit; DynamoDB takes no more in a transaction. An order of [`oms_domain::ordering::MAX_LINES`] stays below.
pub const MAX_ITEMS: usize = 100;

/// An order as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its state.
    pub order: Order,
    /// Its person record; nothing once that was erased.
    pub person: Option<Person>,
    /// Fingerprint of the request that created it, when it came with an idempotency key.
    pub request: Option<String>,
}

/// All that is written together, or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The order's next state, its events, its stock moves.
    pub change: Change,
    /// What is written, or must hold, beside it. Steps of one counter are one companion.
    pub companions: Vec<Companion>,
    /// The versions of the catalog entries from which the terms were worked out: units are reserved only while the entries
    /// still have them. Of a product that is not named the price alone is compared.
    pub catalog_versions: BTreeMap<ProductId, u64>,
}

impl Commit {
    /// A change and nothing beside it.
    pub fn of(change: Change) -> Self {
        Commit { change, companions: Vec::new(), catalog_versions: BTreeMap::new() }
    }

    /// Only if the catalog entries still have these versions.
    #[must_use]
    pub fn worked_out_from(mut self, catalog_versions: BTreeMap<ProductId, u64>) -> Self {
        self.catalog_versions = catalog_versions;
        self
    }

    /// Items that it writes or holds to conditions, at most.
    pub fn items(&self) -> usize {
        let products: BTreeSet<ProductId> = self.change.stock.iter().map(|part| part.product_id).collect();
        1 + self.change.events.len() + self.companions.len() + products.len()
    }

    /// With one more companion.
    #[must_use]
    pub fn with(mut self, companion: Companion) -> Self {
        self.companions.push(companion);
        self
    }

    /// With more companions.
    #[must_use]
    pub fn with_all(mut self, companions: impl IntoIterator<Item = Companion>) -> Self {
        self.companions.extend(companions);
        self
    }
}

/// A product whose condition did not hold: not sold any more, changed since it was priced, or too few.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortage {
    pub product_id: ProductId,
    /// As it is now; nothing if there is no such product.
    pub found: Option<Product>,
}

/// Why nothing was written. Where several reasons hold at once, the first in the order of [`Turn`](super::Turn) is told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// The new order's id is taken: the same create happened before.
    #[error("the order exists")]
    Exists {
        /// As it is now.
        order: Box<Order>,
        /// Fingerprint of the request that made it.
        request: Option<String>,
    },
    /// The command's key was used before.
    #[error("the command's key was used before")]
    CommandSeen(CommandRecord),
    /// The order has moved on since it was read.
    #[error("the order has changed")]
    Stale(Box<Order>),
    /// The order that was to be changed does not exist.
    #[error("the order does not exist")]
    Missing,
    /// The same cart was ordered before and its claim has not expired.
    #[error("the cart was ordered before")]
    CartTaken(OrderId),
    /// The customer's account is blocked.
    #[error("the customer is not in good standing")]
    NotInGoodStanding,
    /// The customer's account does not permit it for now.
    #[error("the customer is at a limit")]
    Limited(Limited),
    /// A counter is at its limit.
    #[error("a limit is reached")]
    LimitReached(UsageCounter),
    /// As many shipments as may hear of one number have this one.
    #[error("the tracking number has too many shipments")]
    NumberShared,
    /// Stock, price or activity of products is not what the change needs.
    #[error("products are not available as asked")]
    Stock(Vec<Shortage>),
    /// Others wrote the same items again and again; nothing is wrong with the request.
    #[error("others are changing the same items")]
    Contended,
    /// The store failed. The change may or may not have been written: repeat it to learn which.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a list shows of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub id: OrderId,
    pub user_id: UserId,
    /// Where it stands.
    pub status: Status,
    /// What it costs, in minor units of `currency`.
    pub total: Amount,
    /// Its currency.
    pub currency: Currency,
    /// Units in all lines.
    pub units: u32,
    /// What its first line is called.
    pub first_item: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Summary {
    /// The summary of an order.
    pub fn of(order: &Order) -> Self {
        Summary {
            id: order.id,
            user_id: order.user_id.clone(),
            status: order.status,
            total: order.totals.total,
            currency: order.currency,
            units: order.lines.iter().map(|line| line.quantity).sum(),
            first_item: order.lines.first().map(|line| line.name.clone()).unwrap_or_default(),
            created_at: order.created_at,
            updated_at: order.updated_at,
        }
    }
}

/// Whose orders to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// One customer's.
    Customer(UserId),
    /// Everybody's.
    Everyone,
}

/// A place in a list that is sorted by creation time: the order at which the page before ended.
///
/// Ordered by time, then id; its text form is the sort key of the indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// When that order was created, to the millisecond.
    pub created_at: Timestamp,
    pub id: OrderId,
}

impl Position {
    /// Where an order stands in lists.
    pub fn of(order: &Order) -> Self {
        Position { created_at: order.created_at, id: order.id }
    }

    /// The sort key: RFC 3339 with milliseconds, `#`, the id. Texts sort as times do.
    pub fn key(&self) -> String {
        format!("{:.3}#{}", self.created_at, self.id)
    }
}

/// What to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    pub scope: Scope,
    /// Only these states; empty means all.
    pub statuses: Vec<Status>,
    /// Created at or after.
    pub from: Option<Timestamp>,
    /// Created before.
    pub until: Option<Timestamp>,
    /// Newest first, or oldest first.
    pub newest_first: bool,
    /// Most entries to return, at least 1.
    pub limit: usize,
    /// Continue behind this place.
    pub after: Option<Position>,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The entries, sorted.
    pub entries: Vec<Summary>,
    /// Where the next page begins, if there is more.
    pub next: Option<Position>,
}

/// The store of orders. Reads by id are current; lists may lag by up to a second (docs/requirements.md, decision 13).
#[async_trait]
pub trait Orders: Send + Sync {
    /// The order and its person record, in one round trip.
    async fn load(&self, id: OrderId) -> Result<Option<Stored>, StoreError>;

    /// The order without its person record, which is not read at all, in one round trip.
    async fn state(&self, id: OrderId) -> Result<Option<Order>, StoreError>;

    /// Writes all of the commit or nothing, in one round trip when nothing is in the way.
    ///
    /// Conflicts with other writers are retried, bounded, with jitter. A condition that fails only because our own
    /// earlier attempt had succeeded (its acknowledgement was lost) counts as success: it is recognised by the hash of
    /// the last event.
    async fn commit(&self, commit: &Commit) -> Result<(), CommitError>;

    /// What was done under a key, if anything.
    async fn command(&self, id: OrderId, key: &CommandKey) -> Result<Option<CommandRecord>, StoreError>;

    /// A page of a list, by key queries only.
    async fn list(&self, query: &ListQuery) -> Result<Listing, StoreError>;

    /// A page of shipments of many orders, by key queries only, in one round trip; may lag a moment.
    async fn shipments(&self, query: &ShipmentQuery) -> Result<ShipmentListing, StoreError>;

    /// Up to `limit` pending orders and drafts whose deadline is at or before `now`, from an index that may lag: a hint what to
    /// look at, never a reason to write.
    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<OrderId>, StoreError>;

    /// Orders of this number, at most [`MAX_NUMBERED`]: one as a rule, since a number is part of an id. From an index that may lag.
    async fn numbered(&self, number: &OrderNumber) -> Result<Vec<OrderId>, StoreError>;

    /// Which order has claimed this cart of the customer, until a time that is not over.
    async fn cart_claim(&self, user: &UserId, cart: &str, now: Timestamp) -> Result<Option<OrderId>, StoreError>;

    /// How often each of the counters (at most 100) was used, in their order and in one round trip; may lag a moment.
    async fn used(&self, counters: &[UsageCounter]) -> Result<Vec<u32>, StoreError>;

    /// All stored events of an order, oldest first.
    async fn events(&self, id: OrderId) -> Result<Vec<Sealed>, StoreError>;
}
