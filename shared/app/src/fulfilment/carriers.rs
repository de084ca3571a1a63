//! The carriers that labels are bought from here.

use std::sync::Arc;

use super::trackers::Trackers;
use crate::ports::{Carrier, Tracker};

/// The carriers of this installation.
#[derive(Clone, Default)]
pub struct Carriers(Vec<Arc<dyn Carrier>>);

impl Carriers {
    /// In the order in which they are offered.
    pub fn new(carriers: Vec<Arc<dyn Carrier>>) -> Self {
        Carriers(carriers)
    }

    /// The carrier of this name.
    pub fn get(&self, name: &str) -> Option<&dyn Carrier> {
        self.0.iter().find(|carrier| carrier.name() == name).map(AsRef::as_ref)
    }

    /// Every carrier, in the order in which they are offered.
    pub fn iter(&self) -> impl Iterator<Item = &dyn Carrier> {
        self.0.iter().map(AsRef::as_ref)
    }

    /// The names of all of them.
    pub fn names(&self) -> Vec<&str> {
        self.iter().map(Tracker::name).collect()
    }

    /// As far as they tell of parcels.
    pub fn trackers(&self) -> Trackers {
        Trackers::new(self.0.iter().map(|carrier| carrier.clone() as Arc<dyn Tracker>).collect())
    }
}
