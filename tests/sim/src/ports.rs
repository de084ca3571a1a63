//! The ports as a process meets them: every call takes time, others run meanwhile, and any call may go wrong or be the
//! last that the process makes.

use std::collections::HashMap;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use oms_app::ports::{
    Agenda, AlertMark, Allowance, Allowances, Catalog, CheckoutSession, Circuit, Circuits, Claim, Clock, CommandKey,
    CommandRecord, Commit, CommitError, Counted, EditError, EventBus, FollowUp, FollowUps, Inventory, ListQuery,
    Listing, Marker, Message, Messenger, Move, MoveError, MovementPage, NoteError, Notice, Notices, Orders, Outbox,
    ParcelKey, ParcelRecord, Parcels, ProductEntry, ProductPage, PublishError, RateSchedule, Rates, SendError,
    ShipmentListing, ShipmentQuery, StoreError, Stored, Unmatched, UnmatchedKey, UsageCounter,
};
use oms_domain::catalog::movement::Movement;
use oms_domain::catalog::stock::Stock;
use oms_domain::catalog::{Edit, Product};
use oms_domain::chain::Sealed;
use oms_domain::fulfilment::journey::Journey;
use oms_domain::fulfilment::label::LabelFailure;
use oms_domain::ids::{OrderId, OrderNumber, PaymentId, ProductId, SellerId, UserId};
use oms_domain::messaging::Channel;
use oms_domain::ordering::{Event, LabelEvent, Order, Record};
use oms_domain::public_event::CloudEvent;
use oms_testkit::{Fault as StoreFault, Faults as _};

use crate::exec::Millis;
use crate::planted::{Bug, misread, miswrite};
use crate::provider;
use crate::queue::publish;
use crate::terms::facts;
use crate::weather::Fault;
use crate::world::World;

/// How often the adapter tries a write that others keep from happening.
const ATTEMPTS: usize = 8;

/// A clock that is wrong by as much as its machine's.
pub(crate) struct SkewedClock {
    pub(crate) world: World,
    pub(crate) skew: Millis,
}

impl Clock for SkewedClock {
    fn now(&self) -> Timestamp {
        self.world.sim.time() + SignedDuration::from_millis(self.skew)
    }
}

/// All ports of one process of a function.
#[derive(Clone)]
pub(crate) struct Ports(pub(crate) World, pub(crate) &'static str);

fn down() -> StoreError {
    StoreError::Unavailable("trouble".into())
}

impl Ports {
    fn without_offers(&self, due: Vec<OrderId>) -> Vec<OrderId> {
        let offers = self.0.store.all_orders().into_iter().filter(|order| order.offer.is_some());
        let offers: Vec<OrderId> = offers.map(|order| order.id).collect();
        due.into_iter().filter(|id| !offers.contains(id)).collect()
    }

    /// Others may run; the process may die.
    pub(crate) async fn step(&self) {
        let world = &self.0;
        let stalls = world.strikes(Fault::Stall);
        let most: u64 = if stalls { 25_000 } else { 20 };
        world.sim.sleep(1 + i64::try_from(world.weather.lot(most)).unwrap_or_default()).await;
        self.may_die().await;
    }

    async fn may_die(&self) {
        if self.0.strikes(Fault::Crash) {
            self.0.sim.die().await;
        }
    }

    pub(crate) async fn around<T>(&self, call: impl Future<Output = T> + Send) -> T {
        self.step().await;
        let answer = call.await;
        if self.0.weather.lot(4) == 0 {
            self.step().await;
        } else {
            self.may_die().await;
        }
        answer
    }

    async fn read<T>(&self, call: impl Future<Output = Result<T, StoreError>> + Send) -> Result<T, StoreError> {
        if self.0.strikes(Fault::Unavailable) {
            self.step().await;
            return Err(down());
        }
        self.around(call).await
    }

    /// A write that is done for sure, not done, or done without telling.
    async fn write<T>(&self, call: impl Future<Output = Result<T, StoreError>> + Send) -> Result<T, StoreError> {
        let answer = self.read(call).await?;
        if self.0.strikes(Fault::LostAcknowledgement) { Err(down()) } else { Ok(answer) }
    }

    /// Plans what the next write of the store meets.
    fn disturb(&self) {
        let (world, store) = (&self.0, &self.0.store);
        let mut conflicts = 0;
        while conflicts < ATTEMPTS && world.strikes(Fault::Conflict) {
            conflicts += 1;
        }
        store.inject(StoreFault::Conflict, conflicts);
        if conflicts < ATTEMPTS && world.strikes(Fault::LostAcknowledgement) {
            if world.weather.lot(3) == 0 {
                store.fail_next(StoreFault::LostAcknowledgement);
            } else {
                let ports = self.clone();
                store.lose_acknowledgement_then(Box::pin(async move {
                    ports.0.committed.ring();
                    ports.step().await;
                }));
            }
        }
    }

    /// Those whose time was up within the last minute.
    fn just_due(&self, due: Vec<OrderId>, now: Timestamp) -> Vec<OrderId> {
        let a_minute_ago = now - SignedDuration::from_mins(1);
        let just = |id: &OrderId| {
            let deadline = self.0.store.order_now(*id).reservation_expires_at;
            deadline.is_some_and(|deadline| deadline >= a_minute_ago)
        };
        due.into_iter().filter(just).collect()
    }
}

#[async_trait]
impl Parcels for Ports {
    async fn parcels(&self, keys: &[ParcelKey]) -> Result<Vec<ParcelRecord>, StoreError> {
        let mut found = self.read(self.0.store.parcels(keys)).await?;
        if self.0.has(Bug::OnlyTheLastHears) {
            for record in &mut found {
                let last = record.owners.iter().max_by_key(|owner| (owner.since, owner.shipment)).copied();
                record.owners = last.into_iter().collect();
            }
        }
        if self.0.has(Bug::EarlierScansForgotten) {
            for record in &mut found {
                record.journey = Journey::default();
            }
        }
        Ok(found)
    }

    async fn note(&self, record: &ParcelRecord) -> Result<(), NoteError> {
        self.step().await;
        if self.0.strikes(Fault::Unavailable) {
            return Err(down().into());
        }
        let mut noted = record.clone();
        if self.0.has(Bug::ScansOverwritten)
            && let Some(stored) = self.0.store.parcels(std::slice::from_ref(&record.key)).await?.pop()
        {
            noted.version = stored.version;
        }
        let answer = self.0.store.note(&noted).await;
        self.may_die().await;
        answer
    }
}

#[async_trait]
impl Orders for Ports {
    async fn load(&self, id: OrderId) -> Result<Option<Stored>, StoreError> {
        let found = self.read(self.0.store.load(id)).await?;
        Ok(found.map(|stored| misread(&self.0, self.1, stored)))
    }

    async fn state(&self, id: OrderId) -> Result<Option<Order>, StoreError> {
        self.read(self.0.store.state(id)).await
    }

    async fn commit(&self, commit: &Commit) -> Result<(), CommitError> {
        self.step().await;
        let world = &self.0;
        if world.strikes(Fault::Unavailable) {
            return if world.has(Bug::FailureTakenForSuccess) { Ok(()) } else { Err(down().into()) };
        }
        if world.has(Bug::PublishedBeforeCommit) {
            publish_all(world, commit);
        }
        let Some(commit) = miswrite(world, commit) else { return Ok(()) };
        self.disturb();
        world.remember(facts(world, &commit));
        let answer = world.store.commit(&commit).await;
        world.remember(facts(world, &commit));
        self.0.committed.ring();
        self.may_die().await;
        if self.0.weather.lot(4) == 0 {
            self.step().await;
        }
        answer
    }

    async fn command(&self, id: OrderId, key: &CommandKey) -> Result<Option<CommandRecord>, StoreError> {
        self.read(self.0.store.command(id, key)).await
    }

    async fn list(&self, query: &ListQuery) -> Result<Listing, StoreError> {
        self.read(self.0.store.list(query)).await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<OrderId>, StoreError> {
        let due = self.read(self.0.store.due(now, limit)).await?;
        let before = self.0.last_due(due.clone());
        Ok(match self.0.strikes(Fault::StaleIndex) {
            _ if self.0.has(Bug::HoldNeverEnds) => Vec::new(),
            _ if self.0.has(Bug::OfferNeverLapses) => self.without_offers(due),
            _ if self.0.has(Bug::SweepForgetsWhatItMissed) => self.just_due(due, now),
            true => before,
            false => due,
        })
    }

    async fn cart_claim(&self, user: &UserId, cart: &str, now: Timestamp) -> Result<Option<OrderId>, StoreError> {
        self.read(self.0.store.cart_claim(user, cart, now)).await
    }

    async fn used(&self, counters: &[UsageCounter]) -> Result<Vec<u32>, StoreError> {
        self.read(self.0.store.used(counters)).await
    }

    async fn numbered(&self, number: &OrderNumber) -> Result<Vec<OrderId>, StoreError> {
        let newest = self.0.store.all_orders().last().map(|order| order.id);
        let found = self.read(self.0.store.numbered(number)).await?;
        Ok(if self.0.has(Bug::NumberNotAskedFor) { newest.into_iter().collect() } else { found })
    }

    async fn shipments(&self, query: &ShipmentQuery) -> Result<ShipmentListing, StoreError> {
        self.read(self.0.store.shipments(query)).await
    }

    async fn events(&self, id: OrderId) -> Result<Vec<Sealed>, StoreError> {
        let events = self.read(self.0.store.events(id)).await?;
        Ok(if self.0.has(Bug::BoughtAgainByItself) && self.1 == "fulfil-order" {
            without_voids(events)
        } else {
            events
        })
    }
}

/// As one reads them who takes no label for none that was ever wanted.
fn without_voids(events: Vec<Sealed>) -> Vec<Sealed> {
    let misread = |sealed: Sealed| {
        let Ok(mut record) = serde_json::from_str::<Record>(&sealed.body) else { return sealed };
        if let Event::Label(LabelEvent::OrderLabelVoided { shipment, label_id }) = record.event {
            let reason = LabelFailure::Unavailable;
            record.event = LabelEvent::OrderLabelFailed { shipment, label_id, reason }.into();
        }
        Sealed { body: serde_json::to_string(&record).unwrap_or_default(), ..sealed }
    };
    events.into_iter().map(misread).collect()
}

#[async_trait]
impl Allowances for Ports {
    async fn count(
        &self,
        whose: &Counted,
        allowance: Allowance,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        if self.0.has(Bug::RefusalsNotCounted) {
            return Ok(None);
        }
        self.write(self.0.store.count(whose, allowance, now)).await
    }

    async fn exhausted(
        &self,
        whose: &Counted,
        allowance: Allowance,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.read(self.0.store.exhausted(whose, allowance, now)).await
    }

    async fn open_orders(&self, user: &UserId) -> Result<Vec<OrderId>, StoreError> {
        self.read(self.0.store.open_orders(user)).await
    }
}

#[async_trait]
impl Catalog for Ports {
    async fn quote(&self, ids: &[ProductId]) -> Result<(Vec<Product>, RateSchedule), StoreError> {
        self.read(self.0.store.quote(ids)).await
    }

    async fn product(&self, id: ProductId) -> Result<Option<Product>, StoreError> {
        self.read(self.0.store.product(id)).await
    }

    async fn page(&self, after: Option<&str>, limit: usize) -> Result<ProductPage, StoreError> {
        self.read(Catalog::page(&self.0.store, after, limit)).await
    }

    async fn add(&self, product: &Product) -> Result<bool, StoreError> {
        self.write(self.0.store.add(product)).await
    }

    async fn set_rates(&self, rates: &Rates) -> Result<(), StoreError> {
        self.write(self.0.store.set_rates(rates)).await
    }
}

#[async_trait]
impl Inventory for Ports {
    async fn entry(&self, id: ProductId) -> Result<Option<ProductEntry>, StoreError> {
        self.read(self.0.store.entry(id)).await
    }

    async fn by_sku(&self, seller: &SellerId, sku: &str) -> Result<Option<ProductId>, StoreError> {
        self.read(self.0.store.by_sku(seller, sku)).await
    }

    async fn create(&self, entry: &ProductEntry, edit: &Edit, movement: Option<&Movement>) -> Result<(), EditError> {
        self.around(self.0.store.create(entry, edit, movement)).await
    }

    async fn edit(&self, before: &ProductEntry, after: &ProductEntry, edit: &Edit) -> Result<(), EditError> {
        self.around(self.0.store.edit(before, after, edit)).await
    }

    async fn move_stock(&self, wanted: &Move) -> Result<Movement, MoveError> {
        self.step().await;
        if self.0.strikes(Fault::Unavailable) {
            return Err(down().into());
        }
        if self.0.strikes(Fault::LostAcknowledgement) {
            self.0.store.fail_next(StoreFault::LostAcknowledgement);
        }
        let mut wanted = wanted.clone();
        wanted.key = wanted.key.filter(|_| !self.0.has(Bug::StockMovedTwice));
        let answer = self.0.store.move_stock(&wanted).await;
        self.may_die().await;
        answer
    }

    async fn set_counters(&self, id: ProductId, seen: &Stock, counted: &Stock) -> Result<bool, StoreError> {
        self.write(self.0.store.set_counters(id, seen, counted)).await
    }

    async fn movements(&self, id: ProductId, after: Option<&str>, limit: usize) -> Result<MovementPage, StoreError> {
        self.read(self.0.store.movements(id, after, limit)).await
    }

    async fn alert_mark(&self, id: ProductId) -> Result<AlertMark, StoreError> {
        self.read(self.0.store.alert_mark(id)).await
    }

    async fn set_alert_mark(&self, id: ProductId, before: AlertMark, after: AlertMark) -> Result<bool, StoreError> {
        self.write(self.0.store.set_alert_mark(id, before, after)).await
    }
}

#[async_trait]
impl FollowUps for Ports {
    async fn session(&self, order_id: OrderId, payment_id: PaymentId) -> Result<Option<CheckoutSession>, StoreError> {
        self.read(FollowUps::session(&self.0.store, order_id, payment_id)).await
    }

    async fn keep(&self, record: &CheckoutSession) -> Result<(), StoreError> {
        let mut record = record.clone();
        record.look_at = record.look_at.filter(|_| !self.0.has(Bug::PagesNotLookedAt));
        self.write(self.0.store.keep(&record)).await
    }

    async fn keep_unmatched(
        &self,
        unmatched: &Unmatched,
        look_at: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        if self.0.has(Bug::EarlyNewsDropped) {
            return Ok(());
        }
        self.write(self.0.store.keep_unmatched(unmatched, look_at, until)).await
    }

    async fn unmatched(&self, key: &UnmatchedKey) -> Result<Option<Unmatched>, StoreError> {
        self.read(self.0.store.unmatched(key)).await
    }

    async fn due_follow_ups(&self, agenda: Agenda, now: Timestamp, limit: usize) -> Result<Vec<FollowUp>, StoreError> {
        let mut tasks = self.read(self.0.store.due_follow_ups(agenda, now, limit)).await?;
        if !tasks.is_empty() && self.0.strikes(Fault::StaleIndex) {
            tasks.pop();
        }
        Ok(tasks)
    }

    async fn reschedule(&self, task: &FollowUp, at: Option<Timestamp>) -> Result<(), StoreError> {
        self.write(self.0.store.reschedule(task, at)).await
    }
}

#[async_trait]
impl Outbox for Ports {
    async fn published(&self, orders: &[OrderId]) -> Result<HashMap<OrderId, u64>, StoreError> {
        self.read(self.0.store.published(orders)).await
    }

    async fn mark(&self, markers: &[Marker]) -> Result<(), StoreError> {
        self.write(self.0.store.mark(markers)).await
    }

    async fn stored(&self, order_id: OrderId) -> Result<Vec<Sealed>, StoreError> {
        self.read(self.0.store.stored(order_id)).await
    }

    async fn unpublished(&self, now: Timestamp, limit: usize) -> Result<Vec<OrderId>, StoreError> {
        let mut waiting = self.read(self.0.store.unpublished(now, limit)).await?;
        if !waiting.is_empty() && self.0.strikes(Fault::StaleIndex) {
            waiting.pop();
        }
        Ok(waiting)
    }
}

#[async_trait]
impl Circuits for Ports {
    async fn circuit(&self, provider: &str) -> Result<Circuit, StoreError> {
        let mut circuit = self.read(self.0.store.circuit(provider)).await?;
        if self.0.has(Bug::CircuitStaysOpen) && circuit.open_until.is_some() {
            circuit.open_until = Some(Timestamp::MAX);
        }
        Ok(circuit)
    }

    async fn switch(&self, provider: &str, next: &Circuit) -> Result<bool, StoreError> {
        self.write(self.0.store.switch(provider, next)).await
    }
}

#[async_trait]
impl Notices for Ports {
    async fn begin(&self, notice: &Notice, now: Timestamp) -> Result<Claim, StoreError> {
        let claim = self.write(self.0.store.begin(notice, now)).await?;
        if self.0.has(Bug::MarkedBeforeSent) {
            self.finish(notice, now).await?;
        }
        Ok(if self.0.has(Bug::MarkNotAskedFor) { Claim::Fresh } else { claim })
    }

    async fn finish(&self, notice: &Notice, now: Timestamp) -> Result<(), StoreError> {
        if self.0.has(Bug::NeverMarked) {
            return Ok(());
        }
        let finish = async {
            let answer = self.0.store.finish(notice, now).await;
            self.0.mail().finished.insert(*notice);
            answer
        };
        self.write(finish).await
    }
}

#[async_trait]
impl Messenger for Ports {
    async fn send(&self, message: &Message) -> Result<(), SendError> {
        self.step().await;
        if self.0.has(Bug::SmsForgotten) && message.notice.channel == Channel::Sms {
            return Ok(());
        }
        let trouble = self.0.strikes(Fault::Messenger).then(|| self.0.weather.lot(3));
        match trouble {
            Some(0) => return Err(SendError::Transient("trouble".into())),
            Some(1) => {
                self.0.mail().refused.insert(message.notice);
                return Err(SendError::Permanent("there is no such address".into()));
            }
            Some(_) | None => {}
        }
        provider::leaves(&self.0, message);
        self.step().await;
        if trouble.is_some() { Err(SendError::Transient("the answer is lost".into())) } else { Ok(()) }
    }
}

#[async_trait]
impl EventBus for Ports {
    async fn publish(&self, events: &[CloudEvent]) -> Vec<Result<(), PublishError>> {
        self.step().await;
        if within(self.0.bank().topic_away, self.0.sim.now()) {
            return events.iter().map(|_| Err(PublishError("trouble".into()))).collect();
        }
        let mut answers = Vec::with_capacity(events.len());
        for event in events {
            let trouble = self.0.strikes(Fault::Publish).then(|| self.0.weather.lot(2));
            if trouble != Some(0) {
                publish(&self.0, event);
            }
            answers.push(if trouble.is_some() { Err(PublishError("trouble".into())) } else { Ok(()) });
        }
        self.may_die().await;
        answers
    }
}

pub(crate) fn within(window: Option<(Millis, Millis)>, now: Millis) -> bool {
    window.is_some_and(|(from, until)| (from..until).contains(&now))
}

fn publish_all(world: &World, commit: &Commit) {
    for event in &commit.change.events {
        if let Ok(record) = serde_json::from_str::<Record>(&event.body) {
            publish(world, &CloudEvent::of(commit.change.order.id, &record));
        }
    }
}
