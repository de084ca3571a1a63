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
//! - Units are distributed anew when an order found its place short: evenly over the shards while every share is worth it, all
//!   to the base when few are left. So the last unit is found, and sold once.
//! - What managers do (movements, returns) concerns the base; what they change (price, activity) is copied to every
//!   shard in the same transaction, because it is a condition of every order.
//!
//! Which products are hot is learnt by trying: the update of a product's own item is refused while it has shards.

use std::sync::Arc;

use oms_app::ports::{Commit, CommitError, Shortage, StoreError};
use oms_domain::catalog::Product;
use oms_domain::catalog::stock::{self, MoveKind};
use oms_domain::ids::ProductId;

use super::counter_place::{CounterPlace, Places};
use super::distribution::distribute;
use super::shard_memory::ShardMemory;
use super::sharded_product::read;
use super::stock_moves::by_product;
use crate::dynamodb::retry::RetryPolicy;
use crate::dynamodb::tables::Tables;
use crate::dynamodb::transact::Transactor;

/// Decides where an order counts the units of hot products.
#[derive(Clone)]
pub(crate) struct Placement {
    pub(crate) writer: Transactor,
    tables: Tables,
    memory: Arc<ShardMemory>,
}

impl Placement {
    pub(crate) fn new(writer: Transactor, tables: Tables) -> Self {
        Placement { writer, tables, memory: Arc::default() }
    }

    /// Where to count each hot product of a commit; `before` had a conflict.
    pub(crate) fn places(&self, commit: &Commit, before: &Places) -> Places {
        let place = |id: ProductId, moves: &[stock::StockMove]| {
            let avoid = before.get(&id).copied();
            let place = self.memory.place(id, reserved(moves), avoid, self.writer.random.as_ref());
            // Returns concern counters that only the base has.
            let returned = moves.iter().any(|part| matches!(part.kind, MoveKind::Restock(_) | MoveKind::Discard));
            let place = if returned && place != CounterPlace::Whole { CounterPlace::Base } else { place };
            (place != CounterPlace::Whole).then_some((id, place))
        };
        by_product(&commit.change.stock).iter().filter_map(|(id, moves)| place(*id, moves)).collect()
    }

    /// Where to try again what was not possible where it was tried, or the truth if it is possible nowhere.
    pub(crate) async fn elsewhere(
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
                    self.memory.learn_hot(*id);
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

    /// Reads all places of a hot product and distributes its units anew if that helps; or what stands in the way for good.
    async fn look(
        &self,
        commit: &Commit,
        id: ProductId,
        wanted: u32,
    ) -> Result<Result<(), Option<Product>>, StoreError> {
        let Some(sharded) = read(&self.writer.client, &self.tables, id).await? else { return Ok(Err(None)) };
        let product = &sharded.product;
        if !product.hot {
            self.memory.forget(id);
            return Ok(Ok(()));
        }
        // What is sent again is neither sold nor priced anew.
        let again = moves_of(commit, id).iter().all(|part| part.kind != MoveKind::Reserve);
        let order = &commit.change.order;
        let asked = order.asked_price(id);
        let as_quoted = asked.is_some_and(|price| (price, order.currency) == (product.price, product.currency));
        let as_priced = commit.catalog_versions.get(&id).is_none_or(|version| *version == product.version);
        let sold = (again || (product.active && as_quoted && as_priced)) && product.stock.available >= wanted;
        if wanted > 0 && !sold {
            return Ok(Err(Some(sharded.product)));
        }
        let (items, units) = distribute(&sharded, wanted, &self.tables)?;
        let done = items.is_empty() || self.distributor().write(&items).await.is_ok();
        // Whoever was faster has distributed them: the next look tells.
        self.memory.learn(id, if done { units } else { sharded.units() });
        Ok(Ok(()))
    }

    fn distributor(&self) -> Transactor {
        let retry = RetryPolicy { conflict_attempts: 2, failure_attempts: 1, ..self.writer.retry };
        Transactor { retry, ..self.writer.clone() }
    }
}

/// Units that an order takes; only they need to be somewhere.
fn reserved(moves: &[stock::StockMove]) -> u32 {
    let takes = |part: &&stock::StockMove| matches!(part.kind, MoveKind::Reserve | MoveKind::ReserveAgain);
    moves.iter().filter(takes).map(|part| part.quantity).sum()
}

fn moves_of(commit: &Commit, id: ProductId) -> Vec<&stock::StockMove> {
    commit.change.stock.iter().filter(|part| part.product_id == id).collect()
}
