//! The port [`FollowUps`] on DynamoDB: records beside their orders and parked news, in the `due` index until they are done.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use jiff::Timestamp;
use oms_app::ports::{Agenda, CheckoutSession, FollowUp, FollowUps, StoreError, Unmatched, UnmatchedKey};
use oms_domain::ids::{OrderId, PaymentId};

use crate::dynamodb::companions::checkout::{expiry, read_session, session_item};
use crate::dynamodb::due::due_items;
use crate::dynamodb::error::failed;
use crate::dynamodb::item::{Item, item, json, key, number, read_json, read_parsed, read_text, text};
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;

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

/// Key and shard of a task.
fn place_of(task: &FollowUp) -> (Item, String) {
    let shard = |name: &str| keys::agenda_shard_of(task.agenda(), name);
    let of_order = |id: &OrderId, sk: String| (key(keys::order_pk(*id), sk), shard(&id.to_string()));
    match task {
        FollowUp::Checkout(order_id, payment_id) => of_order(order_id, keys::page_sk(*payment_id)),
        FollowUp::Refund(order_id, refund_id) => of_order(order_id, keys::refund_sk(*refund_id)),
        FollowUp::Label(order_id, label_id) => of_order(order_id, keys::label_sk(*label_id)),
        FollowUp::Parcel(parcel) => {
            let pk = keys::parcel_pk(parcel);
            (key(pk.clone(), keys::PARCEL), shard(&pk))
        }
        FollowUp::Unmatched(place) => (key(keys::parked_pk(place), keys::PARKED), shard(&place.0)),
    }
}

fn read_follow_up(item: &Item) -> Result<FollowUp, StoreError> {
    let order_id = || read_parsed(item, keys::PK, keys::order_of);
    match read_text(item, keys::SK)? {
        keys::PARKED => Ok(FollowUp::Unmatched(read_parsed(item, keys::PK, keys::place_of)?)),
        sk if sk.starts_with(keys::PAGE_PREFIX) => {
            Ok(FollowUp::Checkout(order_id()?, read_parsed(item, keys::SK, keys::payment_of)?))
        }
        keys::PARCEL => Ok(FollowUp::Parcel(read_parsed(item, keys::PK, keys::parcel_of)?)),
        sk if sk.starts_with(keys::LABEL_PREFIX) => {
            Ok(FollowUp::Label(order_id()?, read_parsed(item, keys::SK, keys::label_of)?))
        }
        _ => Ok(FollowUp::Refund(order_id()?, read_parsed(item, keys::SK, keys::refund_of)?)),
    }
}

#[async_trait]
impl FollowUps for DynamoFollowUps {
    async fn session(&self, order_id: OrderId, payment_id: PaymentId) -> Result<Option<CheckoutSession>, StoreError> {
        let found = self.read(key(keys::order_pk(order_id), keys::page_sk(payment_id))).await?;
        // What only says that an attempt is settled is no record of its session.
        found.as_ref().filter(|item| item.contains_key(keys::BODY)).map(read_session).transpose()
    }

    async fn keep(&self, record: &CheckoutSession) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.tables.orders).set_item(Some(session_item(record)?));
        put.send().await.map(|_| ()).map_err(|error| failed("PutItem", &error))
    }

    async fn keep_unmatched(
        &self,
        unmatched: &Unmatched,
        look_at: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(event_id) = unmatched.event.event_id() else { return Ok(()) };
        let place = UnmatchedKey::of(&unmatched.provider, event_id);
        let attributes = [
            (keys::BODY, json(unmatched)?),
            (keys::EXPIRES_AT, number(until.as_second())),
            (keys::DUE, text(keys::agenda_shard_of(Agenda::Payments, &place.0))),
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

    async fn unmatched(&self, name: &UnmatchedKey) -> Result<Option<Unmatched>, StoreError> {
        let found = self.read(key(keys::parked_pk(name), keys::PARKED)).await?;
        found.as_ref().map(|item| read_json(item, keys::BODY)).transpose()
    }

    async fn due_follow_ups(&self, agenda: Agenda, now: Timestamp, limit: usize) -> Result<Vec<FollowUp>, StoreError> {
        let shards = (0..keys::DUE_SHARDS).map(|number| keys::agenda_shard(agenda, number)).collect();
        let due = due_items(&self.client, &self.tables, shards, now, limit).await?;
        due.iter().map(read_follow_up).collect()
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
        // Of a refund and a label nothing else is stored, so they begin and end with their time.
        let begins = matches!(task, FollowUp::Refund(..) | FollowUp::Label(..));
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
