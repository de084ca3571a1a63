//! Labels: what a carrier sells, and how far a purchase has come (G13).
//!
//! No carrier has a key under which a label is sold once. So a label is asked for on record before the carrier is, only
//! whoever wrote that down asks, and what had no answer is looked for and never bought again unseen.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Tracking;
use super::parcel::Measures;
use crate::ids::LabelId;
use crate::money::Money;

/// Most labels that are asked for one shipment, whatever became of them: each costs money and somebody's time.
pub const MAX_LABELS: u16 = 20;

/// Longest code of a carrier's service, in bytes.
pub const MAX_SERVICE_BYTES: usize = 64;

/// How far a label has come. One that was refused or is void is none any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelStatus {
    /// The carrier is asked, or has not answered.
    Requested,
    /// The carrier cannot tell whether it was bought: a person has to look.
    Unknown,
    Bought,
    /// The carrier is to take it back.
    Voiding,
}

impl LabelStatus {
    /// Every status.
    pub const ALL: [LabelStatus; 4] =
        [LabelStatus::Requested, LabelStatus::Unknown, LabelStatus::Bought, LabelStatus::Voiding];

    /// The name that is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            LabelStatus::Requested => "requested",
            LabelStatus::Unknown => "unknown",
            LabelStatus::Bought => "bought",
            LabelStatus::Voiding => "voiding",
        }
    }
}

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentFormat {
    Pdf,
    Png,
    Gif,
    Zpl,
}

impl DocumentFormat {
    /// Every format.
    pub const ALL: [DocumentFormat; 4] =
        [DocumentFormat::Pdf, DocumentFormat::Png, DocumentFormat::Gif, DocumentFormat::Zpl];

    /// How names of its files end.
    pub const fn extension(self) -> &'static str {
        match self {
            DocumentFormat::Pdf => "pdf",
            DocumentFormat::Png => "png",
            DocumentFormat::Gif => "gif",
            DocumentFormat::Zpl => "zpl",
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            DocumentFormat::Pdf => "application/pdf",
            DocumentFormat::Png => "image/png",
            DocumentFormat::Gif => "image/gif",
            DocumentFormat::Zpl => "application/zpl",
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelOrder {
    /// The carrier's name among the ports.
    pub carrier: String,
    /// Its code of the service; at most [`MAX_SERVICE_BYTES`].
    pub service: String,
    /// 1 to [`super::parcel::MAX_PARCELS`].
    pub parcels: Vec<Measures>,
    /// The day on which it is handed over.
    pub ship_date: Date,
}

/// What was bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoughtLabel {
    /// The carrier's name for all of it, by which it is voided.
    pub reference: String,
    /// How the parcels are followed, in the order of what was asked for.
    pub tracking: Vec<Tracking>,
    /// What it costs, where the carrier says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Money>,
    /// What there is to print; none where it was found again and the carrier does not hand it out twice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<DocumentFormat>,
}

/// Why there is no label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelFailure {
    /// The carrier refuses.
    Refused,
    /// The carrier was not reached, or has no time; nothing was bought, for certain.
    Unavailable,
    /// Its answer was lost, and the carrier says that nothing was bought.
    NotBought,
}

/// A label of a shipment that is asked for or bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    pub id: LabelId,
    pub status: LabelStatus,
    #[serde(flatten)]
    pub order: LabelOrder,
    pub requested_at: Timestamp,
    /// Since when its carrier is asked to take it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voiding_since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bought: Option<BoughtLabel>,
}

impl Label {
    /// The numbers of its parcels.
    pub fn tracking_numbers(&self) -> Vec<String> {
        let parcels = self.bought.iter().flat_map(|bought| &bought.tracking);
        parcels.map(|parcel| parcel.tracking_number.clone()).collect()
    }
}
