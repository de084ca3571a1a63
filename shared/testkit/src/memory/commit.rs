//! A commit in memory: the conditions under which the world changes.

use std::collections::BTreeMap;

use oms_app::ports::{Commit, CommitError, Shortage, Turn};
use oms_domain::catalog::Product;
use oms_domain::catalog::stock::{self, MoveKind, Stock};
use oms_domain::ids::ProductId;
use oms_domain::ordering::Change;

use super::companions::beside;
use super::world::World;

impl World {
    /// Writes all of it or nothing. `unsure` says that an earlier attempt may have succeeded.
    pub(super) fn apply(&mut self, commit: &Commit, unsure: bool) -> Result<(), CommitError> {
        match self.examine(commit) {
            Verdict::Done => Ok(()),
            Verdict::Refused(_) if unsure && self.holds_events_of(commit) => Ok(()),
            Verdict::Refused(error) => Err(error),
            Verdict::Possible(stocks) => {
                self.write(commit, stocks);
                Ok(())
            }
        }
    }

    fn examine(&self, commit: &Commit) -> Verdict {
        let change = &commit.change;
        let entry = self.orders.get(&change.order.id);
        if entry.is_some_and(|entry| entry.stored.order.head == change.order.head) {
            return Verdict::Done;
        }
        let companions = commit.companions.iter();
        let refusals = companions.filter_map(|companion| {
            let refusal = beside(companion).refusal(self, &change.order)?;
            Some((companion.turn(), refusal))
        });
        match refusals.chain(self.order_refusal(change)).min_by_key(|(turn, _)| *turn) {
            Some((_, error)) => Verdict::Refused(error),
            None => self.moved(commit),
        }
    }

    fn order_refusal(&self, change: &Change) -> Option<(Turn, CommitError)> {
        let stored = self.orders.get(&change.order.id).map(|entry| &entry.stored);
        match (change.base_version, stored) {
            (None, Some(stored)) => {
                let exists =
                    CommitError::Exists { order: Box::new(stored.order.clone()), request: stored.request.clone() };
                Some((Turn::Creation, exists))
            }
            (Some(base), Some(stored)) if stored.order.version != base => {
                Some((Turn::Order, CommitError::Stale(Box::new(stored.order.clone()))))
            }
            (Some(_), None) => Some((Turn::Order, CommitError::Missing)),
            (None, None) | (Some(_), Some(_)) => None,
        }
    }

    fn moved(&self, commit: &Commit) -> Verdict {
        let change = &commit.change;
        let mut stocks: BTreeMap<ProductId, Option<Stock>> = BTreeMap::new();
        for part in &change.stock {
            let product = self.products.get(&part.product_id);
            let allowed = product.is_some_and(|product| may_move(product, commit, part));
            let before = *stocks.entry(part.product_id).or_insert_with(|| product.map(|product| product.stock));
            let after = before.filter(|_| allowed).and_then(|stock| stock.after(part));
            stocks.insert(part.product_id, after);
        }
        let short = stocks.iter().filter(|(_, after)| after.is_none());
        let shortages: Vec<Shortage> =
            short.map(|(id, _)| Shortage { product_id: *id, found: self.products.get(id).cloned() }).collect();
        if !shortages.is_empty() {
            return Verdict::Refused(CommitError::Stock(shortages));
        }
        Verdict::Possible(stocks.into_iter().filter_map(|(id, stock)| Some((id, stock?))).collect())
    }

    fn write(&mut self, commit: &Commit, stocks: Vec<(ProductId, Stock)>) {
        let change = &commit.change;
        self.journal.extend(change.events.iter().map(|event| (change.order.id, event.clone())));
        let entry = self.entry_of(&change.order);
        entry.stored.order = change.order.clone();
        entry.events.extend(change.events.iter().cloned());
        for companion in &commit.companions {
            beside(companion).write(self, &change.order);
        }
        for (id, stock) in stocks {
            if let Some(product) = self.products.get_mut(&id) {
                product.stock = stock;
            }
        }
    }

    fn holds_events_of(&self, commit: &Commit) -> bool {
        let entry = self.orders.get(&commit.change.order.id);
        let first = commit.change.events.first();
        entry.zip(first).is_some_and(|(entry, first)| entry.events.contains(first))
    }
}

enum Verdict {
    /// Our own earlier attempt wrote it.
    Done,
    Refused(CommitError),
    /// With these stocks afterwards.
    Possible(Vec<(ProductId, Stock)>),
}

/// What the condition of a stock update asks beside the counters: only what is sold at this price, and has not changed since
/// it was priced, can be reserved.
fn may_move(product: &Product, commit: &Commit, part: &stock::StockMove) -> bool {
    let order = &commit.change.order;
    match part.kind {
        MoveKind::Reserve => {
            let as_priced = commit.catalog_versions.get(&product.id).is_none_or(|version| *version == product.version);
            let asked = order.asked_price(part.product_id);
            let price = asked == Some(product.price) && order.currency == product.currency;
            product.active && as_priced && price
        }
        MoveKind::ReserveAgain
        | MoveKind::Release
        | MoveKind::SetAside
        | MoveKind::Consume
        | MoveKind::PutBack
        | MoveKind::Restock(_)
        | MoveKind::Discard => true,
    }
}
