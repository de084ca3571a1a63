//! What the memory store holds, and the conditions under which it changes.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use oms_app::ports::{
    AlertMark, CartClaim, CartPolicy, CheckoutSession, Circuit, CommandKey, CommandRecord, Commit, CommitError,
    FollowUp, ListQuery, Listing, Notice, Position, Rates, Removed, SavedMethod, Scope, Shortage, Standing, Stored,
    Summary, Unmatched, UnmatchedKey, UsageCounter,
};
use oms_domain::catalog::movement::Movement;
use oms_domain::catalog::stock::{self, MoveKind, Stock};
use oms_domain::catalog::{Edit, Product, ProductDetail};
use oms_domain::chain::Sealed;
use oms_domain::ids::{MethodId, OrderId, PaymentId, ProductId, SellerId, UserId};
use oms_domain::ordering::{Order, Status};

use super::settings::Past;

/// One order with everything under its key.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) stored: Stored,
    pub(super) events: Vec<Sealed>,
    pub(super) commands: BTreeMap<CommandKey, CommandRecord>,
}

/// Everything that is stored.
#[derive(Debug, Clone, Default)]
pub(super) struct World {
    pub(super) orders: BTreeMap<OrderId, Entry>,
    /// All events in the order in which they were written.
    pub(super) journal: Vec<(OrderId, Sealed)>,
    pub(super) products: BTreeMap<ProductId, Product>,
    pub(super) details: BTreeMap<ProductId, ProductDetail>,
    pub(super) edits: BTreeMap<ProductId, Vec<Edit>>,
    pub(super) movements: BTreeMap<ProductId, Vec<Movement>>,
    pub(super) moved: HashMap<(ProductId, CommandKey), (String, Timestamp, Movement)>,
    pub(super) skus: HashMap<(SellerId, String), ProductId>,
    pub(super) alerts: HashMap<ProductId, AlertMark>,
    pub(super) rates: Rates,
    pub(super) past: Past,
    pub(super) carts: HashMap<(UserId, String), (OrderId, Timestamp)>,
    pub(super) counters: HashMap<UsageCounter, i64>,
    /// Decisions about customers, oldest first.
    pub(super) standings: HashMap<UserId, Vec<Standing>>,
    pub(super) methods: BTreeMap<(UserId, MethodId), SavedMethod>,
    /// What providers are to forget.
    pub(super) removed: BTreeMap<MethodId, Removed>,
    pub(super) pages: BTreeMap<(OrderId, PaymentId), CheckoutSession>,
    pub(super) parked: BTreeMap<UnmatchedKey, Unmatched>,
    pub(super) tasks: BTreeMap<FollowUp, Timestamp>,
    pub(super) circuits: HashMap<String, Circuit>,
    /// True once finished.
    pub(super) notices: HashMap<Notice, bool>,
}

/// Stored times have milliseconds.
fn millis(time: Timestamp) -> i64 {
    time.as_millisecond()
}

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
        let refusal = match (change.base_version, entry) {
            (None, Some(entry)) => Some(CommitError::Exists {
                order: Box::new(entry.stored.order.clone()),
                request: entry.stored.request.clone(),
            }),
            _ => None,
        };
        let refusal = refusal.or_else(|| self.seen(commit)).or_else(|| match (change.base_version, entry) {
            (Some(base), Some(entry)) if entry.stored.order.version != base => {
                Some(CommitError::Stale(Box::new(entry.stored.order.clone())))
            }
            (Some(_), None) => Some(CommitError::Missing),
            _ => None,
        });
        let refusal = refusal.or_else(|| self.cart_taken(commit)).or_else(|| self.standing(commit));
        if let Some(error) = refusal.or_else(|| self.limit_reached(commit)) {
            return Verdict::Refused(error);
        }
        self.moved(change)
    }

    fn seen(&self, commit: &Commit) -> Option<CommitError> {
        let (key, _) = commit.command.as_ref()?;
        let record = self.orders.get(&commit.change.order.id)?.commands.get(key)?;
        let over = record.expires_at.as_second() <= commit.change.order.updated_at.as_second();
        (!over).then(|| CommitError::CommandSeen(record.clone()))
    }

    fn cart_taken(&self, commit: &Commit) -> Option<CommitError> {
        let CartClaim { user_id, cart, policy, .. } = commit.cart.as_ref()?;
        let CartPolicy::Exclusive { over } = policy else { return None };
        let (order_id, until) = self.carts.get(&(user_id.clone(), cart.clone()))?;
        let free = millis(*until) <= millis(commit.change.order.updated_at)
            || *over == Some(*order_id)
            || *order_id == commit.change.order.id;
        (!free).then_some(CommitError::CartTaken(*order_id))
    }

    fn standing(&self, commit: &Commit) -> Option<CommitError> {
        let last = commit.standing.as_ref().and_then(|user| self.standings.get(user)?.last());
        last.filter(|standing| standing.blocked).map(|_| CommitError::NotInGoodStanding)
    }

    fn limit_reached(&self, commit: &Commit) -> Option<CommitError> {
        let full = commit.counts.iter().find(|count| {
            let used = self.counters.get(&count.counter).copied().unwrap_or_default();
            count.delta > 0 && count.limit.is_some_and(|limit| used + i64::from(count.delta) > i64::from(limit))
        });
        full.map(|count| CommitError::LimitReached(count.counter.clone()))
    }

    fn moved(&self, change: &oms_domain::ordering::Change) -> Verdict {
        let mut stocks: BTreeMap<ProductId, Option<Stock>> = BTreeMap::new();
        for part in &change.stock {
            let product = self.products.get(&part.product_id);
            let allowed = product.is_some_and(|product| may_move(product, &change.order, part));
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
        let entry = self.orders.entry(change.order.id).or_insert_with(|| Entry {
            stored: Stored { order: change.order.clone(), person: None, request: commit.request.clone() },
            events: Vec::new(),
            commands: BTreeMap::new(),
        });
        entry.stored.order = change.order.clone();
        entry.events.extend(change.events.iter().cloned());
        if let Some(person) = &commit.person {
            entry.stored.person = Some(person.clone());
        }
        if let Some((key, record)) = &commit.command {
            // The store keeps whole seconds, because its expiry does.
            let expires_at = Timestamp::from_second(record.expires_at.as_second()).unwrap();
            entry.commands.insert(key.clone(), CommandRecord { expires_at, ..record.clone() });
        }
        if let Some(CartClaim { user_id, cart, expires_at, .. }) = &commit.cart {
            self.carts.insert((user_id.clone(), cart.clone()), (change.order.id, *expires_at));
        }
        if let Some(kept) = &commit.kept {
            self.methods.insert((kept.user_id.clone(), kept.id), kept.clone());
        }
        if let Some(page) = &commit.page {
            self.keep(page);
        }
        for count in &commit.counts {
            *self.counters.entry(count.counter.clone()).or_default() += i64::from(count.delta);
        }
        for (id, stock) in stocks {
            if let Some(product) = self.products.get_mut(&id) {
                product.stock = stock;
            }
        }
    }

    pub(super) fn keep(&mut self, page: &CheckoutSession) {
        let task = FollowUp::Checkout(page.order_id, page.payment_id);
        self.pages.insert((page.order_id, page.payment_id), page.clone());
        match page.look_at {
            Some(at) => self.tasks.insert(task, at),
            None => self.tasks.remove(&task),
        };
    }

    fn holds_events_of(&self, commit: &Commit) -> bool {
        let entry = self.orders.get(&commit.change.order.id);
        let first = commit.change.events.first();
        entry.zip(first).is_some_and(|(entry, first)| entry.events.contains(first))
    }

    /// A page of orders, as the indexes would give it.
    pub(super) fn list(&self, query: &ListQuery) -> Listing {
        let from = query.from.map(|time| format!("{time:.3}"));
        let until = query.until.map(|time| format!("{time:.3}"));
        let after = query.after.map(|position| position.key());
        let behind = |key: &String| {
            after.as_ref().is_none_or(|after| if query.newest_first { key < after } else { key > after })
        };
        let mut found: Vec<(String, &Order)> = self
            .orders
            .values()
            .map(|entry| (Position::of(&entry.stored.order).key(), &entry.stored.order))
            .filter(|(_, order)| match &query.scope {
                Scope::Customer(user) => &order.user_id == user,
                Scope::Everyone => true,
            })
            .filter(|(_, order)| query.statuses.is_empty() || query.statuses.contains(&order.status))
            .filter(|(key, _)| {
                from.as_ref().is_none_or(|from| key >= from) && until.as_ref().is_none_or(|until| key < until)
            })
            .filter(|(key, _)| behind(key))
            .collect();
        found.sort_by(|(left, _), (right, _)| if query.newest_first { right.cmp(left) } else { left.cmp(right) });
        let more = found.len() > query.limit;
        found.truncate(query.limit);
        let next = found.last().filter(|_| more).map(|(_, order)| Position::of(order));
        Listing { entries: found.into_iter().map(|(_, order)| Summary::of(order)).collect(), next }
    }

    /// Pending orders past their deadline, the longest overdue first.
    pub(super) fn due(&self, now: Timestamp, limit: usize) -> Vec<OrderId> {
        let pending =
            self.orders.values().map(|entry| &entry.stored.order).filter(|order| order.status == Status::Pending);
        let mut due: Vec<(i64, OrderId)> = pending
            .filter_map(|order| Some((millis(order.reservation_expires_at?), order.id)))
            .filter(|(deadline, _)| *deadline <= millis(now))
            .collect();
        due.sort_unstable();
        due.into_iter().take(limit).map(|(_, id)| id).collect()
    }
}

enum Verdict {
    /// Our own earlier attempt wrote it.
    Done,
    Refused(CommitError),
    /// With these stocks afterwards.
    Possible(Vec<(ProductId, Stock)>),
}

/// What the condition of a stock update asks beside the counters: only what is sold at this price can be reserved.
fn may_move(product: &Product, order: &Order, part: &stock::StockMove) -> bool {
    match part.kind {
        MoveKind::Reserve => {
            let line = order.lines.iter().find(|line| line.product_id == part.product_id);
            product.active && line.is_some_and(|line| line.price == product.price && order.currency == product.currency)
        }
        MoveKind::Release | MoveKind::Consume | MoveKind::PutBack | MoveKind::Restock(_) => true,
    }
}
