//! What is known of customers, and whether an order looks like fraud.

use async_trait::async_trait;
use jiff::Timestamp;
use oms_domain::actor::Actor;
use oms_domain::ids::UserId;
use oms_domain::money::Money;
use oms_domain::ordering::ReviewReason;
use serde::{Deserialize, Serialize};

use super::{Outage, StoreError};

/// Whether a customer may order (A12), and who decided that when and why (K6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// True: no new orders.
    pub blocked: bool,
    pub reason: String,
    pub by: Actor,
    pub at: Timestamp,
}

/// The store of customers' standing. New orders check it in their own transaction.
#[async_trait]
pub trait Customers: Send + Sync {
    /// The decisions about a customer, newest first, up to `limit`; none: in good standing ever since.
    async fn standings(&self, user: &UserId, limit: usize) -> Result<Vec<Standing>, StoreError>;

    /// Records a decision; it holds for every order that is created from now on.
    async fn decide(&self, user: &UserId, standing: &Standing) -> Result<(), StoreError>;
}

/// What a fraud check is told of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FraudFacts {
    /// What it is worth.
    pub total: Money,
    /// Where the goods go.
    pub shipping_country: String,
    /// Where the invoice goes; unknown once the person was erased.
    pub billing_country: Option<String>,
    /// Orders of the same customer within the last hour, this one included; counted up to ten.
    pub recent_orders: usize,
}

/// Looks at an order; built-in rules, or a service (A14).
#[async_trait]
pub trait FraudCheck: Send + Sync {
    /// Why a person should look at the order; nothing if nobody needs to.
    async fn assess(&self, facts: &FraudFacts) -> Result<Vec<ReviewReason>, Outage>;
}
