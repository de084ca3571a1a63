//! The port [`Orders`] on DynamoDB.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use jiff::Timestamp;
use oms_app::ports::{
    CommandKey, CommandRecord, Commit, CommitError, ListQuery, Listing, Orders, Random, ShipmentListing, ShipmentQuery,
    StoreError, Stored, UsageCounter,
};
use oms_domain::chain::Sealed;
use oms_domain::ids::{OrderId, OrderNumber, UserId};
use oms_domain::ordering::Order;
use oms_domain::ordering::address::Person;

use super::events::stored_events;
use super::lists::Lists;
use super::order_items::read_order;
use super::refusals::Verdict;
use super::shipments;
use super::transaction::Transaction;
use crate::dynamodb::batch::batch;
use crate::dynamodb::catalog::counter_place::Places;
use crate::dynamodb::catalog::placement::Placement;
use crate::dynamodb::companions::command::read_command;
use crate::dynamodb::error::failed;
use crate::dynamodb::item::{Item, key, read_json, read_number, read_parsed, read_text, text};
use crate::dynamodb::keys;
use crate::dynamodb::retry::RetryPolicy;
use crate::dynamodb::tables::Tables;
use crate::dynamodb::transact::Transactor;

/// How often an order looks for the units of a hot product elsewhere because others were faster.
const MAX_DETOURS: u32 = 16;

/// The store of orders.
#[derive(Clone)]
pub struct DynamoOrders {
    client: Client,
    tables: Tables,
    random: Arc<dyn Random>,
    retry: RetryPolicy,
    placement: Placement,
}

impl DynamoOrders {
    /// A store in these tables; chance spreads its retries.
    pub fn new(client: Client, tables: Tables, random: Arc<dyn Random>) -> Self {
        let retry = RetryPolicy::default();
        let writer = Transactor { client: client.clone(), random: random.clone(), retry };
        let placement = Placement::new(writer, tables.clone());
        DynamoOrders { client, tables, random, retry, placement }
    }

    /// Retries in another way.
    #[must_use]
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self.placement.writer.retry = retry;
        self
    }

    fn lists(&self) -> Lists<'_> {
        Lists { client: &self.client, tables: &self.tables }
    }

    async fn attempt(&self, transaction: &Transaction, commit: &Commit) -> Result<(), Verdict> {
        let once = aws_sdk_dynamodb::config::Builder::new().retry_config(RetryConfig::disabled());
        let call = self.client.transact_write_items().set_transact_items(Some(transaction.items.clone()));
        match call.customize().config_override(once).send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(Verdict::of(&error, commit, &transaction.parts)),
        }
    }

    /// Whether the commit's first event is in the stream: then all of it was written, whatever came after.
    async fn is_written(&self, commit: &Commit) -> Result<bool, StoreError> {
        let Some(first) = commit.change.events.first() else { return Ok(false) };
        let found = self
            .client
            .get_item()
            .table_name(&self.tables.orders)
            .set_key(Some(key(keys::order_pk(commit.change.order.id), keys::event_sk(first.version))))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| failed("GetItem", &error))?;
        found.item().map_or(Ok(false), |item| Ok(read_text(item, keys::BODY)? == first.body))
    }
}

#[async_trait]
impl Orders for DynamoOrders {
    async fn load(&self, id: OrderId) -> Result<Option<Stored>, StoreError> {
        let found = self
            .client
            .query()
            .table_name(&self.tables.orders)
            .key_condition_expression("pk = :pk AND sk BETWEEN :order AND :person")
            .expression_attribute_values(":pk", text(keys::order_pk(id)))
            .expression_attribute_values(":order", text(keys::ORDER))
            .expression_attribute_values(":person", text(keys::BEHIND_WRITTEN))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| failed("Query", &error))?;
        let mut order = None;
        let mut person: Option<Person> = None;
        let mut words = BTreeMap::new();
        for item in found.items() {
            match read_text(item, keys::SK)? {
                keys::ORDER => order = Some(read_order(item)?),
                keys::PERSON => person = Some(read_json(item, keys::BODY)?),
                other => match keys::written_version(other) {
                    Some(version) => {
                        words.insert(version, read_text(item, keys::BODY)?.to_owned());
                    }
                    None => return Err(StoreError::Damaged(format!("order {id} has an unknown item {other}"))),
                },
            }
        }
        // Without the person record nobody reads what is left of it.
        if let Some(person) = &mut person {
            person.words = words;
        }
        Ok(order.map(|(order, request)| {
            let person = person.map(|person| person.as_of(&order));
            Stored { order, person, request }
        }))
    }

    async fn state(&self, id: OrderId) -> Result<Option<Order>, StoreError> {
        let found = self
            .client
            .get_item()
            .table_name(&self.tables.orders)
            .set_key(Some(key(keys::order_pk(id), keys::ORDER)))
            .projection_expression("#state")
            .expression_attribute_names("#state", keys::STATE)
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| failed("GetItem", &error))?;
        found.item().map(|item| read_json(item, keys::STATE)).transpose()
    }

    /// 1. Send the transaction.
    /// 2. Our own earlier write, seen in the order's head: done.
    /// 3. Others in the way, too busy, no answer: wait and send it again, each within its bound.
    /// 4. A condition that failed after an attempt of unknown outcome: look whether our first event is in the stream.
    /// 5. Hot products: a conflict moves to other shards, and so does a shard with too few units.
    async fn commit(&self, commit: &Commit) -> Result<(), CommitError> {
        let mut places = self.placement.places(commit, &Places::new());
        let mut transaction = Transaction::of(commit, &self.tables, &places)?;
        let (mut busy, mut failures, mut detours) = (0, 0, 0);
        loop {
            let verdict = match self.attempt(&transaction, commit).await {
                Ok(()) | Err(Verdict::Done) => return Ok(()),
                Err(verdict) => verdict,
            };
            match &verdict {
                Verdict::Refused(_) if failures > 0 && self.is_written(commit).await? => return Ok(()),
                Verdict::Refused(CommitError::Stock(shortages)) => {
                    places = self.placement.elsewhere(commit, places, shortages).await?;
                    transaction = Transaction::of(commit, &self.tables, &places)?;
                    detours += 1;
                    if detours < MAX_DETOURS {
                        continue;
                    }
                    return Err(CommitError::Contended);
                }
                Verdict::Contended if !places.is_empty() => {
                    places = self.placement.places(commit, &places);
                    transaction = Transaction::of(commit, &self.tables, &places)?;
                    busy += 1;
                }
                Verdict::Contended | Verdict::Throttled => busy += 1,
                Verdict::Unknown(_) => failures += 1,
                Verdict::Done | Verdict::Refused(_) => {}
            }
            let exhausted = busy >= self.retry.conflict_attempts || failures >= self.retry.failure_attempts;
            match verdict {
                Verdict::Done => return Ok(()),
                Verdict::Refused(error) => return Err(error),
                Verdict::Unknown(reason) if exhausted => return Err(StoreError::Unavailable(reason).into()),
                // After an unknown outcome nobody can say that nothing was written.
                Verdict::Contended if exhausted && failures == 0 => return Err(CommitError::Contended),
                Verdict::Contended | Verdict::Throttled if exhausted => {
                    return Err(StoreError::Unavailable("TransactWriteItems: too busy".to_owned()).into());
                }
                Verdict::Contended | Verdict::Throttled | Verdict::Unknown(_) => {
                    tracing::debug!(order_id = %commit.change.order.id, busy, failures, "the commit is tried again");
                    self.retry.wait(busy + failures, self.random.as_ref()).await;
                }
            }
        }
    }

    async fn command(&self, id: OrderId, name: &CommandKey) -> Result<Option<CommandRecord>, StoreError> {
        let found = self
            .client
            .get_item()
            .table_name(&self.tables.orders)
            .set_key(Some(key(keys::order_pk(id), keys::command_sk(&name.0))))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| failed("GetItem", &error))?;
        found.item().map(read_command).transpose()
    }

    async fn list(&self, query: &ListQuery) -> Result<Listing, StoreError> {
        self.lists().page(query).await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<OrderId>, StoreError> {
        self.lists().due(now, limit).await
    }

    async fn cart_claim(&self, user: &UserId, cart: &str, now: Timestamp) -> Result<Option<OrderId>, StoreError> {
        let found = self
            .client
            .get_item()
            .table_name(&self.tables.orders)
            .set_key(Some(key(keys::customer_pk(user), keys::cart_sk(cart))))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| failed("GetItem", &error))?;
        let Some(claim) = found.item() else { return Ok(None) };
        let holds = read_text(claim, keys::UNTIL)? > keys::time(now).as_str();
        holds.then(|| read_parsed(claim, keys::ORDER_ID, |id| id.parse().ok())).transpose()
    }

    async fn used(&self, counters: &[UsageCounter]) -> Result<Vec<u32>, StoreError> {
        let wanted: Vec<Item> = counters
            .iter()
            .map(|counter| {
                let (pk, sk) = keys::counter(counter);
                key(pk, sk)
            })
            .collect();
        let found = batch(&self.client, &self.tables.orders, wanted.clone()).await?;
        let same = |item: &Item, key: &Item| key.iter().all(|(name, value)| item.get(name) == Some(value));
        let used = |key: &Item| match found.iter().find(|item| same(item, key)) {
            // What is given back for an order of long ago can take a counter below zero.
            Some(item) => Ok(u32::try_from(read_number::<i64>(item, keys::USED)?.max(0)).unwrap_or(u32::MAX)),
            None => Ok(0),
        };
        wanted.iter().map(used).collect()
    }

    async fn numbered(&self, number: &OrderNumber) -> Result<Vec<OrderId>, StoreError> {
        self.lists().numbered(number).await
    }

    async fn shipments(&self, query: &ShipmentQuery) -> Result<ShipmentListing, StoreError> {
        shipments::page(&self.client, &self.tables, query).await
    }

    async fn events(&self, id: OrderId) -> Result<Vec<Sealed>, StoreError> {
        stored_events(&self.client, &self.tables, id).await
    }
}
