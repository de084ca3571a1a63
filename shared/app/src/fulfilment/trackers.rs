//! The carriers that tell of parcels here.

use std::sync::Arc;

use crate::ports::Tracker;

/// The carriers of this installation.
#[derive(Clone, Default)]
pub struct Trackers(Vec<Arc<dyn Tracker>>);

impl Trackers {
    pub fn new(trackers: Vec<Arc<dyn Tracker>>) -> Self {
        Trackers(trackers)
    }

    /// The carrier of this name.
    pub fn get(&self, name: &str) -> Option<&dyn Tracker> {
        self.0.iter().find(|tracker| tracker.name() == name).map(AsRef::as_ref)
    }
}
