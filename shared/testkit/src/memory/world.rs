//! What the memory store holds, and how it is listed.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use jiff::Timestamp;
use oms_app::ports::{
    Act, AlertMark, Allowance, CheckoutSession, Circuit, CommandKey, CommandRecord, Counted, FollowUp, ListQuery,
    Listing, MAX_ACTS, Marker, Notice, ParcelKey, ParcelRecord, Position, Removed, SavedMethod, Scope, Setting,
    SettingRecord, ShipmentListing, ShipmentQuery, ShipmentRecord, Standing, Stored, Summary, Table, Unmatched,
    UnmatchedKey, UsageCounter, Versioned,
};
use oms_domain::catalog::movement::Movement;
use oms_domain::catalog::{Edit, Product, ProductDetail};
use oms_domain::chain::Sealed;
use oms_domain::fulfilment::ShipmentId;
use oms_domain::ids::{MethodId, OrderId, PaymentId, ProductId, SellerId, UserId};
use oms_domain::ordering::{Order, Status};

/// One order with everything under its key.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) stored: Stored,
    pub(super) events: Vec<Sealed>,
    pub(super) commands: BTreeMap<CommandKey, CommandRecord>,
}

/// What is kept beside the present tables.
#[derive(Debug, Clone, Default)]
pub(super) struct Past {
    /// Who made the versions, oldest first.
    pub(super) records: BTreeMap<Table, Vec<SettingRecord>>,
    pub(super) replaced: BTreeMap<(Table, u64), Setting>,
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
    pub(super) tables: BTreeMap<Table, Versioned>,
    pub(super) past: Past,
    pub(super) carts: HashMap<(UserId, String), (OrderId, Timestamp)>,
    pub(super) counters: HashMap<UsageCounter, i64>,
    /// Orders that wait for their payment.
    pub(super) open_orders: HashMap<UserId, BTreeSet<OrderId>>,
    /// Times of acts, newest first.
    pub(super) acts: HashMap<(Counted, Act), VecDeque<Timestamp>>,
    /// Decisions about customers, oldest first.
    pub(super) standings: HashMap<UserId, Vec<Standing>>,
    pub(super) methods: BTreeMap<(UserId, MethodId), SavedMethod>,
    /// What providers are to forget.
    pub(super) removed: BTreeMap<MethodId, Removed>,
    pub(super) pages: BTreeMap<(OrderId, PaymentId), CheckoutSession>,
    pub(super) parked: BTreeMap<UnmatchedKey, Unmatched>,
    pub(super) tasks: BTreeMap<FollowUp, Timestamp>,
    pub(super) circuits: HashMap<String, Circuit>,
    pub(super) markers: BTreeMap<OrderId, Marker>,
    pub(super) shipments: BTreeMap<ShipmentId, ShipmentRecord>,
    pub(super) parcels: BTreeMap<ParcelKey, ParcelRecord>,
    /// True once finished.
    pub(super) notices: HashMap<Notice, bool>,
}

/// Stored times have milliseconds.
fn millis(time: Timestamp) -> i64 {
    time.as_millisecond()
}

impl World {
    /// A page of shipments, the longest unmoved first.
    pub(super) fn shipments(&self, query: &ShipmentQuery) -> ShipmentListing {
        let moved = |record: &ShipmentRecord| record.moved_at.as_millisecond();
        let mut found: Vec<(String, &ShipmentRecord)> = self
            .shipments
            .values()
            .filter(|record| record.is_wanted(query))
            .filter(|record| query.from.is_none_or(|from| moved(record) >= from.as_millisecond()))
            .filter(|record| query.until.is_none_or(|until| moved(record) < until.as_millisecond()))
            .map(|record| (record.place(), record))
            .filter(|(place, _)| query.after.as_ref().is_none_or(|after| place > after))
            .collect();
        found.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
        let more = found.len() > query.limit;
        found.truncate(query.limit);
        let next = found.last().filter(|_| more).map(|(place, _)| place.clone());
        ShipmentListing { entries: found.into_iter().map(|(_, record)| record.clone()).collect(), next }
    }

    /// The entry under which everything of an order is kept.
    pub(super) fn entry_of(&mut self, order: &Order) -> &mut Entry {
        self.orders.entry(order.id).or_insert_with(|| Entry {
            stored: Stored { order: order.clone(), person: None, request: None },
            events: Vec::new(),
            commands: BTreeMap::new(),
        })
    }

    pub(super) fn keep(&mut self, page: &CheckoutSession) {
        let task = FollowUp::Checkout(page.order_id, page.payment_id);
        self.pages.insert((page.order_id, page.payment_id), page.clone());
        match page.look_at {
            Some(at) => self.tasks.insert(task, at),
            None => self.tasks.remove(&task),
        };
    }

    /// When a parcel is asked after.
    pub(super) fn remember(&mut self, parcel: &ParcelRecord) {
        let task = FollowUp::Parcel(parcel.key.clone());
        match parcel.look_at {
            Some(at) => self.tasks.insert(task, at),
            None => self.tasks.remove(&task),
        };
    }

    /// Until when an allowance is exhausted, if it is.
    pub(super) fn exhausted(&self, whose: &Counted, allowance: Allowance, now: Timestamp) -> Option<Timestamp> {
        let acts = self.acts.get(&(whose.clone(), allowance.act))?;
        let oldest = acts.get(usize::try_from(allowance.most).unwrap() - 1)?;
        Some(allowance.free_at(*oldest)).filter(|until| millis(*until) > millis(now))
    }

    pub(super) fn count(&mut self, whose: &Counted, allowance: Allowance, now: Timestamp) {
        let acts = self.acts.entry((whose.clone(), allowance.act)).or_default();
        acts.push_front(Timestamp::from_millisecond(millis(now)).unwrap());
        acts.truncate(usize::try_from(MAX_ACTS).unwrap());
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

    /// Orders past their deadline, the longest overdue first. As the index does, it knows drafts only that tell theirs.
    pub(super) fn due(&self, now: Timestamp, limit: usize) -> Vec<OrderId> {
        let orders = self.orders.values().map(|entry| &entry.stored.order);
        let indexed = orders.filter(|order| order.status != Status::Draft || order.draft.is_some());
        let mut due: Vec<(i64, OrderId)> = indexed
            .filter_map(|order| Some((millis(order.due_at()?), order.id)))
            .filter(|(deadline, _)| *deadline <= millis(now))
            .collect();
        due.sort_unstable();
        due.into_iter().take(limit).map(|(_, id)| id).collect()
    }
}
