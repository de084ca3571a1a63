//! What carriers tell of a parcel, in neutral words. It is their story, kept as data: only what ends it becomes a command of the
//! order.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Longest code or place of a scan, in characters.
pub const MAX_SCAN_CHARACTERS: usize = 64;

/// Where a parcel is, as its carrier says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CarrierStatus {
    /// A label exists; the carrier does not have the parcel yet.
    PreTransit,
    InTransit,
    OutForDelivery,
    /// It waits for the customer at a shop or a locker.
    ReadyForPickup,
    /// The customer, a neighbour, or somebody else at the address has it.
    Delivered,
    /// The carrier was there and could not hand it over; it may try again.
    AttemptFailed,
    /// Delayed, held, damaged, at customs: it goes on, or a person has to ask.
    Exception,
    /// On its way back to the sender.
    Returning,
    /// The sender has it again.
    ReturnedToSender,
    /// The carrier has lost or destroyed it.
    Lost,
    /// The label was cancelled; nothing was handed over.
    Cancelled,
}

impl CarrierStatus {
    /// Every status.
    pub const ALL: [CarrierStatus; 11] = [
        CarrierStatus::PreTransit,
        CarrierStatus::InTransit,
        CarrierStatus::OutForDelivery,
        CarrierStatus::ReadyForPickup,
        CarrierStatus::Delivered,
        CarrierStatus::AttemptFailed,
        CarrierStatus::Exception,
        CarrierStatus::Returning,
        CarrierStatus::ReturnedToSender,
        CarrierStatus::Lost,
        CarrierStatus::Cancelled,
    ];

    /// The name that is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            CarrierStatus::PreTransit => "pre_transit",
            CarrierStatus::InTransit => "in_transit",
            CarrierStatus::OutForDelivery => "out_for_delivery",
            CarrierStatus::ReadyForPickup => "ready_for_pickup",
            CarrierStatus::Delivered => "delivered",
            CarrierStatus::AttemptFailed => "attempt_failed",
            CarrierStatus::Exception => "exception",
            CarrierStatus::Returning => "returning",
            CarrierStatus::ReturnedToSender => "returned_to_sender",
            CarrierStatus::Lost => "lost",
            CarrierStatus::Cancelled => "cancelled",
        }
    }
}

/// One thing that a carrier saw. A repeated scan is equal to the first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Scan {
    /// When it was seen, which is not when it is told.
    pub at: Timestamp,
    pub status: CarrierStatus,
    /// The carrier's own code; at most [`MAX_SCAN_CHARACTERS`].
    pub code: String,
    /// Town and country, where the carrier says so; never an address. At most [`MAX_SCAN_CHARACTERS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// What a carrier tells of one parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParcelNews {
    pub tracking_number: String,
    /// In any order; the times of the scans count.
    pub scans: Vec<Scan>,
    /// When the carrier means to deliver it, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated_delivery: Option<Timestamp>,
}
