//! Means of payment that customers let us keep: tokens of providers, never numbers (E6, E7).

use async_trait::async_trait;
use jiff::Timestamp;
use oms_domain::ids::{MethodId, UserId};
use oms_domain::payments::MethodToken;
use serde::{Deserialize, Serialize};

use super::StoreError;

/// A means of payment of a customer. It is written with the payment it was used for ([`super::Companion::SavedMethod`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedMethod {
    /// Our name for it.
    pub id: MethodId,
    pub user_id: UserId,
    /// Which provider keeps it.
    pub provider: String,
    /// The provider's token, and what customers recognise it by.
    #[serde(flatten)]
    pub method: MethodToken,
    /// When the customer agreed to it.
    pub consented_at: Timestamp,
}

/// A means of payment that its customer has removed and its provider has yet to forget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// What was removed.
    #[serde(flatten)]
    pub method: SavedMethod,
    /// When the provider is told, or told again.
    pub due: Timestamp,
    /// How often it was told.
    #[serde(default)]
    pub tries: u32,
}

/// The store of kept means of payment.
#[async_trait]
pub trait PaymentMethods: Send + Sync {
    /// A customer's, up to `limit`, in the order of their ids.
    async fn methods(&self, user: &UserId, limit: usize) -> Result<Vec<SavedMethod>, StoreError>;

    /// Removes one, so that it is never used again, and remembers in the same transaction that its provider is to
    /// forget it. False if there is no such thing.
    async fn remove(&self, user: &UserId, id: MethodId, now: Timestamp) -> Result<bool, StoreError>;

    /// Up to `limit` of those that providers are to forget by `now`.
    async fn removed(&self, now: Timestamp, limit: usize) -> Result<Vec<Removed>, StoreError>;

    /// Says when a provider is told again.
    async fn postpone(&self, removed: &Removed) -> Result<(), StoreError>;

    /// The provider has forgotten it.
    async fn forgotten(&self, removed: &Removed) -> Result<(), StoreError>;
}
