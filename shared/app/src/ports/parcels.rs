//! Parcels by the numbers of their carriers: whose they are, and what their carriers have told of them.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use oms_domain::fulfilment::journey::Journey;
use oms_domain::fulfilment::{ShipmentId, Tracking};
use oms_domain::ordering::Order;

use super::StoreError;
use crate::fulfilment::poll_parcels::LISTEN_HOURS;

/// Names a parcel: its carrier's name among the ports, and the number without what makes it easier to read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ParcelKey {
    pub carrier: String,
    pub number: String,
}

impl ParcelKey {
    /// The name of a parcel whose carrier can tell of it.
    pub fn of(parcel: &Tracking) -> Option<Self> {
        let carrier = parcel.told_by()?.to_owned();
        Some(ParcelKey { carrier, number: parcel.bare_number() })
    }
}

/// A parcel that left. Carriers use numbers again: of a number, the parcel counts that left last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParcelRecord {
    pub key: ParcelKey,
    pub shipment: ShipmentId,
    pub journey: Journey,
    /// Counts what was noted of it.
    pub version: u64,
    /// When to ask its carrier after it, if nothing is heard; nothing once it has reached its end.
    pub look_at: Option<Timestamp>,
}

impl ParcelRecord {
    /// Of which nothing was told yet.
    pub fn new(key: ParcelKey, order: &Order, number: u16) -> Self {
        let shipment = ShipmentId { order_id: order.id, number };
        let look_at = order.updated_at.checked_add(SignedDuration::from_hours(LISTEN_HOURS)).ok();
        ParcelRecord { key, shipment, journey: Journey::default(), version: 0, look_at }
    }
}

/// Why nothing was noted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Others noted something meanwhile, or the number is another parcel's by now.
    #[error("the parcel has changed")]
    Stale,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Parcels of the order's transactions ([`super::Companion::Parcel`]), and what carriers tell of them.
#[async_trait]
pub trait Parcels: Send + Sync {
    /// Up to 100 parcels in one round trip; those that nobody knows are left out. Current.
    async fn parcels(&self, keys: &[ParcelKey]) -> Result<Vec<ParcelRecord>, StoreError>;

    /// Notes what was told, over the record as it was read: its version is the one that was read.
    async fn note(&self, record: &ParcelRecord) -> Result<(), NoteError>;
}
