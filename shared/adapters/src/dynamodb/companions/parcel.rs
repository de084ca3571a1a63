//! Who hears of a parcel: a set in the item under its carrier's number, to which each shipment adds itself and from which it takes itself away,
//! without a read and whether the item is there or not.

use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use jiff::Timestamp;
use oms_app::ports::{Agenda, CommitError, Owner, ParcelKey, ParcelStep, StoreError};
use oms_domain::fulfilment::MAX_SHIPMENTS_OF_A_NUMBER;
use oms_domain::fulfilment::journey::Journey;
use oms_domain::ordering::Order;

use super::beside::Beside;
use crate::dynamodb::fulfilment::parcels::written;
use crate::dynamodb::item::{Item, json, key, number, text};
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;
use crate::dynamodb::writes::update;

/// The journey goes on: it is filtered by owner as it is read. An item of an earlier version has one owner, whom the first step remembers.
const KEPT: &str =
    "#before = if_not_exists(#before, if_not_exists(#shipment, :nobody)), #body = if_not_exists(#body, :untold)";

fn step(parcel: &ParcelKey, owner: Owner, tables: &Tables) -> Result<UpdateBuilder, StoreError> {
    Ok(Update::builder()
        .table_name(&tables.orders)
        .set_key(Some(key(keys::parcel_pk(parcel), keys::PARCEL)))
        .expression_attribute_names("#before", keys::BEFORE)
        .expression_attribute_names("#shipment", keys::SHIPMENT)
        .expression_attribute_names("#body", keys::BODY)
        .expression_attribute_names("#version", keys::VERSION)
        .expression_attribute_names("#owners", keys::OWNERS)
        .expression_attribute_values(":nobody", text(""))
        .expression_attribute_values(":untold", json(&Journey::default())?)
        .expression_attribute_values(":one", number(1))
        .expression_attribute_values(":shipment", text(owner.shipment.to_string()))
        .expression_attribute_values(":owners", AttributeValue::Ss(vec![written(owner)])))
}

fn taken(step: UpdateBuilder, parcel: &ParcelKey, owner: Owner, look_at: Option<Timestamp>) -> UpdateBuilder {
    let step = step
        .condition_expression("attribute_not_exists(#owners) OR size(#owners) < :most OR contains(#owners, :owner)")
        .expression_attribute_values(":most", number(MAX_SHIPMENTS_OF_A_NUMBER))
        .expression_attribute_values(":owner", text(written(owner)));
    let add = "ADD #version :one, #owners :owners";
    let Some(at) = look_at else {
        return step.update_expression(format!("SET #shipment = :shipment, {KEPT} {add}"));
    };
    step.update_expression(format!("SET #shipment = :shipment, {KEPT}, #due = :due, #due_at = :due_at {add}"))
        .expression_attribute_names("#due", keys::DUE)
        .expression_attribute_names("#due_at", keys::DUE_AT)
        .expression_attribute_values(":due", text(keys::agenda_shard_of(Agenda::Parcels, &keys::parcel_pk(parcel))))
        .expression_attribute_values(":due_at", text(keys::time(at)))
}

/// Taking away what is not there is no error: parcels of before have no item, and then get one that is nobody's.
fn given_up(step: UpdateBuilder) -> UpdateBuilder {
    let expression =
        format!("SET #shipment = if_not_exists(#shipment, :shipment), {KEPT} ADD #version :one DELETE #owners :owners");
    step.update_expression(expression)
}

impl Beside for ParcelStep {
    fn item(&self, _order: &Order, tables: &Tables) -> Result<Option<TransactWriteItem>, StoreError> {
        let step = match self {
            ParcelStep::Taken { key, owner, look_at } => taken(step(key, *owner, tables)?, key, *owner, *look_at),
            ParcelStep::GivenUp { key, owner } => given_up(step(key, *owner, tables)?),
        };
        update(step).map(Some)
    }

    fn refusal(&self, _found: Option<&Item>) -> Result<CommitError, StoreError> {
        Ok(CommitError::NumberShared)
    }
}
