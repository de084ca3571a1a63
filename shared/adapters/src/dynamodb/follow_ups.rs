//! The port [`FollowUps`] on DynamoDB: records beside their orders and parked news, in the `due` index until they are done.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use jiff::{SignedDuration, Timestamp};
use oms_app::ports::{CheckoutSession, FollowUp, FollowUps, StoreError, Unmatched, UnmatchedKey};
use oms_domain::ids::{OrderId, PaymentId};

use super::error::failed;
use super::item::{Item, item, json, key, number, read_json, read_parsed, read_text, text};
use super::list::due_items;
use super::{Tables, keys};

/// How long a page, or a refund that was pending, is remembered; long after every provider has closed it.
const PAGE_DAYS: i64 = 90;

/// Remembers what to come back to.
#[derive(Clone)]
pub struct DynamoFollowUps {
    client: Client,
    tables: Tables,
}

impl DynamoFollowUps {
    /// Remembers in these tables.
    pub fn new(client: Client, tables: Tables) -> Self {
        DynamoFollowUps { client, tables }
    }

    async fn read(&self, key: Item) -> Result<Option<Item>, StoreError> {
        let call = self.client.get_item().table_name(&self.tables.orders).set_key(Some(key)).consistent_read(true);
        Ok(call.send().await.map_err(|error| failed("GetItem", &error))?.item)
    }
}

fn expiry(from: Timestamp) -> Timestamp {
    from.checked_add(SignedDuration::from_hours(24 * PAGE_DAYS)).unwrap_or(Timestamp::MAX)
}

/// The item of a page.
pub(super) fn page_item(record: &CheckoutSession) -> Result<Item, StoreError> {
    let expires_at = number(expiry(record.requested_at).as_second());
    let attributes = [(keys::BODY, json(record)?), (keys::EXPIRES_AT, expires_at)];
    let mut whole = item(keys::order_pk(record.order_id), keys::page_sk(record.payment_id), attributes);
    if let Some(at) = record.look_at {
        whole.insert(keys::DUE.to_owned(), text(keys::agenda_shard_of(&record.order_id.to_string())));
        whole.insert(keys::DUE_AT.to_owned(), text(keys::time(at)));
    }
    Ok(whole)
}

fn read_page(item: &Item) -> Result<CheckoutSession, StoreError> {
    let record: CheckoutSession = read_json(item, keys::BODY)?;
    let due = item.get(keys::DUE_AT).map(|_| read_parsed(item, keys::DUE_AT, |at| at.parse().ok())).transpose()?;
    Ok(CheckoutSession { look_at: due, ..record })
}

/// Key and shard of a task.
fn place_of(task: &FollowUp) -> (Item, String) {
    let of_order = |id: &OrderId, sk: String| (key(keys::order_pk(*id), sk), keys::agenda_shard_of(&id.to_string()));
    match task {
        FollowUp::Checkout(order_id, payment_id) => of_order(order_id, keys::page_sk(*payment_id)),
        FollowUp::Refund(order_id, refund_id) => of_order(order_id, keys::refund_sk(*refund_id)),
        FollowUp::Unmatched(place) => (key(keys::parked_pk(place), keys::PARKED), keys::agenda_shard_of(&place.0)),
    }
}

fn read_task(item: &Item) -> Result<FollowUp, StoreError> {
    let order_id = || read_parsed(item, keys::PK, keys::order_of);
    match read_text(item, keys::SK)? {
        keys::PARKED => Ok(FollowUp::Unmatched(read_parsed(item, keys::PK, keys::place_of)?)),
        sk if sk.starts_with(keys::PAGE_PREFIX) => {
            Ok(FollowUp::Checkout(order_id()?, read_parsed(item, keys::SK, keys::payment_of)?))
        }
        _ => Ok(FollowUp::Refund(order_id()?, read_parsed(item, keys::SK, keys::refund_of)?)),
    }
}

#[async_trait]
impl FollowUps for DynamoFollowUps {
    async fn page(&self, order_id: OrderId, payment_id: PaymentId) -> Result<Option<CheckoutSession>, StoreError> {
        let found = self.read(key(keys::order_pk(order_id), keys::page_sk(payment_id))).await?;
        found.as_ref().map(read_page).transpose()
    }

    async fn keep(&self, record: &CheckoutSession) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.tables.orders).set_item(Some(page_item(record)?));
        put.send().await.map(|_| ()).map_err(|error| failed("PutItem", &error))
    }

    async fn park(&self, parked: &Unmatched, look_at: Timestamp, until: Timestamp) -> Result<(), StoreError> {
        let Some(event_id) = parked.news.event_id() else { return Ok(()) };
        let place = UnmatchedKey::of(&parked.provider, event_id);
        let attributes = [
            (keys::BODY, json(parked)?),
            (keys::EXPIRES_AT, number(until.as_second())),
            (keys::DUE, text(keys::agenda_shard_of(&place.0))),
            (keys::DUE_AT, text(keys::time(look_at))),
        ];
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.orders)
            .set_item(Some(item(keys::parked_pk(&place), keys::PARKED.to_owned(), attributes)))
            .condition_expression("attribute_not_exists(pk)");
        match put.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) => {
                Ok(())
            }
            Err(error) => Err(failed("PutItem", &error)),
        }
    }

    async fn parked(&self, place: &UnmatchedKey) -> Result<Option<Unmatched>, StoreError> {
        let found = self.read(key(keys::parked_pk(place), keys::PARKED)).await?;
        found.as_ref().map(|item| read_json(item, keys::BODY)).transpose()
    }

    async fn due_follow_ups(&self, now: Timestamp, limit: usize) -> Result<Vec<FollowUp>, StoreError> {
        let shards = (0..keys::DUE_SHARDS).map(keys::agenda_shard).collect();
        let due = due_items(&self.client, &self.tables, shards, now, limit).await?;
        due.iter().map(read_task).collect()
    }

    async fn reschedule(&self, task: &FollowUp, at: Option<Timestamp>) -> Result<(), StoreError> {
        let (key, shard) = place_of(task);
        let mut call = self
            .client
            .update_item()
            .table_name(&self.tables.orders)
            .set_key(Some(key))
            .expression_attribute_names("#due", keys::DUE)
            .expression_attribute_names("#due_at", keys::DUE_AT);
        // Of a refund nothing else is stored, so it begins and ends with its time.
        let begins = matches!(task, FollowUp::Refund(..));
        let set = if begins {
            "SET #due = :due, #due_at = :due_at, #expires_at = :expires_at"
        } else {
            "SET #due = :due, #due_at = :due_at"
        };
        if let Some(at) = at {
            call = call
                .update_expression(set)
                .expression_attribute_values(":due", text(shard))
                .expression_attribute_values(":due_at", text(keys::time(at)));
            if begins {
                call = call
                    .expression_attribute_names("#expires_at", keys::EXPIRES_AT)
                    .expression_attribute_values(":expires_at", number(expiry(at).as_second()));
            }
        } else {
            call = call.update_expression("REMOVE #due, #due_at");
        }
        if !begins {
            call = call.condition_expression("attribute_exists(pk)");
        }
        match call.send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(())
            }
            Err(error) => Err(failed("UpdateItem", &error)),
        }
    }
}
