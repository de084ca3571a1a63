//! Orders, catalog and notices in one world behind one lock.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use jiff::Timestamp;
use oms_app::ports::{
    Allowance, Allowances, Catalog, Claim, CommandKey, CommandRecord, Commit, CommitError, Counted, Customers,
    ListQuery, Listing, MAX_ITEMS, MAX_NUMBERED, Notice, Notices, OrderCount, OrderCounts, Orders, ProductPage,
    RateSchedule, Rates, ShipmentListing, ShipmentQuery, Standing, StoreError, Stored, UsageCounter, Webhook,
};
use oms_domain::catalog::Product;
use oms_domain::chain::Sealed;
use oms_domain::ids::{OrderId, OrderNumber, ProductId, UserId};
use oms_domain::ordering::{Order, Status};

use super::world::World;
use crate::fault::{Between, Fault, Faults};

/// How often a commit is tried while others are in the way.
const ATTEMPTS: usize = 8;

enum Planned {
    Fault(Fault),
    LostThen(Between),
}

#[derive(Default)]
pub(super) struct Inner {
    pub(super) world: World,
    planned: VecDeque<Planned>,
    commits: usize,
}

/// The storage ports in memory. Clones share one world.
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Inner>>);

impl MemoryStore {
    /// An empty world.
    pub fn new() -> Self {
        MemoryStore::default()
    }

    /// A world with these products and the usual rates.
    pub fn stocked(products: impl IntoIterator<Item = Product>) -> Self {
        let store = MemoryStore::new();
        store.lock().world.set_up(crate::builders::rates());
        products.into_iter().for_each(|product| store.put_product(product));
        store
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    /// The next call fails like this; see [`Faults`] for which calls.
    pub fn fail_next(&self, fault: Fault) {
        self.inject(fault, 1);
    }

    /// Writes or overwrites a product, as whoever manages the catalog would.
    pub fn put_product(&self, product: Product) {
        self.lock().world.products.insert(product.id, product);
    }

    /// A product as it is.
    pub fn product_now(&self, id: ProductId) -> Product {
        self.lock().world.products.get(&id).cloned().expect("the product exists")
    }

    /// Overwrites the state of an order, as an earlier version of the product would have left it.
    pub fn put_order(&self, order: Order) {
        if let Some(entry) = self.lock().world.orders.get_mut(&order.id) {
            entry.stored.order = order;
        }
    }

    /// An order as it is.
    pub fn order_now(&self, id: OrderId) -> Order {
        self.lock().world.orders.get(&id).expect("the order exists").stored.order.clone()
    }

    /// All orders.
    pub fn all_orders(&self) -> Vec<Order> {
        self.lock().world.orders.values().map(|entry| entry.stored.order.clone()).collect()
    }

    /// All products.
    pub fn all_products(&self) -> Vec<Product> {
        self.lock().world.products.values().cloned().collect()
    }

    /// Everything that was written since the `from`th event of all, in the order of writing: the stream of the table.
    pub fn journal_from(&self, from: usize) -> Vec<(OrderId, Sealed)> {
        self.lock().world.journal.get(from..).unwrap_or_default().to_vec()
    }

    /// The news that nobody has claimed yet.
    pub fn parked_news(&self) -> Vec<Webhook> {
        self.lock().world.parked.values().map(|parked| parked.event.clone()).collect()
    }

    /// Erases a person record, as a customer may ask.
    pub fn erase_person(&self, id: OrderId) {
        if let Some(entry) = self.lock().world.orders.get_mut(&id) {
            entry.stored.person = None;
        }
    }

    /// How many commits were asked for.
    pub fn commits(&self) -> usize {
        self.lock().commits
    }

    /// Runs a read or a write that is neither repeated nor in doubt.
    pub(super) fn call<T>(&self, act: impl FnOnce(&mut World) -> T) -> Result<T, StoreError> {
        let mut inner = self.lock();
        if matches!(inner.planned.front(), Some(Planned::Fault(Fault::Unavailable))) {
            inner.planned.pop_front();
            return Err(down());
        }
        Ok(act(&mut inner.world))
    }
}

impl MemoryStore {
    /// Runs a write that is repeated while others are in the way, and may be in doubt.
    pub(super) fn write<T, E: From<StoreError>>(&self, act: impl Fn(&mut World) -> Result<T, E>) -> Result<T, E> {
        loop {
            let mut inner = self.lock();
            match inner.planned.pop_front() {
                Some(Planned::Fault(Fault::Unavailable)) => return Err(down().into()),
                Some(Planned::Fault(Fault::Conflict | Fault::Throttle)) => {}
                Some(Planned::Fault(Fault::LostAcknowledgement) | Planned::LostThen(_)) => {
                    // Whatever it came to, nobody is told.
                    let _ = act(&mut inner.world);
                    return Err(down().into());
                }
                None => return act(&mut inner.world),
            }
        }
    }
}

fn down() -> StoreError {
    StoreError::Unavailable("a fault that the test asked for".into())
}

impl Faults for MemoryStore {
    fn inject(&self, fault: Fault, times: usize) {
        let mut inner = self.lock();
        (0..times).for_each(|_| inner.planned.push_back(Planned::Fault(fault)));
    }

    fn lose_acknowledgement_then(&self, between: Between) {
        self.lock().planned.push_back(Planned::LostThen(between));
    }
}

#[async_trait]
impl Orders for MemoryStore {
    async fn load(&self, id: OrderId) -> Result<Option<Stored>, StoreError> {
        let stored = self.call(|world| world.orders.get(&id).map(|entry| entry.stored.clone()))?;
        Ok(stored.map(|stored| Stored { person: stored.person.map(|person| person.as_of(&stored.order)), ..stored }))
    }

    async fn state(&self, id: OrderId) -> Result<Option<Order>, StoreError> {
        self.call(|world| world.orders.get(&id).map(|entry| entry.stored.order.clone()))
    }

    async fn commit(&self, commit: &Commit) -> Result<(), CommitError> {
        self.lock().commits += 1;
        if commit.items() > MAX_ITEMS {
            return Err(StoreError::Damaged(format!("{} items do not fit one transaction", commit.items())).into());
        }
        let mut unsure = false;
        for _ in 0..ATTEMPTS {
            let planned = self.lock().planned.pop_front();
            match planned {
                Some(Planned::Fault(Fault::Unavailable)) => return Err(down().into()),
                Some(Planned::Fault(Fault::Conflict | Fault::Throttle)) => {}
                Some(Planned::Fault(Fault::LostAcknowledgement)) => {
                    // Whatever it came to, nobody is told.
                    let _ = self.lock().world.apply(commit, unsure);
                    return Err(down().into());
                }
                Some(Planned::LostThen(between)) => {
                    let _ = self.lock().world.apply(commit, unsure);
                    unsure = true;
                    between.await;
                }
                None => return self.lock().world.apply(commit, unsure),
            }
        }
        Err(if unsure { down().into() } else { CommitError::Contended })
    }

    async fn command(&self, id: OrderId, key: &CommandKey) -> Result<Option<CommandRecord>, StoreError> {
        self.call(|world| world.orders.get(&id).and_then(|entry| entry.commands.get(key).cloned()))
    }

    async fn list(&self, query: &ListQuery) -> Result<Listing, StoreError> {
        self.call(|world| world.list(query))
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<OrderId>, StoreError> {
        self.call(|world| world.due(now, limit))
    }

    async fn cart_claim(&self, user: &UserId, cart: &str, now: Timestamp) -> Result<Option<OrderId>, StoreError> {
        self.call(|world| {
            let (order_id, until) = world.carts.get(&(user.clone(), cart.to_owned()))?;
            (until.as_millisecond() > now.as_millisecond()).then_some(*order_id)
        })
    }

    async fn used(&self, counters: &[UsageCounter]) -> Result<Vec<u32>, StoreError> {
        let used = |world: &World, counter| world.counters.get(counter).copied().unwrap_or_default().max(0);
        self.call(|world| {
            counters.iter().map(|counter| u32::try_from(used(world, counter)).unwrap_or(u32::MAX)).collect()
        })
    }

    async fn numbered(&self, number: &OrderNumber) -> Result<Vec<OrderId>, StoreError> {
        self.call(|world| {
            let found = world.orders.keys().copied().filter(|id| id.number() == *number);
            found.take(MAX_NUMBERED).collect()
        })
    }

    async fn shipments(&self, query: &ShipmentQuery) -> Result<ShipmentListing, StoreError> {
        self.call(|world| world.shipments(query))
    }

    async fn events(&self, id: OrderId) -> Result<Vec<Sealed>, StoreError> {
        self.call(|world| world.orders.get(&id).map(|entry| entry.events.clone()).unwrap_or_default())
    }
}

#[async_trait]
impl Catalog for MemoryStore {
    async fn quote(&self, ids: &[ProductId]) -> Result<(Vec<Product>, RateSchedule), StoreError> {
        self.call(|world| {
            let wanted = world.products.values().filter(|product| ids.contains(&product.id));
            (wanted.cloned().collect(), world.schedule())
        })
    }

    async fn product(&self, id: ProductId) -> Result<Option<Product>, StoreError> {
        self.call(|world| world.products.get(&id).cloned())
    }

    async fn page(&self, after: Option<&str>, limit: usize) -> Result<ProductPage, StoreError> {
        self.call(|world| {
            let place = |product: &Product| format!("{}#{}", product.name.to_lowercase(), product.id);
            let active = world.products.values().filter(|product| product.active);
            let mut found: Vec<(String, &Product)> = active.map(|product| (place(product), product)).collect();
            found.retain(|(place, _)| after.is_none_or(|after| place.as_str() > after));
            found.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
            let more = found.len() > limit;
            found.truncate(limit);
            let next = found.last().filter(|_| more).map(|(place, _)| place.clone());
            ProductPage { products: found.into_iter().map(|(_, product)| product.clone()).collect(), next }
        })
    }

    async fn add(&self, product: &Product) -> Result<bool, StoreError> {
        self.call(|world| {
            let free = !world.products.contains_key(&product.id);
            world.products.entry(product.id).or_insert_with(|| product.clone());
            free
        })
    }

    async fn set_rates(&self, rates: &Rates) -> Result<(), StoreError> {
        self.call(|world| world.set_up(rates.clone()))
    }
}

#[async_trait]
impl OrderCounts for MemoryStore {
    async fn count(&self, status: Status, created_before: Option<Timestamp>) -> Result<OrderCount, StoreError> {
        self.call(|world| {
            let there = world.orders.values().map(|entry| &entry.stored.order).filter(|order| order.status == status);
            let counted = there.filter(|order| created_before.is_none_or(|before| order.created_at < before));
            OrderCount { orders: counted.count() as u64, complete: true }
        })
    }
}

#[async_trait]
impl Customers for MemoryStore {
    async fn standings(&self, user: &UserId, limit: usize) -> Result<Vec<Standing>, StoreError> {
        self.call(|world| world.standings.get(user).into_iter().flatten().rev().take(limit).cloned().collect())
    }

    async fn decide(&self, user: &UserId, standing: &Standing) -> Result<(), StoreError> {
        self.call(|world| world.standings.entry(user.clone()).or_default().push(standing.clone()))
    }
}

#[async_trait]
impl Allowances for MemoryStore {
    async fn count(
        &self,
        whose: &Counted,
        allowance: Allowance,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.call(|world| {
            let until = world.exhausted(whose, allowance, now);
            if until.is_none() {
                world.count(whose, allowance, now);
            }
            until
        })
    }

    async fn exhausted(
        &self,
        whose: &Counted,
        allowance: Allowance,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.call(|world| world.exhausted(whose, allowance, now))
    }

    async fn open_orders(&self, user: &UserId) -> Result<Vec<OrderId>, StoreError> {
        self.call(|world| world.open_orders.get(user).into_iter().flatten().copied().collect())
    }
}

#[async_trait]
impl Notices for MemoryStore {
    async fn begin(&self, notice: &Notice, _now: Timestamp) -> Result<Claim, StoreError> {
        self.call(|world| match world.notices.get(notice) {
            Some(true) => Claim::Done,
            Some(false) => Claim::Unfinished,
            None => {
                world.notices.insert(*notice, false);
                Claim::Fresh
            }
        })
    }

    async fn finish(&self, notice: &Notice, _now: Timestamp) -> Result<(), StoreError> {
        self.call(|world| {
            world.notices.insert(*notice, true);
        })
    }
}
