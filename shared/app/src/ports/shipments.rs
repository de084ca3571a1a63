//! Shipments of many orders, as lists show them: a record beside the order for each, written with whatever moves it.

use jiff::Timestamp;
use oms_domain::fulfilment::label::LabelStatus;
use oms_domain::fulfilment::{Location, Shipment, ShipmentId, ShipmentStatus, Tracking};
use oms_domain::ids::{ProductId, SellerId};
use oms_domain::ordering::Order;
use serde::{Deserialize, Serialize};

/// Units of one product in a shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PickLine {
    pub line: u16,
    #[serde(rename = "product")]
    pub product_id: ProductId,
    pub sku: String,
    pub name: String,
    #[serde(rename = "qty")]
    pub quantity: u32,
}

/// What a list shows of a shipment. No personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShipmentRecord {
    pub id: ShipmentId,
    pub status: ShipmentStatus,
    pub seller_id: Option<SellerId>,
    pub location: Location,
    pub lines: Vec<PickLine>,
    pub parcels: Vec<Tracking>,
    /// Which shipment of its order takes its place.
    pub replaced_by: Option<u16>,
    pub shipped_at: Option<Timestamp>,
    /// How far its label is, if one was asked for.
    pub label: Option<LabelStatus>,
    /// When it was last moved: lists are sorted by it.
    pub moved_at: Timestamp,
}

impl ShipmentRecord {
    /// The record of an order's shipment.
    pub fn of(order: &Order, shipment: &Shipment) -> Self {
        let lines = shipment.lines.iter().filter_map(|part| {
            let line = order.lines.iter().find(|line| line.line == part.line)?;
            let (product_id, sku, name) = (line.product_id, line.sku.clone(), line.name.clone());
            Some(PickLine { line: part.line, product_id, sku, name, quantity: part.quantity })
        });
        ShipmentRecord {
            id: ShipmentId { order_id: order.id, number: shipment.number },
            status: shipment.status,
            seller_id: shipment.seller_id.clone(),
            location: shipment.location.clone(),
            lines: lines.collect(),
            parcels: shipment.parcels.clone(),
            replaced_by: shipment.replaced_by,
            shipped_at: shipment.shipped_at,
            label: shipment.labels.last().map(|label| label.status),
            moved_at: order.updated_at,
        }
    }

    /// Where it stands in lists: texts sort as times do.
    pub fn place(&self) -> String {
        format!("{:.3}#{}", self.moved_at, self.id)
    }

    /// Whether a list asks for it, its place apart.
    pub fn is_wanted(&self, query: &ShipmentQuery) -> bool {
        let carried = |carrier: &String| self.parcels.iter().any(|own| own.carrier.eq_ignore_ascii_case(carrier));
        query.statuses.contains(&self.status)
            && query.seller.as_ref().is_none_or(|seller| self.seller_id.as_ref() == Some(seller))
            && query.location.as_ref().is_none_or(|location| self.location == *location)
            && query.carrier.as_ref().is_none_or(carried)
    }
}

/// Which shipments, the longest unmoved first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShipmentQuery {
    /// In one of these.
    pub statuses: Vec<ShipmentStatus>,
    /// Only this seller's.
    pub seller: Option<SellerId>,
    pub location: Option<Location>,
    /// Only what this carrier has, in whatever case it was written.
    pub carrier: Option<String>,
    /// Moved at or after.
    pub from: Option<Timestamp>,
    /// Moved before.
    pub until: Option<Timestamp>,
    /// Most of them, at least 1.
    pub limit: usize,
    /// Behind this place ([`ShipmentRecord::place`]).
    pub after: Option<String>,
}

/// A page of shipments. It may hold fewer than were asked for although there are more: what a page costs is bounded, also where
/// few of those that are looked at are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShipmentListing {
    pub entries: Vec<ShipmentRecord>,
    /// Where the next page begins, if there is more.
    pub next: Option<String>,
}
