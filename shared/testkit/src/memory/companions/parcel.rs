use std::collections::BTreeSet;

use oms_app::ports::{CommitError, ParcelRecord, ParcelStep};
use oms_domain::fulfilment::MAX_SHIPMENTS_OF_A_NUMBER;
use oms_domain::fulfilment::journey::Journey;
use oms_domain::ordering::Order;

use super::Beside;
use crate::memory::world::World;

impl Beside for ParcelStep {
    fn refusal(&self, world: &World, _order: &Order) -> Option<CommitError> {
        let ParcelStep::Taken { key, owner, .. } = self else { return None };
        let owners = &world.parcels.get(key)?.owners;
        let full = owners.len() >= MAX_SHIPMENTS_OF_A_NUMBER && !owners.contains(owner);
        full.then_some(CommitError::NumberShared)
    }

    fn write(&self, world: &mut World, _order: &Order) {
        let unknown = || ParcelRecord {
            key: self.key().clone(),
            owners: BTreeSet::new(),
            journey: Journey::default(),
            version: 0,
            look_at: None,
        };
        let parcel = world.parcels.entry(self.key().clone()).or_insert_with(unknown);
        parcel.version += 1;
        match self {
            ParcelStep::Taken { owner, look_at, .. } => {
                parcel.owners.insert(*owner);
                parcel.look_at = look_at.or(parcel.look_at);
            }
            ParcelStep::GivenUp { owner, .. } => {
                parcel.owners.remove(owner);
            }
        }
        let parcel = parcel.clone();
        world.remember(&parcel);
    }
}
