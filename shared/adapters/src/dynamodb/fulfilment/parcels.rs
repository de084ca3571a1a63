//! The port [`Parcels`] on DynamoDB: one item for each number, under a partition key of its own. Its owners are a set that transactions of orders
//! write (`companions/parcel.rs`); what is noted here leaves them alone.

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use oms_app::ports::{NoteError, Owner, ParcelKey, ParcelRecord, Parcels, StoreError};
use oms_domain::fulfilment::ShipmentId;

use crate::dynamodb::batch::batch_current;
use crate::dynamodb::error::failed;
use crate::dynamodb::item::{Item, damaged, json, key, number, read_json, read_number, read_parsed};
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;

/// The parcels in the table of orders.
#[derive(Clone)]
pub struct DynamoParcels {
    client: Client,
    tables: Tables,
}

impl DynamoParcels {
    /// Parcels in these tables.
    pub fn new(client: Client, tables: Tables) -> Self {
        DynamoParcels { client, tables }
    }
}

/// An owner as it stands in the set.
pub(crate) fn written(owner: Owner) -> String {
    let since = owner.since.map(keys::time).unwrap_or_default();
    format!("{} {since}", owner.shipment)
}

fn owner_of(text: &str) -> Option<Owner> {
    let (shipment, since) = text.split_once(' ')?;
    let since = if since.is_empty() { None } else { Some(since.parse().ok()?) };
    Some(Owner { shipment: shipment.parse().ok()?, since })
}

/// The set, and who had the number before there were sets. An item without a trace of sets is of an earlier version, and has one owner.
fn owners(item: &Item) -> Result<BTreeSet<Owner>, StoreError> {
    let texts = item.get(keys::OWNERS).and_then(|value| value.as_ss().ok()).map(Vec::as_slice).unwrap_or_default();
    let all: Option<BTreeSet<Owner>> = texts.iter().map(|text| owner_of(text)).collect();
    let mut all = all.ok_or_else(|| damaged(item, keys::OWNERS))?;
    let before = if item.contains_key(keys::BEFORE) { keys::BEFORE } else { keys::SHIPMENT };
    let shipment = |text: &str| if text.is_empty() { Some(None) } else { text.parse::<ShipmentId>().ok().map(Some) };
    let before = read_parsed(item, before, shipment)?;
    if let Some(shipment) = before.filter(|shipment| all.iter().all(|owner| owner.shipment != *shipment)) {
        all.insert(Owner { shipment, since: None });
    }
    Ok(all)
}

fn read(item: &Item) -> Result<ParcelRecord, StoreError> {
    Ok(ParcelRecord {
        key: read_parsed(item, keys::PK, keys::parcel_of)?,
        owners: owners(item)?,
        journey: read_json(item, keys::BODY)?,
        version: read_number(item, keys::VERSION)?,
        look_at: item.get(keys::DUE_AT).map(|_| read_parsed(item, keys::DUE_AT, |at| at.parse().ok())).transpose()?,
    })
}

#[async_trait]
impl Parcels for DynamoParcels {
    async fn parcels(&self, wanted: &[ParcelKey]) -> Result<Vec<ParcelRecord>, StoreError> {
        let wanted = wanted.iter().map(|parcel| key(keys::parcel_pk(parcel), keys::PARCEL)).collect();
        let found = batch_current(&self.client, &self.tables.orders, wanted).await?;
        found.iter().map(read).collect()
    }

    async fn note(&self, record: &ParcelRecord) -> Result<(), NoteError> {
        let noted = self
            .client
            .update_item()
            .table_name(&self.tables.orders)
            .set_key(Some(key(keys::parcel_pk(&record.key), keys::PARCEL)))
            .update_expression("SET #body = :body, #version = :next")
            .condition_expression("#version = :seen")
            .expression_attribute_names("#body", keys::BODY)
            .expression_attribute_names("#version", keys::VERSION)
            .expression_attribute_values(":body", json(&record.journey)?)
            .expression_attribute_values(":next", number(record.version + 1))
            .expression_attribute_values(":seen", number(record.version));
        match noted.send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Err(NoteError::Stale)
            }
            Err(error) => Err(failed("UpdateItem", &error).into()),
        }
    }
}
