//! Items of an order and of its events ⇄ what they mean.

use aws_sdk_dynamodb::types::AttributeValue;
use oms_app::ports::{Position, StoreError, Summary};
use oms_domain::chain::Sealed;
use oms_domain::ordering::Order;
use serde::Deserialize;

use crate::dynamodb::item::{Item, item, json, number, read_json, read_number, read_text, text};
use crate::dynamodb::keys;

/// The attributes of an order's item that change with it.
pub(crate) fn order_attributes(order: &Order) -> Result<Vec<(&'static str, AttributeValue)>, StoreError> {
    let mut attributes = vec![
        (keys::STATE, json(order)?),
        (keys::VERSION, number(order.version)),
        (keys::HEAD, text(order.head.as_str())),
        (keys::STATUS, text(order.status.name())),
        (keys::SUMMARY, json(&Summary::of(order))?),
        // It never changes. Orders of before the index get it with their next change.
        (keys::NUMBER, text(order.id.number().as_str())),
    ];
    if let Some(deadline) = order.due_at() {
        attributes.push((keys::DUE, text(keys::due_shard(order.id))));
        attributes.push((keys::DUE_AT, text(keys::time(deadline))));
    }
    Ok(attributes)
}

/// The item of a new order.
pub(crate) fn order_item(order: &Order) -> Result<Item, StoreError> {
    let fixed = [(keys::CUSTOMER, text(order.user_id.as_str())), (keys::CREATED, text(Position::of(order).key()))];
    let mut whole = item(keys::order_pk(order.id), keys::ORDER.into(), fixed);
    whole.extend(order_attributes(order)?.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Ok(whole)
}

/// An order and the fingerprint of the request that made it.
pub(crate) fn read_order(item: &Item) -> Result<(Order, Option<String>), StoreError> {
    let request = item.get(keys::REQUEST).map(|_| read_text(item, keys::REQUEST)).transpose()?;
    Ok((read_json(item, keys::STATE)?, request.map(str::to_owned)))
}

/// The type that a stored event names.
#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    name: String,
}

/// The item of a sealed event: its text exactly, so that its hash stays true.
pub(crate) fn event_item(pk: String, event: &Sealed) -> Result<Item, StoreError> {
    let kind: Kind = serde_json::from_str(&event.body)
        .map_err(|_| StoreError::Damaged(format!("event {} of {pk} names no type", event.version)))?;
    let attributes =
        [(keys::VERSION, number(event.version)), (keys::BODY, text(&event.body)), ("type", text(kind.name))];
    Ok(item(pk, keys::event_sk(event.version), attributes))
}

/// A stored event.
pub(crate) fn read_event(item: &Item) -> Result<Sealed, StoreError> {
    Ok(Sealed { version: read_number(item, keys::VERSION)?, body: read_text(item, keys::BODY)?.to_owned() })
}
