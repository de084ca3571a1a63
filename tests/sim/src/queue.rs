//! Topic and FIFO queues as the template sets them up: filters, groups, visibility, tries, dead letters.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use oms_domain::ids::OrderId;
use oms_domain::public_event::CloudEvent;
use serde_json::{Value, json};

use crate::cloud::{invoke, off_until};
use crate::exec::{MINUTE, Millis, SECOND, Signal};
use crate::planted::Bug;
use crate::weather::Fault;
use crate::world::World;

/// A queue behind the topic. `tests/template.rs` holds these against the template.
#[derive(Debug)]
pub struct Spec {
    /// The function that reads it.
    pub package: &'static str,
    /// How long a message waits before it is delivered first, in seconds.
    pub delay_seconds: i64,
    /// How long a message that was delivered is not delivered again, in seconds.
    pub visibility_seconds: i64,
    /// How often a message is delivered before it is set aside.
    pub tries: u32,
    /// Most messages of one delivery.
    pub batch: usize,
    /// Which events it takes; `None` takes all that customers may hear of.
    pub kinds: &'static [&'static str],
}

/// All queues.
pub const QUEUES: [Spec; 5] = [
    Spec {
        package: "notify",
        delay_seconds: 0,
        visibility_seconds: 60,
        tries: 6,
        batch: 3,
        kinds: &[
            "order.submitted",
            "order.confirmed",
            "order.payment_confirmed",
            "order.payment_failed",
            "order.payment_processing",
            "order.payment_page_opened",
            "order.processing_started",
            "order.shipped",
            "order.tracking_changed",
            "order.out_for_delivery",
            "order.ready_for_pickup",
            "order.shipment_failed",
            "order.delivery_failed",
            "order.shipment_lost",
            "order.shipment_delivered",
            "order.delivered",
            "order.cancelled",
            "order.lines_cancelled",
            "order.changed",
            "order.change_offered",
            "order.change_lapsed",
            "order.return_requested",
            "order.return_denied",
            "order.returned",
            "order.return_opened",
            "order.return_approved",
            "order.return_declined",
            "order.return_received",
            "order.return_expired",
            "order.refund_initiated",
            "order.refund_completed",
        ],
    },
    Spec {
        package: "open-page",
        delay_seconds: 30,
        visibility_seconds: 300,
        tries: 5,
        batch: 1,
        kinds: &["order.payment_requested"],
    },
    Spec {
        package: "refund",
        delay_seconds: 0,
        visibility_seconds: 300,
        tries: 5,
        batch: 1,
        kinds: &["order.refund_initiated", "order.refund_reduced", "order.refund_failed"],
    },
    Spec {
        package: "screen-order",
        delay_seconds: 0,
        visibility_seconds: 60,
        tries: 6,
        batch: 10,
        kinds: &["order.submitted"],
    },
    Spec {
        package: "fulfil-order",
        delay_seconds: 0,
        visibility_seconds: 900,
        tries: 11,
        batch: 1,
        kinds: &[
            "order.confirmed",
            "order.payment_confirmed",
            "order.review_approved",
            "order.hold_released",
            "order.dispute_closed",
            "order.changed",
            "order.change_lapsed",
            "order.shipment_planned",
            "order.label_failed",
        ],
    },
];

/// For how long the topic drops what it has seen.
const DEDUPLICATION: Millis = 5 * MINUTE;

/// Deliveries of one queue side by side.
const SIDE_BY_SIDE: usize = 2;

#[derive(Debug, Clone)]
struct Letter {
    id: u64,
    group: String,
    body: String,
    visible_at: Millis,
    receives: u32,
    poison: bool,
}

#[derive(Debug, Default)]
struct Queue {
    letters: Vec<Letter>,
    dead: Vec<Letter>,
    /// Groups of which anything was ever set aside: what is driven again comes out of order.
    buried: BTreeSet<String>,
}

#[derive(Debug, Default)]
struct State {
    queues: [Queue; QUEUES.len()],
    seen: BTreeMap<String, Millis>,
    published: BTreeSet<String>,
    poisoned: usize,
    ids: u64,
    /// The newest version of each order that every subscriber has seen.
    newest: BTreeMap<OrderId, u64>,
}

/// The topic with its queues.
#[derive(Default)]
pub(crate) struct Topic {
    state: Mutex<State>,
    arrivals: [Signal; QUEUES.len()],
}

impl Topic {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The ids of all events that were ever published.
    pub(crate) fn published(&self) -> BTreeSet<String> {
        self.state().published.clone()
    }

    /// Orders of which anything on its way to customers was ever set aside.
    pub(crate) fn out_of_order(&self) -> BTreeSet<String> {
        let state = self.state();
        let queues = QUEUES.iter().zip(&state.queues).filter(|(spec, _)| spec.package == "notify");
        queues.flat_map(|(_, queue)| queue.buried.clone()).collect()
    }

    /// What waits in the queues, poison aside.
    pub(crate) fn waiting(&self) -> Vec<String> {
        let state = self.state();
        let waiting = QUEUES.iter().zip(&state.queues).flat_map(|(spec, queue)| {
            let letters = queue.letters.iter().filter(|letter| !letter.poison);
            letters.map(move |letter| format!("{}: {}", spec.package, letter.body))
        });
        waiting.collect()
    }

    /// What was set aside that is no poison, and how much poison was not.
    pub(crate) fn misplaced(&self) -> (Vec<String>, usize) {
        let state = self.state();
        let dead = QUEUES.iter().zip(&state.queues).flat_map(|(spec, queue)| {
            let letters = queue.dead.iter().filter(|letter| !letter.poison);
            letters.map(move |letter| format!("{}: {}", spec.package, letter.body))
        });
        let dead = dead.collect();
        let buried = state.queues.iter().flat_map(|queue| &queue.dead).filter(|letter| letter.poison).count();
        (dead, state.poisoned - buried)
    }
}

/// Publishes an event: each queue that wants it gets it once within five minutes.
pub(crate) fn publish(world: &World, event: &CloudEvent) {
    let now = world.sim.now();
    let mut state = world.topic.state();
    let seen = state.seen.get(&event.id).is_some_and(|at| now - at < DEDUPLICATION);
    if seen {
        return;
    }
    state.seen.insert(event.id.clone(), now);
    if state.published.insert(event.id.clone()) {
        let before = state.newest.insert(event.subject, event.data.version).unwrap_or_default();
        if event.data.version != before + 1 {
            world.wrong(format!("10 published in order: {} after version {before}", event.id));
        }
    }
    let kind = event.data.fact.name();
    world.note(|| format!("published {} {kind}", event.id));
    let body = serde_json::to_string(event).expect("events are JSON");
    for (place, spec) in QUEUES.iter().enumerate().filter(|(_, spec)| spec.kinds.contains(&kind)) {
        let late = world.strikes(Fault::DeliveredLate);
        let late = if late { i64::try_from(world.weather.lot(120)).unwrap_or_default() } else { 0 };
        let visible_at = now + (spec.delay_seconds + late) * SECOND;
        if spec.package == "fulfil-order" && kind == "order.hold_released" && world.has(Bug::ReleaseNotFollowed) {
            continue;
        }
        if spec.package == "refund" && world.strikes(Fault::Forgotten) {
            world.note(|| format!("refund: the queue forgets {}", event.id));
            world.bank().forgotten = true;
            continue;
        }
        state.add(
            place,
            Letter {
                id: 0,
                group: event.subject.to_string(),
                body: body.clone(),
                visible_at,
                receives: 0,
                poison: false,
            },
        );
        world.topic.arrivals[place].ring();
    }
}

/// Somebody puts something into a queue that is no event, in the way of an order's own messages or beside them.
pub(crate) fn poison(world: &World, place: usize, group: &str) {
    let mut state = world.topic.state();
    state.poisoned += 1;
    let visible_at = world.sim.now();
    let (group, body) = (group.to_owned(), "{\"specversion\":".to_owned());
    state.add(place, Letter { id: 0, group, body, visible_at, receives: 0, poison: true });
    world.topic.arrivals[place].ring();
    world.note(|| format!("poison in the queue of {}", QUEUES[place].package));
}

/// The operator moves all dead letters back that are events.
pub(crate) fn redrive(world: &World) {
    let mut state = world.topic.state();
    let now = world.sim.now();
    for (place, queue) in state.queues.iter_mut().enumerate() {
        let (poison, mut events): (Vec<Letter>, Vec<Letter>) = queue.dead.drain(..).partition(|letter| letter.poison);
        queue.dead = poison;
        for letter in &mut events {
            (letter.receives, letter.visible_at) = (0, now);
            world.note(|| format!("{}: dead letter is driven again", QUEUES[place].package));
        }
        queue.letters.append(&mut events);
        world.topic.arrivals[place].ring();
    }
}

impl State {
    fn add(&mut self, place: usize, letter: Letter) {
        self.ids += 1;
        self.queues[place].letters.push(Letter { id: self.ids, ..letter });
    }

    /// What may be delivered now, and when to look again if nothing is.
    fn take(&mut self, place: usize, now: Millis, overtake: bool) -> (Vec<Letter>, Option<Millis>) {
        let (spec, queue) = (&QUEUES[place], &mut self.queues[place]);
        let exhausted = |letter: &mut Letter| letter.visible_at <= now && letter.receives >= spec.tries;
        queue.dead.extend(queue.letters.extract_if(.., exhausted));
        queue.buried.extend(queue.dead.iter().map(|letter| letter.group.clone()));
        let (mut taken, mut blocked, mut next) = (Vec::new(), BTreeSet::new(), None);
        for letter in &mut queue.letters {
            if letter.visible_at > now {
                next = Some(next.map_or(letter.visible_at, |next: Millis| next.min(letter.visible_at)));
                blocked.insert(letter.group.clone());
            } else if taken.len() < spec.batch && (overtake || !blocked.contains(&letter.group)) {
                letter.visible_at = now + spec.visibility_seconds * SECOND;
                letter.receives += 1;
                taken.push(letter.clone());
            } else {
                blocked.insert(letter.group.clone());
            }
        }
        (taken, next)
    }

    fn delete(&mut self, place: usize, id: u64) {
        self.queues[place].letters.retain(|letter| letter.id != id);
    }
}

/// Reads all queues for ever.
pub(crate) fn start(world: &World) {
    for place in 0..QUEUES.len() {
        for _ in 0..SIDE_BY_SIDE {
            let here = world.clone();
            world.sim.spawn(async move { here.read_queue(place).await });
        }
    }
}

impl World {
    async fn read_queue(&self, place: usize) {
        loop {
            if let Some(until) = off_until(self, QUEUES[place].package) {
                self.sim.sleep(until - self.sim.now()).await;
                continue;
            }
            let now = self.sim.now();
            let overtake = self.has(Bug::GroupsOvertake);
            let (letters, next) = self.topic.state().take(place, now, overtake);
            if self.has(Bug::NoDeadLetters) {
                self.topic.state().queues[place].dead.clear();
            }
            if letters.is_empty() {
                let wait = next.map_or(24 * 60 * MINUTE, |next| next - now);
                self.topic.arrivals[place].wait(&self.sim, wait).await;
                continue;
            }
            self.deliver(place, &letters).await;
        }
    }

    async fn deliver(&self, place: usize, letters: &[Letter]) {
        let records: Vec<Value> = letters.iter().map(record).collect();
        let answer = invoke(self, QUEUES[place].package, json!({"Records": records})).await;
        let answer = match answer {
            Some(Ok(answer)) => answer,
            Some(Err(_)) | None if self.has(Bug::QueueDeletesAfterCrash) => json!({}),
            Some(Err(_)) | None => return,
        };
        let failures = answer["batchItemFailures"].as_array().cloned().unwrap_or_default();
        let failed: BTreeSet<String> =
            failures.iter().filter_map(|failure| failure["itemIdentifier"].as_str().map(ToOwned::to_owned)).collect();
        for letter in letters {
            let deleted = self.has(Bug::QueueDeletesFailures) || (self.has(Bug::PoisonDeleted) && letter.poison);
            if failed.contains(&letter.id.to_string()) && !deleted {
                self.note(|| format!("{}: try {} failed", QUEUES[place].package, letter.receives));
            } else if !self.strikes(Fault::DeliveredAgain) {
                self.topic.state().delete(place, letter.id);
            }
        }
    }
}

fn record(letter: &Letter) -> Value {
    json!({
        "messageId": letter.id.to_string(),
        "receiptHandle": "h",
        "body": letter.body,
        "attributes": {
            "ApproximateReceiveCount": letter.receives.to_string(),
            "MessageGroupId": letter.group,
        },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
    })
}
