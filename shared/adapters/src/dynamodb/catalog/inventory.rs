//! The port [`Inventory`] on DynamoDB: every change is one transaction with its record.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use oms_app::ports::{
    AlertMark, EditError, Inventory, Move, MoveError, MovementPage, ProductEntry, Random, StoreError,
};
use oms_domain::catalog::movement::Movement;
use oms_domain::catalog::stock::Stock;
use oms_domain::catalog::{Edit, ProductDetail};
use oms_domain::ids::{ProductId, SellerId};

use super::distribution::gather;
use super::inventory_writes::{InventoryWrites, detail_item, edit_item, movement_item};
use super::product_item::{product_item, read_product, shard_items};
use super::sharded_product::{ShardedProduct, read};
use crate::dynamodb::companions::command::read_command;
use crate::dynamodb::error::failed;
use crate::dynamodb::item::{Item, item, key, number, read_json, read_number, read_parsed, read_text, text};
use crate::dynamodb::keys;
use crate::dynamodb::retry::RetryPolicy;
use crate::dynamodb::tables::Tables;
use crate::dynamodb::transact::{Cancelled, Failed, Transactor};

/// How often a movement is tried on counters that others have moved meanwhile.
const MAX_MOVE_ROUNDS: u32 = 32;

/// Rounds without a pause: what a failed condition told is usually still true.
const EAGER_ROUNDS: u32 = 4;

/// Most movements of one page.
const MAX_PAGE: usize = 100;

/// The inventory.
#[derive(Clone)]
pub struct DynamoInventory {
    tables: Tables,
    writer: Transactor,
}

impl DynamoInventory {
    /// An inventory in these tables; chance spreads its retries.
    pub fn new(client: Client, tables: Tables, random: Arc<dyn Random>) -> Self {
        DynamoInventory { tables, writer: Transactor { client, random, retry: RetryPolicy::default() } }
    }

    /// Retries in another way.
    #[must_use]
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.writer.retry = retry;
        self
    }

    async fn get(&self, pk: String, sk: String) -> Result<Option<Item>, StoreError> {
        let call = self.writer.client.get_item().table_name(&self.tables.catalog).set_key(Some(key(pk, sk)));
        let found = call.consistent_read(true).send().await.map_err(|error| failed("GetItem", &error))?;
        Ok(found.item)
    }

    async fn sharded(&self, id: ProductId) -> Result<Option<ShardedProduct>, StoreError> {
        read(&self.writer.client, &self.tables, id).await
    }

    fn writes(&self) -> InventoryWrites<'_> {
        InventoryWrites(&self.tables)
    }

    /// The counters do not allow it, perhaps because of our own earlier attempt, or of an earlier request.
    async fn short(&self, wanted: &Move, stock: Stock, unsure: bool) -> Result<Movement, MoveError> {
        let pk = keys::product_pk(wanted.product_id);
        if unsure && let Some(own) = self.get(pk.clone(), keys::movement_sk(wanted.at, wanted.id)).await? {
            return Ok(read_json(&own, keys::BODY)?);
        }
        if let Some(key) = &wanted.key
            && let Some(found) = self.get(pk, keys::command_sk(&key.key.0)).await?
            && let Some(seen) = seen(&found, wanted)?
        {
            return Err(seen);
        }
        Err(MoveError::Short(Box::new(stock)))
    }
}

/// What a remembered key says, unless it has expired.
fn seen(found: &Item, wanted: &Move) -> Result<Option<MoveError>, StoreError> {
    let record = read_command(found)?;
    if record.expires_at.as_second() <= wanted.at.as_second() {
        return Ok(None);
    }
    let movement = serde_json::from_str(&record.outcome)
        .map_err(|_| StoreError::Damaged(format!("a movement of product {} is unreadable", wanted.product_id)))?;
    Ok(Some(MoveError::Seen { request: record.request, movement: Box::new(movement) }))
}

impl From<Cancelled> for EditError {
    /// Without a look at the conditions: whoever can say more has done so before.
    fn from(cancelled: Cancelled) -> Self {
        match cancelled {
            Cancelled::Conditions(_) => EditError::Stale,
            Cancelled::Contended => EditError::Contended,
            Cancelled::Store(error) => error.into(),
        }
    }
}

/// Whether the edit that stands in the way is ours.
fn is_same(found: &Item, edit: &Edit) -> Result<bool, StoreError> {
    Ok(read_json::<Edit>(found, keys::BODY)?.id == edit.id)
}

fn sku_holder(found: &Item) -> Result<EditError, StoreError> {
    read_parsed(found, keys::PRODUCT_ID, |id| id.parse().ok()).map(EditError::SkuTaken)
}

#[async_trait]
impl Inventory for DynamoInventory {
    async fn entry(&self, id: ProductId) -> Result<Option<ProductEntry>, StoreError> {
        let call = self
            .writer
            .client
            .query()
            .table_name(&self.tables.catalog)
            .key_condition_expression("pk = :pk AND begins_with(sk, :product)")
            .expression_attribute_values(":pk", text(keys::product_pk(id)))
            .expression_attribute_values(":product", text(keys::PRODUCT))
            .consistent_read(true);
        let found = call.send().await.map_err(|error| failed("Query", &error))?;
        let items = found.items.unwrap_or_default();
        let mut detail = ProductDetail::default();
        for item in &items {
            if read_text(item, keys::SK)? == keys::DETAIL {
                detail = read_json(item, keys::BODY)?;
            }
        }
        Ok(ShardedProduct::of(items)?.map(|sharded| ProductEntry { product: sharded.product, detail }))
    }

    async fn by_sku(&self, seller: &SellerId, sku: &str) -> Result<Option<ProductId>, StoreError> {
        let found = self.get(keys::seller_pk(seller), keys::sku_sk(sku)).await?;
        found.map(|found| read_parsed(&found, keys::PRODUCT_ID, |id| id.parse().ok())).transpose()
    }

    async fn create(&self, entry: &ProductEntry, edit: &Edit, movement: Option<&Movement>) -> Result<(), EditError> {
        let (product, writes) = (&entry.product, self.writes());
        let mut items = vec![
            writes.put_new(edit_item(product.id, edit)?)?,
            writes.put_new(product_item(product)?)?,
            writes.claim(product)?,
            writes.put_over(detail_item(product.id, &entry.detail)?)?,
        ];
        if let Some(movement) = movement {
            items.push(writes.put_new(movement_item(product.id, movement)?)?);
        }
        for shard in shard_items(product) {
            items.push(writes.put_over(shard)?);
        }
        let failed = match self.writer.write(&items).await {
            Ok(()) => return Ok(()),
            Err(Cancelled::Conditions(failed)) => failed,
            Err(other) => return Err(other.into()),
        };
        if let Some(found) = failed.found(0) {
            let first: Edit = read_json(&found, keys::BODY)?;
            return if first.id == edit.id { Ok(()) } else { Err(EditError::Exists(Box::new(first))) };
        }
        match failed.found(2) {
            Some(found) => Err(sku_holder(&found)?),
            None => Err(EditError::Stale),
        }
    }

    async fn edit(&self, before: &ProductEntry, after: &ProductEntry, edit: &Edit) -> Result<(), EditError> {
        let (id, writes) = (after.product.id, self.writes());
        let cools = before.product.hot && !after.product.hot;
        let sharded = if cools { self.sharded(id).await? } else { None };
        let difference = writes.difference(&before.product, &after.product, sharded.as_ref())?;
        let mut items = vec![writes.put_new(edit_item(id, edit)?)?, difference];
        if before.detail != after.detail {
            items.push(writes.put_over(detail_item(id, &after.detail)?)?);
        }
        let claim = (before.product.sku != after.product.sku).then_some(items.len());
        if claim.is_some() {
            items.push(writes.claim(&after.product)?);
            items.push(writes.release(&before.product)?);
        }
        items.extend(writes.shards(&before.product, &after.product, sharded.as_ref())?);
        let failed: Failed = match self.writer.write(&items).await {
            Ok(()) => return Ok(()),
            Err(Cancelled::Conditions(failed)) => failed,
            Err(other) => return Err(other.into()),
        };
        if let Some(found) = failed.found(0) {
            return if is_same(&found, edit)? { Ok(()) } else { Err(EditError::Stale) };
        }
        if failed.found(1).is_some() {
            return Err(EditError::Stale);
        }
        match claim.and_then(|claim| failed.found(claim)) {
            Some(found) => Err(sku_holder(&found)?),
            None => Err(EditError::Stale),
        }
    }

    /// 1. Draw up the record on the counters as last seen, and write both if they are still so.
    /// 2. Our own record in the way: an earlier attempt was written. A remembered key: an earlier request was.
    /// 3. Other counters: go on from what is true now.
    /// 4. A hot product: its own item is moved, after its shards have given back what is needed.
    async fn move_stock(&self, wanted: &Move) -> Result<Movement, MoveError> {
        let mut stock = wanted.seen;
        let mut sharded: Option<ShardedProduct> = None;
        let mut unsure = false;
        for round in 0..MAX_MOVE_ROUNDS {
            let whole = sharded.as_ref().map_or(stock, |sharded| sharded.product.stock);
            let Some(movement) = wanted.on(&whole) else { return self.short(wanted, whole, unsure).await };
            if let Some(short) = sharded.as_ref().filter(|_| wanted.on(&stock).is_none()) {
                // If others were in the way, the next round sees what they left.
                let _ = self.writer.write(&gather(short, &self.tables)?).await;
                sharded = self.sharded(wanted.product_id).await?;
                stock = sharded.as_ref().map_or(stock, |sharded| sharded.base);
                continue;
            }
            let mut items = vec![
                self.writes().put_new(movement_item(wanted.product_id, &movement)?)?,
                self.writes().moved(wanted, &stock)?,
            ];
            if let Some(key) = &wanted.key {
                items.push(self.writes().remember(wanted, key, &movement)?);
            }
            let failed = match self.writer.write(&items).await {
                Ok(()) => return Ok(movement),
                Err(Cancelled::Conditions(failed)) => failed,
                Err(Cancelled::Contended) => return Err(MoveError::Contended),
                Err(Cancelled::Store(error)) => return Err(error.into()),
            };
            unsure |= failed.unsure;
            if let Some(own) = failed.found(0) {
                return Ok(read_json(&own, keys::BODY)?);
            }
            if let Some(found) = failed.found(2)
                && let Some(seen) = seen(&found, wanted)?
            {
                return Err(seen);
            }
            match failed.found(1) {
                Some(found) if found.is_empty() => return Err(MoveError::Missing),
                Some(found) => {
                    let product = read_product(found)?;
                    stock = product.stock;
                    if product.hot {
                        sharded = self.sharded(wanted.product_id).await?;
                        stock = sharded.as_ref().map_or(stock, |sharded| sharded.base);
                    }
                }
                None => {}
            }
            if round >= EAGER_ROUNDS {
                self.writer.retry.wait(round - EAGER_ROUNDS, self.writer.random.as_ref()).await;
            }
        }
        Err(MoveError::Contended)
    }

    /// The product's own item takes all, its shards become empty, and each is as it was read.
    async fn set_counters(&self, id: ProductId, seen: &Stock, counted: &Stock) -> Result<bool, StoreError> {
        let Some(sharded) = self.sharded(id).await?.filter(|sharded| sharded.product.stock == *seen) else {
            return Ok(false);
        };
        let mut items = vec![self.writes().set_counters(id, &sharded.base, counted)?];
        for (counts, number) in sharded.shards.iter().zip(0..) {
            items.push(self.writes().emptied(id, number, counts)?);
        }
        match self.writer.write(&items).await {
            Ok(()) => Ok(true),
            Err(Cancelled::Conditions(failed)) if failed.unsure => {
                let now = self.sharded(id).await?;
                Ok(now.is_some_and(|now| now.product.stock == *counted))
            }
            Err(Cancelled::Conditions(_) | Cancelled::Contended) => Ok(false),
            Err(Cancelled::Store(error)) => Err(error),
        }
    }

    async fn movements(&self, id: ProductId, after: Option<&str>, limit: usize) -> Result<MovementPage, StoreError> {
        let limit = limit.clamp(1, MAX_PAGE);
        // The bound is inclusive, so the place itself comes along and is left out.
        let bound = after.map_or("~", |after| after);
        let call = self
            .writer
            .client
            .query()
            .table_name(&self.tables.catalog)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :bound")
            .expression_attribute_values(":pk", text(keys::product_pk(id)))
            .expression_attribute_values(":first", text(keys::MOVEMENT_PREFIX))
            .expression_attribute_values(":bound", text(format!("{}{bound}", keys::MOVEMENT_PREFIX)))
            .scan_index_forward(false)
            .consistent_read(true)
            .limit(i32::try_from(limit + 2).unwrap_or(i32::MAX));
        let found = call.send().await.map_err(|error| failed("Query", &error))?;
        let mut placed = Vec::with_capacity(limit + 1);
        for item in found.items() {
            let place = read_text(item, keys::SK)?.trim_start_matches(keys::MOVEMENT_PREFIX);
            if after != Some(place) {
                placed.push((place.to_owned(), read_json::<Movement>(item, keys::BODY)?));
            }
        }
        let more = placed.len() > limit;
        placed.truncate(limit);
        let next = placed.last().filter(|_| more).map(|(place, _)| place.clone());
        Ok(MovementPage { movements: placed.into_iter().map(|(_, movement)| movement).collect(), next })
    }

    async fn alert_mark(&self, id: ProductId) -> Result<AlertMark, StoreError> {
        let Some(found) = self.get(keys::product_pk(id), keys::ALERT.into()).await? else {
            return Ok(AlertMark::default());
        };
        let flag = |name: &str| matches!(found.get(name), Some(AttributeValue::Bool(true)));
        Ok(AlertMark { crossing: read_number(&found, keys::CROSSING)?, low: flag(keys::LOW), told: flag(keys::TOLD) })
    }

    async fn set_alert_mark(&self, id: ProductId, before: AlertMark, after: AlertMark) -> Result<bool, StoreError> {
        let AlertMark { crossing, low, told } = after;
        let attributes = [
            (keys::CROSSING, number(crossing)),
            (keys::LOW, AttributeValue::Bool(low)),
            (keys::TOLD, AttributeValue::Bool(told)),
        ];
        let call = self.writer.client.put_item().table_name(&self.tables.catalog).set_item(Some(item(
            keys::product_pk(id),
            keys::ALERT.into(),
            attributes,
        )));
        let call = if before == AlertMark::default() {
            call.condition_expression("attribute_not_exists(pk)")
        } else {
            call.condition_expression("#crossing = :crossing AND #low = :low AND #told = :told")
                .expression_attribute_names("#crossing", keys::CROSSING)
                .expression_attribute_names("#low", keys::LOW)
                .expression_attribute_names("#told", keys::TOLD)
                .expression_attribute_values(":crossing", number(before.crossing))
                .expression_attribute_values(":low", AttributeValue::Bool(before.low))
                .expression_attribute_values(":told", AttributeValue::Bool(before.told))
        };
        match call.send().await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) => {
                Ok(false)
            }
            Err(error) => Err(failed("PutItem", &error)),
        }
    }
}
