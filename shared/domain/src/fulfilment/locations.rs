//! The locations from which parcels leave, with what carriers print as the sender.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::Location;
use crate::ordering::address::{Address, Checked};

/// Most locations of a shop.
pub const MAX_LOCATIONS: usize = 100;

/// A location, as the origin of parcels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// What shipments name.
    pub code: Location,
    /// The sender; where what cannot be delivered comes back to.
    pub address: Checked<Address>,
    /// E.164; some carriers print no label without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Where carriers send what concerns the sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// IANA name of its time zone, which says what day it is there.
    pub time_zone: String,
}

impl Origin {
    /// Which day it is there at this moment.
    pub fn date_of(&self, moment: Timestamp) -> Date {
        let zone = TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC);
        moment.to_zoned(zone).date()
    }
}

/// The locations of a shop.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LocationTable {
    pub locations: Vec<Origin>,
}

impl LocationTable {
    /// The location of this code.
    pub fn origin(&self, code: &Location) -> Option<&Origin> {
        self.locations.iter().find(|origin| origin.code == *code)
    }
}
