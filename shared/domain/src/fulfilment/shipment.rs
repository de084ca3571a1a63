//! Shipments: units of an order that leave together, and what became of them (G10).

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::label::{Label, LabelStatus};
use super::{LineQuantity, Tracking};
use crate::ids::{LabelId, OrderId, SellerId};

/// Most shipments of one order, whatever became of them.
pub const MAX_SHIPMENTS: usize = 40;

/// Most shipments that are planned at once as an order is begun: one for each seller.
pub const MAX_PLANNED_AT_ONCE: usize = 20;

/// Longest code of a location, in characters.
pub const MAX_LOCATION_CHARACTERS: usize = 32;

/// Where a shipment stands. What its carrier tells on the way is another story, kept beside ([`super::scan`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShipmentStatus {
    /// To be picked and packed.
    Planned,
    Packed,
    /// Handed to a carrier.
    Shipped,
    /// The customer has it.
    Delivered,
    /// The carrier could not hand it over. A person decides what becomes of it; the carrier may try again.
    Failed,
    /// It came back to where it left, and its units are there to ship again.
    Returned,
    /// Nobody knows where it is.
    Lost,
    /// Given up before it left; its units still belong to the order.
    Cancelled,
}

impl ShipmentStatus {
    /// Every status, in the order of a shipment's life.
    pub const ALL: [ShipmentStatus; 8] = [
        ShipmentStatus::Planned,
        ShipmentStatus::Packed,
        ShipmentStatus::Shipped,
        ShipmentStatus::Delivered,
        ShipmentStatus::Failed,
        ShipmentStatus::Returned,
        ShipmentStatus::Lost,
        ShipmentStatus::Cancelled,
    ];

    /// The name that is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            ShipmentStatus::Planned => "planned",
            ShipmentStatus::Packed => "packed",
            ShipmentStatus::Shipped => "shipped",
            ShipmentStatus::Delivered => "delivered",
            ShipmentStatus::Failed => "failed",
            ShipmentStatus::Returned => "returned",
            ShipmentStatus::Lost => "lost",
            ShipmentStatus::Cancelled => "cancelled",
        }
    }

    /// Whether it has yet to leave.
    pub const fn is_open(self) -> bool {
        matches!(self, ShipmentStatus::Planned | ShipmentStatus::Packed)
    }

    /// Whether its carrier has it.
    pub const fn is_under_way(self) -> bool {
        matches!(self, ShipmentStatus::Shipped | ShipmentStatus::Failed)
    }
}

/// What customers are told of a shipment while its carrier has it. A later one is further on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Announcement {
    /// It comes today.
    OutForDelivery,
    /// It waits at a pickup point.
    ReadyForPickup,
}

impl fmt::Display for ShipmentStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The text names no status of a shipment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a status of a shipment")]
pub struct UnknownShipmentStatus(pub String);

impl FromStr for ShipmentStatus {
    type Err = UnknownShipmentStatus;

    fn from_str(text: &str) -> Result<Self, UnknownShipmentStatus> {
        let named = ShipmentStatus::ALL.into_iter().find(|status| status.name().eq_ignore_ascii_case(text));
        named.ok_or_else(|| UnknownShipmentStatus(text.chars().take(40).collect()))
    }
}

/// The place from which units leave: a code of the shop's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Location(String);

/// The text is no code of a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a location is a code of 1 to {MAX_LOCATION_CHARACTERS} of a-z, 0-9 and -")]
pub struct InvalidLocation;

impl Location {
    /// The only location of a shop that has not named others.
    pub fn main() -> Self {
        Location("main".to_owned())
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is_main(&self) -> bool {
        *self == Location::main()
    }
}

impl TryFrom<String> for Location {
    type Error = InvalidLocation;

    fn try_from(text: String) -> Result<Self, InvalidLocation> {
        let written = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let fits = (1..=MAX_LOCATION_CHARACTERS).contains(&text.len()) && text.bytes().all(written);
        if fits { Ok(Location(text)) } else { Err(InvalidLocation) }
    }
}

impl FromStr for Location {
    type Err = InvalidLocation;

    fn from_str(text: &str) -> Result<Self, InvalidLocation> {
        Location::try_from(text.to_owned())
    }
}

impl From<Location> for String {
    fn from(location: Location) -> String {
        location.0
    }
}

impl Default for Location {
    fn default() -> Self {
        Location::main()
    }
}

/// Names a shipment: the id of its order and its number within it, as in `0195562c-8d0b-7c3e-9a41-5b2d7e8f9012-S1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShipmentId {
    pub order_id: OrderId,
    /// Counted from 1.
    pub number: u16,
}

/// The text is no id of a shipment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a shipment")]
pub struct InvalidShipmentId;

impl fmt::Display for ShipmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-S{}", self.order_id, self.number)
    }
}

impl FromStr for ShipmentId {
    type Err = InvalidShipmentId;

    /// One shipment has one spelling.
    fn from_str(text: &str) -> Result<Self, InvalidShipmentId> {
        let (order, number) = text.rsplit_once("-S").ok_or(InvalidShipmentId)?;
        let id = ShipmentId {
            order_id: order.parse().map_err(|_| InvalidShipmentId)?,
            number: number.parse().map_err(|_| InvalidShipmentId)?,
        };
        if id.number > 0 && id.to_string() == text { Ok(id) } else { Err(InvalidShipmentId) }
    }
}

/// Units of an order that leave together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Shipment {
    /// Its number within the order, never used again; 0 only of what was read from before there were numbers.
    pub number: u16,
    pub status: ShipmentStatus,
    /// What is in it.
    pub lines: Vec<LineQuantity>,
    /// Whose units they are; nothing where they are of several sellers.
    pub seller_id: Option<SellerId>,
    /// Where they leave.
    pub location: Location,
    /// How its parcels are followed; none before it is shipped.
    pub parcels: Vec<Tracking>,
    /// Which shipment takes its place, once its units were reserved anew after it was lost.
    pub replaced_by: Option<u16>,
    /// When it left.
    pub shipped_at: Option<Timestamp>,
    /// The last of what customers were told of its way.
    pub announced: Option<Announcement>,
    /// Labels that are asked for or bought, the oldest first; more than one only where an answer came that nobody waited for any more.
    pub labels: Vec<Label>,
    /// How many labels were asked for in its life.
    pub labels_asked: u16,
}

impl Shipment {
    /// One that is to be packed.
    pub fn planned(number: u16, lines: Vec<LineQuantity>, seller_id: Option<SellerId>, location: Location) -> Self {
        let status = ShipmentStatus::Planned;
        Shipment {
            number,
            status,
            lines,
            seller_id,
            location,
            parcels: Vec::new(),
            replaced_by: None,
            shipped_at: None,
            announced: None,
            labels: Vec::new(),
            labels_asked: 0,
        }
    }

    /// The label that was bought and not given back.
    pub fn bought_label(&self) -> Option<&Label> {
        self.labels.iter().find(|label| label.status == LabelStatus::Bought)
    }

    /// Its label of this id.
    pub fn label(&self, id: LabelId) -> Option<&Label> {
        self.labels.iter().find(|label| label.id == id)
    }

    /// Units of a line in it.
    pub fn units_of(&self, line: u16) -> u32 {
        self.lines.iter().filter(|part| part.line == line).map(|part| part.quantity).sum()
    }
}

/// As it is stored. Before shipments were planned, one was a parcel that had left: its tracking stands where it stood, so that
/// functions of the release before read what is no more than that.
#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    tracking: Option<Tracking>,
    lines: Vec<LineQuantity>,
    /// It came back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    failed: bool,
    #[serde(default, rename = "n")]
    number: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<ShipmentStatus>,
    #[serde(default, rename = "seller", skip_serializing_if = "Option::is_none")]
    seller_id: Option<SellerId>,
    #[serde(default, skip_serializing_if = "Location::is_main")]
    location: Location,
    /// The parcels behind the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    more: Vec<Tracking>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replaced_by: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shipped_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    announced: Option<Announcement>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    labels: Vec<Label>,
    #[serde(default, skip_serializing_if = "is_zero")]
    labels_asked: u16,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u16) -> bool {
    *count == 0
}

impl From<Stored> for Shipment {
    fn from(stored: Stored) -> Self {
        let before = if stored.failed { ShipmentStatus::Returned } else { ShipmentStatus::Shipped };
        Shipment {
            number: stored.number,
            status: stored.status.unwrap_or(before),
            lines: stored.lines,
            seller_id: stored.seller_id,
            location: stored.location,
            parcels: stored.tracking.into_iter().chain(stored.more).collect(),
            replaced_by: stored.replaced_by,
            shipped_at: stored.shipped_at,
            announced: stored.announced,
            labels: stored.labels,
            labels_asked: stored.labels_asked,
        }
    }
}

impl From<Shipment> for Stored {
    fn from(shipment: Shipment) -> Self {
        let mut parcels = shipment.parcels.into_iter();
        Stored {
            tracking: parcels.next(),
            lines: shipment.lines,
            failed: shipment.status == ShipmentStatus::Returned,
            number: shipment.number,
            status: Some(shipment.status),
            seller_id: shipment.seller_id,
            location: shipment.location,
            more: parcels.collect(),
            replaced_by: shipment.replaced_by,
            shipped_at: shipment.shipped_at,
            announced: shipment.announced,
            labels: shipment.labels,
            labels_asked: shipment.labels_asked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shipment_has_one_name() {
        let text = "0195562c-8d0b-7c3e-9a41-5b2d7e8f9012-S12";
        assert_eq!(text.parse::<ShipmentId>().unwrap().to_string(), text);
        for other in
            ["0195562c-8d0b-7c3e-9a41-5b2d7e8f9012", "x-S1", &text.replace("S12", "S0"), &text.replace("S12", "S012")]
        {
            assert_eq!(other.parse::<ShipmentId>(), Err(InvalidShipmentId), "{other}");
        }
    }

    #[test]
    fn a_location_is_a_code() {
        assert_eq!("berlin-2".parse::<Location>().unwrap().as_str(), "berlin-2");
        for other in ["", "Berlin", "a b", "ü", &"x".repeat(33)] {
            assert_eq!(other.parse::<Location>(), Err(InvalidLocation), "{other}");
        }
    }

    #[test]
    fn a_parcel_of_before_is_a_shipment_that_left_or_came_back() {
        let read = |text: &str| serde_json::from_str::<Shipment>(text).unwrap();
        let left = read(r#"{"carrier":"DHL","tracking_number":"7","lines":[{"line":1,"quantity":2}]}"#);
        assert_eq!((left.status, left.number, left.units_of(1)), (ShipmentStatus::Shipped, 0, 2));
        assert_eq!(left.parcels[0].tracking_number, "7");
        let back = read(r#"{"carrier":"DHL","tracking_number":"7","lines":[],"failed":true}"#);
        assert_eq!(back.status, ShipmentStatus::Returned);
    }

    #[test]
    fn what_is_stored_is_read_again() {
        let mut shipment = Shipment::planned(3, vec![LineQuantity { line: 1, quantity: 2 }], None, Location::main());
        for parcels in 0..3 {
            let text = serde_json::to_string(&shipment).unwrap();
            assert_eq!(serde_json::from_str::<Shipment>(&text).unwrap(), shipment, "{parcels}: {text}");
            shipment.status = ShipmentStatus::Shipped;
            shipment.parcels.push(Tracking::checked("UPS", &format!("1Z{parcels}")).unwrap());
        }
    }
}
