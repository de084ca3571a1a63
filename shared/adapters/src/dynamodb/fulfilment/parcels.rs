//! The port [`Parcels`] on DynamoDB: one item for each number, under a partition key of its own.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use oms_app::ports::{Agenda, NoteError, ParcelKey, ParcelRecord, Parcels, StoreError};
use oms_domain::fulfilment::ShipmentId;

use crate::dynamodb::batch::batch_current;
use crate::dynamodb::error::failed;
use crate::dynamodb::item::{Item, item, json, key, number, read_json, read_number, read_parsed, text};
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

/// The item of a parcel.
pub(crate) fn written(record: &ParcelRecord) -> Result<Item, StoreError> {
    let attributes = [
        (keys::SHIPMENT, text(record.shipment.to_string())),
        (keys::BODY, json(&record.journey)?),
        (keys::VERSION, number(record.version)),
    ];
    let pk = keys::parcel_pk(&record.key);
    let shard = keys::agenda_shard_of(Agenda::Parcels, &pk);
    let mut whole = item(pk, keys::PARCEL.to_owned(), attributes);
    if let Some(at) = record.look_at {
        whole.insert(keys::DUE.to_owned(), text(shard));
        whole.insert(keys::DUE_AT.to_owned(), text(keys::time(at)));
    }
    Ok(whole)
}

fn read(item: &Item) -> Result<ParcelRecord, StoreError> {
    Ok(ParcelRecord {
        key: read_parsed(item, keys::PK, keys::parcel_of)?,
        shipment: read_parsed(item, keys::SHIPMENT, |text| text.parse::<ShipmentId>().ok())?,
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
        let next = ParcelRecord { version: record.version + 1, ..record.clone() };
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.orders)
            .set_item(Some(written(&next)?))
            .condition_expression("#version = :seen AND #shipment = :shipment")
            .expression_attribute_names("#version", keys::VERSION)
            .expression_attribute_names("#shipment", keys::SHIPMENT)
            .expression_attribute_values(":seen", number(record.version))
            .expression_attribute_values(":shipment", text(record.shipment.to_string()));
        match put.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) => {
                Err(NoteError::Stale)
            }
            Err(error) => Err(failed("PutItem", &error).into()),
        }
    }
}
