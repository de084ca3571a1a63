//! What lists show of a shipment: an item of its own beside the order, in the index by status.

use aws_sdk_dynamodb::types::TransactWriteItem;
use oms_app::ports::{CommitError, PickLine, ShipmentRecord, StoreError};
use oms_domain::fulfilment::label::LabelStatus;
use oms_domain::fulfilment::{Location, ShipmentId, ShipmentStatus, Tracking};
use oms_domain::ids::SellerId;
use oms_domain::ordering::Order;
use serde::{Deserialize, Serialize};

use super::beside::{Beside, unknown_to_its_order};
use crate::dynamodb::item::{Item, item, read_json, read_text, text};
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;
use crate::dynamodb::writes::put_over;

/// What stands in the item beside its keys and what lists are narrowed by.
#[derive(Serialize, Deserialize)]
struct Body {
    id: String,
    status: ShipmentStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seller: Option<SellerId>,
    location: Location,
    lines: Vec<PickLine>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parcels: Vec<Tracking>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replaced_by: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shipped_at: Option<jiff::Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    label: Option<LabelStatus>,
    moved_at: jiff::Timestamp,
}

/// Reads an item of the index.
pub(crate) fn read(item: &Item) -> Result<ShipmentRecord, StoreError> {
    let body: Body = read_json(item, keys::BODY)?;
    let damaged = |_| StoreError::Damaged(format!("`{}` is not the id of a shipment", body.id));
    let id: ShipmentId = body.id.parse().map_err(damaged)?;
    Ok(ShipmentRecord {
        id,
        status: body.status,
        seller_id: body.seller,
        location: body.location,
        lines: body.lines,
        parcels: body.parcels,
        replaced_by: body.replaced_by,
        shipped_at: body.shipped_at,
        label: body.label,
        moved_at: body.moved_at,
    })
}

impl Beside for ShipmentRecord {
    fn item(&self, order: &Order, tables: &Tables) -> Result<Option<TransactWriteItem>, StoreError> {
        let body = Body {
            id: self.id.to_string(),
            status: self.status,
            seller: self.seller_id.clone(),
            location: self.location.clone(),
            lines: self.lines.clone(),
            parcels: self.parcels.clone(),
            replaced_by: self.replaced_by,
            shipped_at: self.shipped_at,
            label: self.label,
            moved_at: self.moved_at,
        };
        let body = serde_json::to_string(&body).map_err(|error| StoreError::Damaged(error.to_string()))?;
        let attributes = [
            (keys::SHIPMENTS, text(keys::shipment_shard_of(self.id.order_id, self.status))),
            (keys::MOVED, text(self.place())),
            (keys::LOCATION, text(self.location.as_str())),
            (keys::BODY, text(body)),
        ];
        let mut whole = item(keys::order_pk(order.id), keys::shipment_sk(self.id.number), attributes);
        if let Some(seller) = &self.seller_id {
            whole.insert(keys::SELLER.to_owned(), text(seller.as_str()));
        }
        let carriers: Vec<String> = self.parcels.iter().map(|own| own.carrier.to_lowercase()).collect();
        if !carriers.is_empty() {
            // Between bars, so that one of several is found and a part of a name is not.
            whole.insert(keys::CARRIERS.to_owned(), text(format!("|{}|", carriers.join("|"))));
        }
        put_over(&tables.orders, whole).map(Some)
    }

    fn refusal(&self, _found: Option<&Item>) -> Result<CommitError, StoreError> {
        Err(unknown_to_its_order())
    }
}

/// The place of an item.
pub(crate) fn place_of(item: &Item) -> Result<&str, StoreError> {
    read_text(item, keys::MOVED)
}
