//! The port [`Shelf`] on DynamoDB: every change is one transaction with its record.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::builders::{PutBuilder, UpdateBuilder};
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use oms_app::ports::{
    AlertMark, CommandRecord, EditError, Entry, Move, MoveError, MoveKey, MovementPage, Random, Shelf, StoreError,
};
use oms_domain::catalog::{Edit, Product, ProductDetail};
use oms_domain::ids::{ProductId, SellerId};
use oms_domain::movement::Movement;
use oms_domain::stock::{Counter, Stock};

use super::error::{failed, unbuildable};
use super::hot::{self, SHARD_COUNTERS, SHARDS, Spread};
use super::item::{
    Item, command_item, item, json, key, number, product_item, read_command, read_json, read_number, read_parsed,
    read_product, read_text, shard_attributes, shard_items, text,
};
use super::transact::{Cancelled, Failed, Transactor};
use super::{RetryPolicy, Tables, keys};

/// How often a movement is tried on counters that others have moved meanwhile.
const MAX_MOVE_ROUNDS: u32 = 32;

/// Rounds without a pause: what a failed condition told is usually still true.
const EAGER_ROUNDS: u32 = 4;

/// Most movements of one page.
const MAX_PAGE: usize = 100;

/// What an edit never touches: orders and movements change these all the time.
const COUNTERS: [Counter; 8] = [
    Counter::Available,
    Counter::Reserved,
    Counter::OnHold,
    Counter::Damaged,
    Counter::Shipped,
    Counter::Returned,
    Counter::Received,
    Counter::WrittenOff,
];

/// The shelf.
#[derive(Clone)]
pub struct DynamoShelf {
    tables: Tables,
    writer: Transactor,
}

impl DynamoShelf {
    /// A shelf in these tables; chance spreads its retries.
    pub fn new(client: Client, tables: Tables, random: Arc<dyn Random>) -> Self {
        DynamoShelf { tables, writer: Transactor { client, random, retry: RetryPolicy::default() } }
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

    /// A put that tells what stood in its way.
    fn put(&self, item: Item) -> PutBuilder {
        let told = ReturnValuesOnConditionCheckFailure::AllOld;
        Put::builder()
            .table_name(&self.tables.catalog)
            .set_item(Some(item))
            .return_values_on_condition_check_failure(told)
    }

    fn put_new(&self, item: Item) -> Result<TransactWriteItem, StoreError> {
        done_put(self.put(item).condition_expression("attribute_not_exists(pk)"))
    }

    fn put_any(&self, item: Item) -> Result<TransactWriteItem, StoreError> {
        done_put(self.put(item))
    }

    /// Claims a SKU for a product that may hold it already.
    fn claim(&self, product: &Product) -> Result<TransactWriteItem, StoreError> {
        let id = text(product.id.to_string());
        let claim =
            item(keys::seller_pk(&product.seller_id), keys::sku_sk(&product.sku), [(keys::PRODUCT_ID, id.clone())]);
        let put = self
            .put(claim)
            .condition_expression("attribute_not_exists(pk) OR #product_id = :self")
            .expression_attribute_names("#product_id", keys::PRODUCT_ID)
            .expression_attribute_values(":self", id);
        done_put(put)
    }

    fn release(&self, product: &Product) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.tables.catalog)
            .set_key(Some(key(keys::seller_pk(&product.seller_id), keys::sku_sk(&product.sku))))
            .condition_expression("attribute_not_exists(pk) OR #product_id = :self")
            .expression_attribute_names("#product_id", keys::PRODUCT_ID)
            .expression_attribute_values(":self", text(product.id.to_string()))
            .build();
        delete.map(|delete| TransactWriteItem::builder().delete(delete).build()).map_err(|error| unbuildable(&error))
    }

    fn update_of(&self, id: ProductId) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.tables.catalog)
            .set_key(Some(key(keys::product_pk(id), keys::PRODUCT)))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    /// What an edit does to the shards: a hot product's repeat what orders have as a condition, and what they counted
    /// comes back when it is hot no more.
    fn shards(
        &self,
        before: &Product,
        after: &Product,
        spread: Option<&Spread>,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let id = after.id;
        if after.hot {
            return (0..SHARDS).map(|number| self.shard(id, number, &shard_attributes(after))).collect();
        }
        let shards = spread.filter(|_| before.hot).into_iter().flat_map(|spread| spread.shards.iter().zip(0..));
        shards.map(|(counts, number)| self.removal(id, number, counts)).collect()
    }

    /// Writes what a shard repeats; a shard that is not there yet begins without units.
    fn shard(
        &self,
        id: ProductId,
        number: u8,
        attributes: &[(&'static str, AttributeValue)],
    ) -> Result<TransactWriteItem, StoreError> {
        let mut update = Update::builder()
            .table_name(&self.tables.catalog)
            .set_key(Some(key(keys::product_pk(id), keys::shard_sk(number))));
        let mut sets = Vec::new();
        for (name, value) in attributes {
            sets.push(format!("#{name} = :{name}"));
            update = update
                .expression_attribute_names(format!("#{name}"), *name)
                .expression_attribute_values(format!(":{name}"), value.clone());
        }
        let mut expression = format!("SET {}", sets.join(", "));
        if !attributes.iter().any(|(name, _)| *name == keys::LOW_STOCK_THRESHOLD) {
            expression.push_str(" REMOVE #threshold");
            update = update.expression_attribute_names("#threshold", keys::LOW_STOCK_THRESHOLD);
        }
        done_update(update.update_expression(expression))
    }

    /// Removes a shard if it counts exactly what the product's own item takes over.
    fn removal(&self, id: ProductId, shard: u8, counts: &[i64]) -> Result<TransactWriteItem, StoreError> {
        let mut delete = Delete::builder()
            .table_name(&self.tables.catalog)
            .set_key(Some(key(keys::product_pk(id), keys::shard_sk(shard))));
        let mut conditions = vec!["attribute_exists(pk)".to_owned()];
        for (counter, units) in SHARD_COUNTERS.into_iter().zip(counts) {
            let name = counter.name();
            let unmoved = if *units == 0 { format!("attribute_not_exists(#{name}) OR ") } else { String::new() };
            conditions.push(format!("({unmoved}#{name} = :{name})"));
            delete = delete
                .expression_attribute_names(format!("#{name}"), name)
                .expression_attribute_values(format!(":{name}"), number(*units));
        }
        let delete = delete.condition_expression(conditions.join(" AND ")).build();
        delete.map(|delete| TransactWriteItem::builder().delete(delete).build()).map_err(|error| unbuildable(&error))
    }

    async fn spread(&self, id: ProductId) -> Result<Option<Spread>, StoreError> {
        hot::read(&self.writer.client, &self.tables, id).await
    }

    /// Sets and removes exactly what differs, and takes over what removed shards counted.
    fn difference(
        &self,
        before: &Product,
        after: &Product,
        taken_over: Option<&Spread>,
    ) -> Result<TransactWriteItem, StoreError> {
        let (old, new) = (product_item(before)?, product_item(after)?);
        let mut names: Vec<&String> =
            old.keys().chain(new.keys()).filter(|name| old.get(*name) != new.get(*name)).collect();
        names.retain(|name| COUNTERS.iter().all(|counter| counter.name() != name.as_str()));
        names.sort_unstable();
        names.dedup();
        let (mut sets, mut removals) = (Vec::new(), Vec::new());
        let mut update = self.update_of(after.id);
        for name in names {
            update = update.expression_attribute_names(format!("#{name}"), name);
            if let Some(value) = new.get(name) {
                sets.push(format!("#{name} = :{name}"));
                update = update.expression_attribute_values(format!(":{name}"), value.clone());
            } else {
                removals.push(format!("#{name}"));
            }
        }
        let mut expression = format!("SET {}", sets.join(", "));
        if !removals.is_empty() {
            expression.push_str(" REMOVE ");
            expression.push_str(&removals.join(", "));
        }
        if let Some(spread) = taken_over {
            let sums =
                (0..SHARD_COUNTERS.len()).map(|place| spread.shards.iter().map(|shard| shard[place]).sum::<i64>());
            let mut additions = Vec::new();
            for (counter, sum) in SHARD_COUNTERS.into_iter().zip(sums) {
                let name = counter.name();
                additions.push(format!("#{name} :{name}"));
                update = update
                    .expression_attribute_names(format!("#{name}"), name)
                    .expression_attribute_values(format!(":{name}"), number(sum));
            }
            expression.push_str(" ADD ");
            expression.push_str(&additions.join(", "));
        }
        // Entries from before versions were counted are at their first one.
        let first = if before.version == 1 { "attribute_not_exists(#version) OR " } else { "" };
        let update = update
            .update_expression(expression)
            .condition_expression(format!("attribute_exists(pk) AND ({first}#version = :base)"))
            .expression_attribute_values(":base", number(before.version));
        done_update(update)
    }

    /// Moves two counters if all are as the record will say they were.
    fn moved(&self, wanted: &Move, seen: &Stock) -> Result<TransactWriteItem, StoreError> {
        let mut update = self.update_of(wanted.product_id);
        let mut conditions = vec!["attribute_exists(pk)".to_owned()];
        for counter in COUNTERS {
            let (name, units) = (counter.name(), units(seen, counter));
            // Products from before the counter was kept have none of it.
            conditions.push(if counter == Counter::WrittenOff && units == 0 {
                format!("(attribute_not_exists(#{name}) OR #{name} = :{name})")
            } else {
                format!("#{name} = :{name}")
            });
            update = update
                .expression_attribute_names(format!("#{name}"), name)
                .expression_attribute_values(format!(":{name}"), number(units));
        }
        let mut additions = Vec::new();
        for (counter, delta) in wanted.kind.deltas(wanted.quantity) {
            let name = counter.name();
            additions.push(format!("#{name} :{name}_delta"));
            update = update.expression_attribute_values(format!(":{name}_delta"), number(delta));
        }
        let update = update
            .update_expression(format!("ADD {}", additions.join(", ")))
            .condition_expression(conditions.join(" AND "));
        done_update(update)
    }

    fn remember(&self, wanted: &Move, key: &MoveKey, movement: &Movement) -> Result<TransactWriteItem, StoreError> {
        let outcome = serde_json::to_string(movement).map_err(|error| StoreError::Damaged(error.to_string()))?;
        let record = CommandRecord { request: key.request.clone(), outcome, expires_at: key.expires_at };
        let put = self
            .put(command_item(keys::product_pk(wanted.product_id), &key.key.0, &record))
            .condition_expression("attribute_not_exists(pk) OR #expires_at <= :now")
            .expression_attribute_names("#expires_at", keys::EXPIRES_AT)
            .expression_attribute_values(":now", number(wanted.at.as_second()));
        done_put(put)
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

fn units(stock: &Stock, counter: Counter) -> u32 {
    match counter {
        Counter::Available => stock.available,
        Counter::Reserved => stock.reserved,
        Counter::OnHold => stock.on_hold,
        Counter::Damaged => stock.damaged,
        Counter::Shipped => stock.shipped,
        Counter::Returned => stock.returned,
        Counter::Received => stock.received,
        Counter::WrittenOff => stock.written_off,
    }
}

fn done_put(put: PutBuilder) -> Result<TransactWriteItem, StoreError> {
    let put = put.build().map_err(|error| unbuildable(&error))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

fn done_update(update: UpdateBuilder) -> Result<TransactWriteItem, StoreError> {
    let update = update.build().map_err(|error| unbuildable(&error))?;
    Ok(TransactWriteItem::builder().update(update).build())
}

fn detail_item(id: ProductId, detail: &ProductDetail) -> Result<Item, StoreError> {
    Ok(item(keys::product_pk(id), keys::DETAIL.into(), [(keys::BODY, json(detail)?)]))
}

fn edit_item(id: ProductId, edit: &Edit) -> Result<Item, StoreError> {
    Ok(item(keys::product_pk(id), keys::edit_sk(edit.version), [(keys::BODY, json(edit)?)]))
}

fn movement_item(id: ProductId, movement: &Movement) -> Result<Item, StoreError> {
    Ok(item(keys::product_pk(id), keys::movement_sk(movement.at, movement.id), [(keys::BODY, json(movement)?)]))
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
impl Shelf for DynamoShelf {
    async fn entry(&self, id: ProductId) -> Result<Option<Entry>, StoreError> {
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
        Ok(Spread::of(items)?.map(|spread| Entry { product: spread.product, detail }))
    }

    async fn by_sku(&self, seller: &SellerId, sku: &str) -> Result<Option<ProductId>, StoreError> {
        let found = self.get(keys::seller_pk(seller), keys::sku_sk(sku)).await?;
        found.map(|found| read_parsed(&found, keys::PRODUCT_ID, |id| id.parse().ok())).transpose()
    }

    async fn create(&self, entry: &Entry, edit: &Edit, movement: Option<&Movement>) -> Result<(), EditError> {
        let product = &entry.product;
        let mut items = vec![
            self.put_new(edit_item(product.id, edit)?)?,
            self.put_new(product_item(product)?)?,
            self.claim(product)?,
            self.put_any(detail_item(product.id, &entry.detail)?)?,
        ];
        if let Some(movement) = movement {
            items.push(self.put_new(movement_item(product.id, movement)?)?);
        }
        for shard in shard_items(product) {
            items.push(self.put_any(shard)?);
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

    async fn edit(&self, before: &Entry, after: &Entry, edit: &Edit) -> Result<(), EditError> {
        let id = after.product.id;
        let cools = before.product.hot && !after.product.hot;
        let spread = if cools { self.spread(id).await? } else { None };
        let difference = self.difference(&before.product, &after.product, spread.as_ref())?;
        let mut items = vec![self.put_new(edit_item(id, edit)?)?, difference];
        if before.detail != after.detail {
            items.push(self.put_any(detail_item(id, &after.detail)?)?);
        }
        let claim = (before.product.sku != after.product.sku).then_some(items.len());
        if claim.is_some() {
            items.push(self.claim(&after.product)?);
            items.push(self.release(&before.product)?);
        }
        items.extend(self.shards(&before.product, &after.product, spread.as_ref())?);
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
        let mut spread: Option<Spread> = None;
        let mut unsure = false;
        for round in 0..MAX_MOVE_ROUNDS {
            let whole = spread.as_ref().map_or(stock, |spread| spread.product.stock);
            let Some(movement) = wanted.on(&whole) else { return self.short(wanted, whole, unsure).await };
            if let Some(short) = spread.as_ref().filter(|_| wanted.on(&stock).is_none()) {
                // If others were in the way, the next round sees what they left.
                let _ = self.writer.write(&hot::gathering(short, &self.tables)?).await;
                spread = self.spread(wanted.product_id).await?;
                stock = spread.as_ref().map_or(stock, |spread| spread.base);
                continue;
            }
            let mut items =
                vec![self.put_new(movement_item(wanted.product_id, &movement)?)?, self.moved(wanted, &stock)?];
            if let Some(key) = &wanted.key {
                items.push(self.remember(wanted, key, &movement)?);
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
                        spread = self.spread(wanted.product_id).await?;
                        stock = spread.as_ref().map_or(stock, |spread| spread.base);
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
