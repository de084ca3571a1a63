//! What a customer's account permits, and what is counted there: the limits that keep one customer from harming others.
//!
//! All of it stands in one item, so that a change of an order asks for it and counts in one write of its own transaction.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use oms_domain::ids::{OrderId, UserId};

use super::StoreError;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// Asking for an order: created, submitted, or refused.
    Order,
    /// Naming a promotion code that does not exist.
    UnknownCode,
    /// Asking a payment provider for a payment.
    Payment,
    /// A message to one recipient.
    Message,
    /// Having carriers asked for their prices.
    CarrierRates,
}

/// At most so many acts in any span of time. The times of the last `most` acts are kept, so the limit is exact, nothing has
/// to be reset, and it can be told when there is room again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    pub act: Act,
    /// At least 1, at most [`MAX_ACTS`].
    pub most: u32,
    pub span_seconds: u32,
}

/// Largest number of acts that an allowance can have: their times are kept beside each other in one small item.
pub const MAX_ACTS: u32 = 60;

impl Allowance {
    /// When there is room again, where the oldest of the last `most` acts was at this time.
    pub fn free_at(&self, oldest: Timestamp) -> Timestamp {
        oldest.checked_add(SignedDuration::from_secs(self.span_seconds.into())).unwrap_or(Timestamp::MAX)
    }

    /// An oldest act at or before this time leaves room at `now`.
    pub fn since(&self, now: Timestamp) -> Timestamp {
        now.checked_sub(SignedDuration::from_secs(self.span_seconds.into())).unwrap_or(Timestamp::MIN)
    }
}

/// Whose acts are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Counted {
    Customer(UserId),
    /// Whoever gets messages, by a hash of their address: no address is stored outside the person record.
    Recipient(String),
}

/// An order begins to wait for its payment, or waits no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenOrder {
    Begins {
        /// The customer must not have so many already.
        most: u32,
    },
    Ends,
}

/// What a change asks of its customer's account, and what it counts there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountStep {
    pub user_id: UserId,
    /// Nobody must have blocked the customer from ordering (A12).
    pub in_good_standing: bool,
    /// Unpaid orders are known by id: none is counted twice or given back twice.
    pub open: Option<OpenOrder>,
    /// An act that is counted and must be within its allowance.
    pub counts: Option<Allowance>,
    /// An allowance that must not be exhausted; nothing is counted.
    pub needs: Option<Allowance>,
}

/// Why an account does not permit a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Limited {
    /// So many orders wait for their payment.
    OpenOrders(Vec<OrderId>),
    /// The allowance is exhausted until then.
    Exhausted(Act, Timestamp),
}

/// Counts acts that change no order: refused attempts, guesses, messages.
#[async_trait]
pub trait Allowances: Send + Sync {
    /// Counts an act. Where the allowance is exhausted nothing is counted, and the answer is until when.
    async fn count(
        &self,
        whose: &Counted,
        allowance: Allowance,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError>;

    /// Until when the allowance is exhausted, if it is. May lag a moment.
    async fn exhausted(
        &self,
        whose: &Counted,
        allowance: Allowance,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError>;

    /// The customer's orders that wait for their payment, as far as they are counted.
    async fn open_orders(&self, user: &UserId) -> Result<Vec<OrderId>, StoreError>;
}
