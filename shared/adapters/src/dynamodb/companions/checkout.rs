//! The record of a checkout session, due until it is settled.

use aws_sdk_dynamodb::types::TransactWriteItem;
use jiff::{SignedDuration, Timestamp};
use oms_app::ports::{Agenda, CheckoutSession, CommitError, StoreError};
use oms_domain::ordering::Order;

use super::beside::{Beside, unknown_to_its_order};
use crate::dynamodb::item::{Item, item, json, number, read_json, read_parsed, text};
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;
use crate::dynamodb::writes::put_over;

/// How long a session, or a refund that was pending, is remembered; long after every provider has closed it.
const SESSION_DAYS: i64 = 90;

/// When what was asked for at a time may be forgotten.
pub(crate) fn expiry(from: Timestamp) -> Timestamp {
    from.checked_add(SignedDuration::from_hours(24 * SESSION_DAYS)).unwrap_or(Timestamp::MAX)
}

pub(crate) fn session_item(record: &CheckoutSession) -> Result<Item, StoreError> {
    let expires_at = number(expiry(record.requested_at).as_second());
    let attributes = [(keys::BODY, json(record)?), (keys::EXPIRES_AT, expires_at)];
    let mut whole = item(keys::order_pk(record.order_id), keys::page_sk(record.payment_id), attributes);
    if let Some(at) = record.look_at {
        whole.insert(keys::DUE.to_owned(), text(keys::agenda_shard_of(Agenda::Payments, &record.order_id.to_string())));
        whole.insert(keys::DUE_AT.to_owned(), text(keys::time(at)));
    }
    Ok(whole)
}

pub(crate) fn read_session(item: &Item) -> Result<CheckoutSession, StoreError> {
    let record: CheckoutSession = read_json(item, keys::BODY)?;
    let due = item.get(keys::DUE_AT).map(|_| read_parsed(item, keys::DUE_AT, |at| at.parse().ok())).transpose()?;
    Ok(CheckoutSession { look_at: due, ..record })
}

impl Beside for CheckoutSession {
    fn item(&self, _order: &Order, tables: &Tables) -> Result<Option<TransactWriteItem>, StoreError> {
        put_over(&tables.orders, session_item(self)?).map(Some)
    }

    fn refusal(&self, _found: Option<&Item>) -> Result<CommitError, StoreError> {
        Err(unknown_to_its_order())
    }
}
