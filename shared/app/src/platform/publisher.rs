//! Publishes events of orders in the order of their versions, whatever brings them: version n only after n-1.
//!
//! 1. How far an order was published is what this process remembers, or else what its marker says.
//! 2. What is in hand follows on that, or the missing events are read from the table. Nothing that is older than the marker
//!    is published.
//! 3. Publish in rounds: a round holds at most one event of each order, so one that fails lets no later one of its order
//!    overtake it and keeps no other order.
//! 4. Write the markers. An order that could not be published to its end is looked at again from the table ([`LOOK_AGAIN`]),
//!    should nothing else bring its events.
//!
//! A process that dies between publishing and marking publishes some events again; their ids tell.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use oms_domain::chain::Sealed;
use oms_domain::ids::OrderId;
use oms_domain::ordering::Record;
use oms_domain::public_event::CloudEvent;

use crate::ports::{Clock, EventBus, MAX_MARKERS, Marker, Outbox, StoreError};

/// Most events that the topic takes in one call.
pub const MAX_BATCH: usize = 10;

/// After so long an order whose events could not be published is published from the table.
pub const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(10);

/// What happened so long before an event cannot be on its way any more when the event comes: a stream keeps a day.
pub(crate) const STREAM_KEEPS: SignedDuration = SignedDuration::from_hours(24);

/// Most orders that one process remembers.
const MAX_REMEMBERED: usize = 10_000;

/// Orders whose events are read from the table side by side.
const READ_AT_ONCE: usize = 10;

/// What is to be published of one order.
#[derive(Debug)]
pub struct Wanted {
    pub order_id: OrderId,
    /// The events in hand, by version.
    pub in_hand: BTreeMap<u64, Record>,
    /// Up to which version at least; nothing for all that is stored.
    pub until: Option<u64>,
}

impl Wanted {
    /// All that is stored of an order.
    pub fn stored(order_id: OrderId) -> Self {
        Wanted { order_id, in_hand: BTreeMap::new(), until: None }
    }
}

/// How far the events of an order are published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Up to which version they are, and the marker says so.
    pub marked: u64,
    /// Whether that is all that is known of.
    pub whole: bool,
}

/// How far an order was published, and what its marker says.
#[derive(Debug, Clone, Copy)]
struct Known {
    published: u64,
    marked: Option<u64>,
}

/// What is left to do for one order.
struct Course {
    order_id: OrderId,
    known: Known,
    queue: VecDeque<CloudEvent>,
    /// The newest version that there is, also if it cannot be read.
    newest: u64,
    /// The topic has refused an event.
    stuck: bool,
}

/// Publishes events of orders. See the module.
pub struct Publisher {
    bus: Arc<dyn EventBus>,
    outbox: Arc<dyn Outbox>,
    clock: Arc<dyn Clock>,
    known: Mutex<HashMap<OrderId, Known>>,
}

impl Publisher {
    pub fn new(bus: Arc<dyn EventBus>, outbox: Arc<dyn Outbox>, clock: Arc<dyn Clock>) -> Self {
        Publisher { bus, outbox, clock, known: Mutex::default() }
    }

    /// Up to `limit` orders that wait for being published from the table.
    pub async fn waiting(&self, limit: usize) -> Result<Vec<OrderId>, StoreError> {
        self.outbox.unpublished(self.clock.now(), limit).await
    }

    /// Since when the oldest event of an order waits that is not published; nothing if none does that can be read.
    pub(crate) async fn waits_since(&self, order_id: OrderId) -> Result<Option<Timestamp>, StoreError> {
        let marker = self.outbox.published(&[order_id]).await?.get(&order_id).copied();
        let stored = self.outbox.stored(order_id).await?;
        let events: BTreeMap<u64, Record> =
            stored.iter().filter_map(read).map(|record| (record.version, record)).collect();
        let published = marker.unwrap_or_else(|| older_than_stream(&events, None));
        Ok(events.range(published + 1..).next().map(|(_, record)| record.at))
    }

    /// Publishes, and tells how far each order is. One of which nothing could be learnt or marked is left out.
    pub async fn publish(&self, wanted: Vec<Wanted>) -> HashMap<OrderId, Reached> {
        let mut courses = self.courses(wanted).await;
        self.rounds(&mut courses).await;
        self.mark(&courses).await
    }

    fn known(&self) -> MutexGuard<'_, HashMap<OrderId, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What this process remembers, if what is in hand follows on it: others may have published meanwhile.
    fn remembered(&self, wanted: &Wanted) -> Option<Known> {
        let known = *self.known().get(&wanted.order_id)?;
        let until = wanted.until?;
        (until <= known.published || wanted.in_hand.contains_key(&(known.published + 1))).then_some(known)
    }

    async fn courses(&self, wanted: Vec<Wanted>) -> Vec<Course> {
        let mut known: Vec<Option<Known>> = wanted.iter().map(|wanted| self.remembered(wanted)).collect();
        let unknown: Vec<usize> = (0..wanted.len()).filter(|place| known[*place].is_none()).collect();
        let mut lost = vec![false; wanted.len()];
        for places in unknown.chunks(MAX_MARKERS) {
            let orders: Vec<OrderId> = places.iter().map(|place| wanted[*place].order_id).collect();
            match self.outbox.published(&orders).await {
                Ok(markers) => places.iter().for_each(|place| {
                    let marker = markers.get(&wanted[*place].order_id);
                    known[*place] = marker.map(|marked| Known { published: *marked, marked: Some(*marked) });
                }),
                Err(error) => {
                    tracing::warn!(orders = orders.len(), %error, "markers could not be read");
                    for place in places {
                        lost[*place] = true;
                    }
                }
            }
        }
        let ready = wanted.into_iter().zip(known).zip(lost).filter(|(_, lost)| !lost);
        let mut ready: VecDeque<(Wanted, Option<Known>)> = ready.map(|(ready, _)| ready).collect();
        let mut courses = Vec::with_capacity(ready.len());
        while !ready.is_empty() {
            let together = ready.drain(..ready.len().min(READ_AT_ONCE));
            let begun = join_all(together.map(|(wanted, known)| self.course(wanted, known))).await;
            courses.extend(begun.into_iter().flatten());
        }
        courses
    }

    /// Nothing if the table does not answer.
    async fn course(&self, wanted: Wanted, known: Option<Known>) -> Option<Course> {
        let Wanted { order_id, mut in_hand, until } = wanted;
        // The first event of all follows on nothing.
        let known = known.or_else(|| in_hand.contains_key(&1).then_some(Known { published: 0, marked: None }));
        if let (Some(known), Some(until)) = (known, until)
            && (known.published + 1..=until).all(|version| in_hand.contains_key(&version))
        {
            return Some(Course::of(order_id, known, &in_hand, until));
        }
        let stored = match self.outbox.stored(order_id).await {
            Ok(stored) => stored,
            Err(error) => {
                tracing::warn!(%order_id, %error, "stored events could not be read");
                return None;
            }
        };
        let newest = stored.last().map_or(0, |sealed| sealed.version).max(until.unwrap_or_default());
        let first_in_hand = in_hand.values().next().map(|record| record.at);
        let records = stored.iter().filter_map(read);
        in_hand.extend(records.map(|record| (record.version, record)));
        let known =
            known.unwrap_or_else(|| Known { published: older_than_stream(&in_hand, first_in_hand), marked: None });
        Some(Course::of(order_id, known, &in_hand, newest))
    }

    async fn rounds(&self, courses: &mut [Course]) {
        // Each round shortens the queue of every order in it or takes the order out.
        loop {
            let round: Vec<usize> = (0..courses.len()).filter(|place| courses[*place].next().is_some()).collect();
            if round.is_empty() {
                return;
            }
            for batch in round.chunks(MAX_BATCH) {
                let events: Vec<CloudEvent> =
                    batch.iter().filter_map(|place| courses[*place].next().cloned()).collect();
                let answers = self.bus.publish(&events).await;
                for (index, (place, event)) in batch.iter().zip(&events).enumerate() {
                    let (event_id, correlation_id) = (&event.id, &event.correlationid);
                    if let Some(Ok(())) = answers.get(index) {
                        tracing::info!(event_id, correlation_id, kind = event.kind, "event was published");
                        courses[*place].advance();
                    } else {
                        let answer = answers.get(index);
                        tracing::warn!(event_id, correlation_id, ?answer, "event was not published");
                        courses[*place].stuck = true;
                    }
                }
            }
        }
    }

    async fn mark(&self, courses: &[Course]) -> HashMap<OrderId, Reached> {
        let again = self.clock.now() + LOOK_AGAIN;
        let due: Vec<Marker> = courses.iter().filter_map(|course| course.marker(again)).collect();
        let marked = if due.is_empty() { Ok(()) } else { self.outbox.mark(&due).await };
        if let Err(error) = &marked {
            tracing::warn!(orders = due.len(), %error, "markers could not be written");
        }
        let mut known = self.known();
        if known.len() + courses.len() > MAX_REMEMBERED {
            known.clear();
        }
        let mut done = HashMap::with_capacity(courses.len());
        for course in courses {
            let published = course.known.published;
            let written = course.marker(again).is_none() || marked.is_ok();
            let marked = if written { Some(published) } else { course.known.marked };
            known.insert(course.order_id, Known { published, marked });
            let whole = published >= course.newest;
            done.extend(marked.map(|marked| (course.order_id, Reached { marked, whole })));
        }
        done
    }
}

impl Course {
    /// From what was published to the newest version, as far as there is no gap.
    fn of(order_id: OrderId, known: Known, events: &BTreeMap<u64, Record>, newest: u64) -> Self {
        let there = (known.published + 1..=newest).map_while(|version| events.get(&version));
        let queue: VecDeque<CloudEvent> = there.map(|record| CloudEvent::of(order_id, record)).collect();
        let reached = queue.back().map_or(known.published, |event| event.data.version);
        if reached < newest {
            tracing::error!(%order_id, version = reached + 1, "stored event is missing or cannot be read");
        }
        Course { order_id, known, queue, newest, stuck: false }
    }

    fn next(&self) -> Option<&CloudEvent> {
        self.queue.front().filter(|_| !self.stuck)
    }

    fn advance(&mut self) {
        if let Some(event) = self.queue.pop_front() {
            self.known.published = event.data.version;
        }
    }

    /// What is to be written, if anything is.
    fn marker(&self, again: Timestamp) -> Option<Marker> {
        let behind = self.known.published < self.newest;
        let Known { published, marked } = self.known;
        (behind || marked != Some(published)).then_some(Marker {
            order_id: self.order_id,
            published,
            look_at: behind.then_some(again),
        })
    }
}

/// An event that can be read.
fn read(sealed: &Sealed) -> Option<Record> {
    serde_json::from_str(&sealed.body).ok()
}

/// An order of before there were markers: what happened a day before the event in hand was published then.
fn older_than_stream(events: &BTreeMap<u64, Record>, first_in_hand: Option<Timestamp>) -> u64 {
    let newest = || events.values().next_back().map(|record| record.at);
    let Some(since) = first_in_hand.or_else(newest).map(|at| at - STREAM_KEEPS) else { return 0 };
    events.values().rev().find(|record| record.at < since).map_or(0, |record| record.version)
}
