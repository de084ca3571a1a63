//! Parcels by the numbers of their carriers: whose they are, and what their carriers have told of them.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use oms_domain::fulfilment::journey::Journey;
use oms_domain::fulfilment::{Shipment, ShipmentId, Tracking};
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

/// A shipment that hears what is told of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner {
    pub shipment: ShipmentId,
    /// When it left, to the millisecond; nothing where an earlier version named the number.
    pub since: Option<Timestamp>,
}

impl Owner {
    /// The same whenever it is asked, so that an owner who gives a number up is the one who took it. Shipments of before do not say when they left.
    pub fn of(order: &Order, shipment: &Shipment) -> Self {
        let left = shipment.shipped_at.unwrap_or(order.created_at);
        let since = Timestamp::from_millisecond(left.as_millisecond()).ok();
        Owner { shipment: ShipmentId { order_id: order.id, number: shipment.number }, since }
    }
}

/// What is known of a number. Several shipments may travel in one box, and carriers use numbers again: each of them hears of its own life
/// ([`Journey::life`]), and none takes the news from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParcelRecord {
    pub key: ParcelKey,
    /// Whose it is or was; each shipment once. At most [`oms_domain::fulfilment::MAX_SHIPMENTS_OF_A_NUMBER`], and none once all have given it up.
    pub owners: BTreeSet<Owner>,
    /// All that was told of the number.
    pub journey: Journey,
    /// Counts what was noted of it, and who took or gave up its number.
    pub version: u64,
    /// When to ask its carrier after it, if nothing is heard; nothing once it has reached its end.
    pub look_at: Option<Timestamp>,
}

impl ParcelRecord {
    /// What was told of it while it was the parcel of this shipment; nothing if it is not.
    pub fn life_of(&self, shipment: ShipmentId) -> Option<Journey> {
        let owner = self.owners.iter().find(|owner| owner.shipment == shipment)?;
        Some(self.journey.life(owner.since))
    }

    /// Whether it has reached its end for every shipment.
    pub fn is_over(&self) -> bool {
        self.owners.iter().all(|owner| self.journey.life(owner.since).is_over())
    }
}

/// What a change of an order does with a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParcelStep {
    /// From now on the shipment hears what is told of it, beside those that do so already.
    Taken {
        key: ParcelKey,
        owner: Owner,
        /// When to ask its carrier after it.
        look_at: Option<Timestamp>,
    },
    /// It was corrected to another number. Nobody else loses it.
    GivenUp { key: ParcelKey, owner: Owner },
}

impl ParcelStep {
    /// The shipment hears of it from now on, and its carrier is asked a day later.
    pub fn taken(key: ParcelKey, order: &Order, shipment: &Shipment) -> Self {
        let look_at = order.updated_at.checked_add(SignedDuration::from_hours(LISTEN_HOURS)).ok();
        ParcelStep::Taken { key, owner: Owner::of(order, shipment), look_at }
    }

    /// The number.
    pub const fn key(&self) -> &ParcelKey {
        match self {
            ParcelStep::Taken { key, .. } | ParcelStep::GivenUp { key, .. } => key,
        }
    }
}

/// Why nothing was noted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Others noted something meanwhile, or a shipment has taken or given up the number.
    #[error("the parcel has changed")]
    Stale,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Parcels of the order's transactions ([`super::Companion::Parcel`]), and what carriers tell of them.
#[async_trait]
pub trait Parcels: Send + Sync {
    /// Up to 100 parcels in one round trip; those that nobody ever knew are left out. Current.
    async fn parcels(&self, keys: &[ParcelKey]) -> Result<Vec<ParcelRecord>, StoreError>;

    /// Notes the journey over the one that was read: the version is the one that was read. Owners and times to look stay as they are.
    async fn note(&self, record: &ParcelRecord) -> Result<(), NoteError>;
}
