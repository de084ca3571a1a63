//! Hot products: where their units are counted.
//!
//! Two transactions that write the same item at the same time conflict, so a product that everybody wants at once is
//! limited by its one counter. A product flagged hot has shards beside its own item (the base). Orders reserve, release
//! and consume on any of them; the product's counters are the sums.
//!
//! - `available` of a place never falls below zero, so nothing is sold that is not there. The other counters of a shard
//!   are differences and may be negative by themselves: what was reserved on one shard may be released on another, since
//!   the order's own state keeps it from being released twice. So no order remembers a shard.
//! - A conflict moves the order to another shard. A place with too few units is no refusal: all places are read, and if
//!   there are enough in sum the order goes where they are.
//! - Units are dealt anew when an order found its place short: evenly over the shards while every share is worth it, all
//!   to the base when few are left. So the last unit is found, and sold once.
//! - What managers do (movements, returns) concerns the base; what they change (price, activity) is copied to every
//!   shard in the same transaction, because it is a condition of every order.
//!
//! Which products are hot is learnt by trying: the update of a product's own item is refused while it has shards.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use oms_app::ports::{Commit, CommitError, Random, Shortage, StoreError};
use oms_domain::catalog::Product;
use oms_domain::catalog::stock::{self, Counter, MoveKind, Stock};
use oms_domain::ids::ProductId;

use super::commit::by_product;
use super::error::{failed, unbuildable};
use super::item::{Item, key, number, read_product, read_text, text};
use super::transact::Transactor;
use super::{DynamoOrders, RetryPolicy, Tables, keys};

/// Into how many shards the units of a hot product are spread.
pub const SHARDS: u8 = 8;

/// Smallest share, in units, for which a shard is worth its while.
const MIN_SHARE_UNITS: u32 = 4;

/// Most hot products that one process remembers; beyond it the memory starts over.
const MAX_REMEMBERED: usize = 1_000;

/// What a shard counts.
pub(super) const SHARD_COUNTERS: [Counter; 3] = [Counter::Available, Counter::Reserved, Counter::Shipped];

/// Where units of a product are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the item of a product that has no shards, as far as we know.
    Whole,
    /// In the own item of a hot product.
    Base,
    /// In a shard.
    Shard(u8),
}

/// Where each product of a commit is counted; one that is not named is whole.
pub(super) type Places = BTreeMap<ProductId, Place>;

impl Place {
    fn at(index: usize) -> Self {
        match u8::try_from(index) {
            Ok(0) | Err(_) => Place::Base,
            Ok(number) => Place::Shard(number - 1),
        }
    }

    /// The sort key of its item.
    pub(super) fn sk(self) -> String {
        match self {
            Place::Whole | Place::Base => keys::PRODUCT.to_owned(),
            Place::Shard(number) => keys::shard_sk(number),
        }
    }
}

/// A product with its shards, read one after the other: while orders come, the sums are those of no single moment.
#[derive(Debug, Clone)]
pub(super) struct Spread {
    /// With the sums.
    pub(super) product: Product,
    /// The counters of its own item.
    pub(super) base: Stock,
    /// What each shard adds to them, by [`SHARD_COUNTERS`].
    pub(super) shards: Vec<[i64; SHARD_COUNTERS.len()]>,
}

impl Spread {
    /// The product of these items, which may be none.
    pub(super) fn of(items: impl IntoIterator<Item = Item>) -> Result<Option<Self>, StoreError> {
        let (mut own, mut shards) = (None, Vec::new());
        for item in items {
            match read_text(&item, keys::SK)? {
                keys::PRODUCT => own = Some(read_product(item)?),
                sk if sk.starts_with(keys::SHARD_PREFIX) => shards.push(SHARD_COUNTERS.map(|of| count(&item, of))),
                _other_parts => {}
            }
        }
        Ok(own.map(|product| Spread { base: product.stock, product: summed(product, &shards), shards }))
    }

    /// Units that can be ordered, by place: the base first.
    fn units(&self) -> Vec<u32> {
        let shards = self.shards.iter().map(|[available, ..]| u32::try_from(*available).unwrap_or(0));
        std::iter::once(self.base.available).chain(shards).collect()
    }
}

/// A counter of a shard; one that was never moved is zero.
fn count(shard: &Item, counter: Counter) -> i64 {
    let digits = shard.get(counter.name()).and_then(|value| value.as_n().ok());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// The product with what its shards count.
pub(super) fn summed(product: Product, shards: &[[i64; SHARD_COUNTERS.len()]]) -> Product {
    let mut stock = product.stock;
    for (place, counter) in SHARD_COUNTERS.into_iter().enumerate() {
        let own = match counter {
            Counter::Available => &mut stock.available,
            Counter::Reserved => &mut stock.reserved,
            Counter::Shipped => &mut stock.shipped,
            Counter::OnHold | Counter::Damaged | Counter::Returned | Counter::Received | Counter::WrittenOff => {
                continue;
            }
        };
        let sum = i64::from(*own) + shards.iter().map(|shard| shard[place]).sum::<i64>();
        // Below zero only between two reads; see [`Spread`].
        *own = u32::try_from(sum.max(0)).unwrap_or(u32::MAX);
    }
    Product { stock, ..product }
}

/// What a shard counts, from its item.
pub(super) fn counts(shard: &Item) -> [i64; SHARD_COUNTERS.len()] {
    SHARD_COUNTERS.map(|counter| count(shard, counter))
}

/// A product and its shards, in one round trip.
pub(super) async fn read(client: &Client, tables: &Tables, id: ProductId) -> Result<Option<Spread>, StoreError> {
    let call = client
        .query()
        .table_name(&tables.catalog)
        .key_condition_expression("pk = :pk AND begins_with(sk, :product)")
        .expression_attribute_values(":pk", text(keys::product_pk(id)))
        .expression_attribute_values(":product", text(keys::PRODUCT))
        .consistent_read(true);
    let found = call.send().await.map_err(|error| failed("Query", &error))?;
    Spread::of(found.items.unwrap_or_default())
}

/// Where units are best, as last seen by this process. A wrong memory costs a round trip, never a wrong order.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<HashMap<ProductId, Vec<u32>>>);

impl Memory {
    fn seen(&self) -> MutexGuard<'_, HashMap<ProductId, Vec<u32>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for an order that wants so many units, by chance among those that had enough; `avoid` had a conflict.
    pub(super) fn place(&self, id: ProductId, wanted: u32, avoid: Option<Place>, random: &dyn Random) -> Place {
        let seen = self.seen();
        let Some(units) = seen.get(&id) else { return Place::Whole };
        let all = || (0..units.len()).map(|index| (index, Place::at(index)));
        let other = |place: Place| Some(place) != avoid;
        let enough = |index: usize| wanted > 0 && units[index] >= wanted;
        let mut fit: Vec<Place> =
            all().filter(|(index, place)| enough(*index) && other(*place)).map(|(_, place)| place).collect();
        if fit.is_empty() {
            fit = all().filter(|(_, place)| *place != Place::Base && other(*place)).map(|(_, place)| place).collect();
        }
        let mut byte = [0];
        random.fill(&mut byte);
        fit.get(usize::from(byte[0]) % fit.len().max(1)).copied().unwrap_or(Place::Base)
    }

    /// It is hot, and so many units are where.
    pub(super) fn learn(&self, id: ProductId, units: Vec<u32>) {
        let mut seen = self.seen();
        if seen.len() >= MAX_REMEMBERED {
            seen.clear();
        }
        seen.insert(id, units);
    }

    /// It is hot, and nobody knows where its units are.
    pub(super) fn learn_hot(&self, id: ProductId) {
        let shards = std::iter::repeat_n(u32::MAX, usize::from(SHARDS));
        self.learn(id, std::iter::once(0).chain(shards).collect());
    }

    /// It is not hot any more.
    pub(super) fn forget(&self, id: ProductId) {
        self.seen().remove(&id);
    }
}

/// How units should lie for an order of `wanted`: an even share on every shard, or all in the base.
fn dealt(total: u32, shards: usize, wanted: u32) -> Vec<u32> {
    let even = total / u32::try_from(shards).unwrap_or(u32::MAX).max(1);
    let share = if even >= MIN_SHARE_UNITS.max(wanted) { even } else { 0 };
    let mut units = vec![share; shards + 1];
    units[0] = total - units[1..].iter().sum::<u32>();
    units
}

/// How units are to lie afterwards, if they should not stay where they are.
fn deal(units: &[u32], wanted: u32) -> Option<Vec<u32>> {
    let total: u32 = units.iter().fold(0, |sum, units| sum.saturating_add(*units));
    let target = dealt(total, units.len() - 1, wanted);
    let merges = target[0] == total;
    let served = units.iter().any(|units| *units >= wanted);
    let lopsided = units[0] > total / 2;
    let needed = if merges { units[0] != total } else { lopsided || !served };
    needed.then_some(target)
}

/// The transaction that deals the units of a product anew for an order of `wanted`, and where they lie then.
pub(super) fn dealing(
    spread: &Spread,
    wanted: u32,
    tables: &Tables,
) -> Result<(Vec<TransactWriteItem>, Vec<u32>), StoreError> {
    let units = spread.units();
    match deal(&units, wanted) {
        Some(target) => Ok((moves(spread.product.id, &units, &target, tables)?, target)),
        None => Ok((Vec::new(), units)),
    }
}

/// The transaction that brings all units to the base.
pub(super) fn gathering(spread: &Spread, tables: &Tables) -> Result<Vec<TransactWriteItem>, StoreError> {
    let units = spread.units();
    let mut target = vec![0; units.len()];
    target[0] = spread.product.stock.available;
    moves(spread.product.id, &units, &target, tables)
}

/// Takes from the one what it adds to the other, whatever orders do meanwhile: repeated or late it never loses a unit.
fn moves(id: ProductId, from: &[u32], to: &[u32], tables: &Tables) -> Result<Vec<TransactWriteItem>, StoreError> {
    let mut items = Vec::new();
    for (index, (from, to)) in from.iter().zip(to).enumerate().filter(|(_, (from, to))| from != to) {
        let delta = i64::from(*to) - i64::from(*from);
        let mut condition = "attribute_exists(pk)".to_owned();
        let mut update = Update::builder()
            .table_name(&tables.catalog)
            .set_key(Some(key(keys::product_pk(id), Place::at(index).sk())))
            .update_expression("ADD #available :delta")
            .expression_attribute_names("#available", Counter::Available.name())
            .expression_attribute_values(":delta", number(delta));
        if delta < 0 {
            condition.push_str(" AND #available >= :taken");
            update = update.expression_attribute_values(":taken", number(-delta));
        }
        if index == 0 {
            condition.push_str(" AND attribute_exists(#shards)");
            update = update.expression_attribute_names("#shards", keys::SHARDS);
        }
        let update = update.condition_expression(condition).build().map_err(|error| unbuildable(&error))?;
        items.push(TransactWriteItem::builder().update(update).build());
    }
    Ok(items)
}

impl DynamoOrders {
    /// Where to count each hot product of a commit; `before` had a conflict.
    pub(super) fn places(&self, commit: &Commit, before: &Places) -> Places {
        let place = |id: ProductId, moves: &[stock::StockMove]| {
            let avoid = before.get(&id).copied();
            let place = self.hot.place(id, reserved(moves), avoid, self.random.as_ref());
            // Returns concern counters that only the base has.
            let returned = moves.iter().any(|part| matches!(part.kind, MoveKind::Restock(_)));
            let place = if returned && place != Place::Whole { Place::Base } else { place };
            (place != Place::Whole).then_some((id, place))
        };
        by_product(&commit.change.stock).iter().filter_map(|(id, moves)| place(*id, moves)).collect()
    }

    /// Where to try again what was not possible where it was tried, or the truth if it is possible nowhere.
    pub(super) async fn elsewhere(
        &self,
        commit: &Commit,
        mut places: Places,
        shortages: &[Shortage],
    ) -> Result<Places, CommitError> {
        let moves = by_product(&commit.change.stock);
        let mut truth = Vec::new();
        for Shortage { product_id: id, found } in shortages {
            let wanted = moves.get(id).map_or(0, |moves| reserved(moves));
            let learnt = match (places.get(id), found) {
                (None, Some(product)) if product.hot => {
                    self.hot.learn_hot(*id);
                    Ok(())
                }
                (None, found) => Err(found.clone()),
                (Some(_), _) => self.look(commit, *id, wanted).await?,
            };
            if let Err(found) = learnt {
                truth.push(Shortage { product_id: *id, found });
            }
        }
        if !truth.is_empty() {
            return Err(CommitError::Stock(truth));
        }
        let fresh = self.places(commit, &Places::new());
        for Shortage { product_id: id, .. } in shortages {
            match fresh.get(id) {
                Some(place) => places.insert(*id, *place),
                None => places.remove(id),
            };
        }
        Ok(places)
    }

    /// Reads all places of a hot product and deals its units anew if that helps; or what stands in the way for good.
    async fn look(
        &self,
        commit: &Commit,
        id: ProductId,
        wanted: u32,
    ) -> Result<Result<(), Option<Product>>, StoreError> {
        let Some(spread) = read(&self.client, &self.tables, id).await? else { return Ok(Err(None)) };
        let product = &spread.product;
        if !product.hot {
            self.hot.forget(id);
            return Ok(Ok(()));
        }
        let order = &commit.change.order;
        let line = order.lines.iter().find(|line| line.product_id == id);
        let as_quoted = line.is_some_and(|line| (line.price, order.currency) == (product.price, product.currency));
        let sold = product.active && as_quoted && product.stock.available >= wanted;
        if wanted > 0 && !sold {
            return Ok(Err(Some(spread.product)));
        }
        let (items, units) = dealing(&spread, wanted, &self.tables)?;
        let dealt = items.is_empty() || self.dealer().write(&items).await.is_ok();
        // Whoever was faster has dealt them: the next look tells.
        self.hot.learn(id, if dealt { units } else { spread.units() });
        Ok(Ok(()))
    }

    fn dealer(&self) -> Transactor {
        let retry = RetryPolicy { conflict_attempts: 2, failure_attempts: 1, ..self.retry };
        Transactor { client: self.client.clone(), random: Arc::clone(&self.random), retry }
    }
}

/// Units that an order takes; only they need to be somewhere.
fn reserved(moves: &[stock::StockMove]) -> u32 {
    moves.iter().filter(|part| part.kind == MoveKind::Reserve).map(|part| part.quantity).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use oms_testkit::builders::product_id;
    use proptest::prelude::*;

    struct Bytes(u8);

    impl Random for Bytes {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    proptest! {
        /// Dealing neither makes nor loses a unit, and whoever wanted some finds them.
        #[test]
        fn units_are_dealt_without_loss(units in prop::collection::vec(0_u32..60, 9), wanted in 1_u32..30) {
            let total: u32 = units.iter().sum();
            let after = deal(&units, wanted).unwrap_or_else(|| units.clone());
            prop_assert_eq!(after.iter().sum::<u32>(), total);
            prop_assert_eq!(after.iter().any(|units| *units >= wanted), total >= wanted);
        }
    }

    #[test]
    fn many_units_are_spread_and_few_are_merged() {
        assert_eq!(deal(&[80, 0, 0, 0, 0, 0, 0, 0, 0], 1), Some(vec![0, 10, 10, 10, 10, 10, 10, 10, 10]));
        assert_eq!(deal(&[0, 10, 10, 10, 0, 10, 10, 10, 10], 1), None);
        assert_eq!(deal(&[0, 3, 3, 3, 0, 3, 3, 3, 3], 1), Some(vec![21, 0, 0, 0, 0, 0, 0, 0, 0]));
        assert_eq!(deal(&[21, 0, 0, 0, 0, 0, 0, 0, 0], 1), None);
        assert_eq!(deal(&[0, 10, 10, 10, 10, 10, 10, 10, 10], 11), Some(vec![80, 0, 0, 0, 0, 0, 0, 0, 0]));
    }

    #[test]
    fn a_place_is_one_that_had_enough_and_a_conflict_moves_on() {
        let (memory, id) = (Memory::default(), product_id(1));
        assert_eq!(memory.place(id, 1, None, &Bytes(0)), Place::Whole);
        memory.learn(id, vec![0, 0, 5, 0]);
        assert_eq!(memory.place(id, 2, None, &Bytes(7)), Place::Shard(1));
        assert_ne!(memory.place(id, 2, Some(Place::Shard(1)), &Bytes(7)), Place::Shard(1));
        for byte in 0..9 {
            let released = memory.place(id, 0, None, &Bytes(byte));
            assert!(matches!(released, Place::Shard(0..3)), "{released:?}: what needs no units keeps off the base");
        }
        memory.forget(id);
        assert_eq!(memory.place(id, 1, None, &Bytes(0)), Place::Whole);
    }
}
