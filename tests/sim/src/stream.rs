//! The stream of stored events, shard by shard, and the schedule.

use std::sync::Arc;

use futures::FutureExt as _;
use jiff::Timestamp;
use oms_app::platform::catch_up::CatchUp;
use oms_domain::chain::Sealed;
use oms_domain::ids::OrderId;
use oms_domain::ordering::Record;
use oms_domain::public_event::CloudEvent;
use oms_runtime::Failure;
use serde_json::{Value, json};

use crate::cloud::{invoke, off_until};
use crate::exec::{MINUTE, Millis, SECOND};
use crate::planted::Bug;
use crate::ports::SkewedClock;
use crate::queue::publish;
use crate::weather::Fault;
use crate::world::World;

const SHARDS: usize = 2;

/// Most records of one delivery.
const BATCH: u64 = 10;

/// A record overtakes fewer others than this.
const OVERTAKES: u64 = 4;

/// How often a batch is tried again before the stream gives it up, as the template says.
pub const RETRIES: u32 = 10;

/// Longest pause between two tries of a batch.
const LONGEST_PAUSE: Millis = MINUTE;

/// How often the schedule rings, in minutes: as the template says, or, in most stories, late.
const PERIODS: [Millis; 4] = [1, 3, 3, 3];

/// Reads the stream for ever.
pub(crate) fn start(world: &World) {
    for shard in 0..SHARDS {
        let here = world.clone();
        world.sim.spawn(async move { here.read_shard(shard).await });
    }
}

fn shard_of(id: OrderId) -> usize {
    id.to_string().bytes().map(usize::from).sum::<usize>() % SHARDS
}

/// What has arrived in a shard. The stream promises an order for each item only, and every event is an item.
#[derive(Default)]
struct Arrivals {
    /// How much of the journal has arrived.
    read: usize,
    records: Vec<(OrderId, Sealed)>,
}

impl Arrivals {
    /// Takes in what was written since, each event somewhere among the last that nobody has read yet.
    fn take_in(&mut self, world: &World, shard: usize, unread: usize) {
        let news = world.store.journal_from(self.read);
        self.read += news.len();
        for stored in news.into_iter().filter(|(id, _)| shard_of(*id) == shard) {
            let waiting = self.records.len().saturating_sub(unread);
            let overtakes = usize::try_from(world.weather.lot(OVERTAKES)).unwrap_or_default().min(waiting);
            self.records.insert(self.records.len() - overtakes, stored);
        }
    }
}

impl World {
    async fn read_shard(&self, shard: usize) {
        let (mut arrivals, mut place, mut tries) = (Arrivals::default(), 0, 0_u32);
        // What was delivered once has its place for good.
        let mut settled = 0;
        loop {
            if let Some(until) = off_until(self, "relay") {
                self.sim.sleep(until - self.sim.now()).await;
                continue;
            }
            arrivals.take_in(self, shard, settled);
            let size = 1 + usize::try_from(self.weather.lot(BATCH)).unwrap_or_default();
            let batch: Vec<&(OrderId, Sealed)> = arrivals.records.iter().skip(place).take(size).collect();
            if batch.is_empty() {
                self.committed.wait(&self.sim, 24 * 60 * MINUTE).await;
                continue;
            }
            for (id, sealed) in &batch {
                self.saw(*id, sealed.version);
            }
            let (first, behind) = (place, place + batch.len());
            settled = settled.max(behind);
            let records: Vec<Value> = (first..).zip(&batch).map(|(place, stored)| record(place, stored)).collect();
            let answer = self.relay(&batch, json!({"Records": records})).await;
            place = match &answer {
                Some(Ok(_)) if self.has(Bug::RelayIgnoresFailures) => behind,
                None if self.has(Bug::RelayCrashTakenForDone) => behind,
                Some(Ok(answer)) => first_failure(answer).unwrap_or(behind),
                Some(Err(_)) | None => first,
            };
            if place != behind && tries == RETRIES {
                self.note(|| format!("shard {shard}: records {place} to {behind} are given up"));
                self.bank().given_up = true;
                place = behind;
            }
            if place == behind {
                tries = 0;
                if self.strikes(Fault::DeliveredAgain) {
                    self.note(|| format!("shard {shard} is read again from {first}"));
                    place = first;
                }
            } else {
                let pause = (SECOND << tries.min(6)).min(LONGEST_PAUSE);
                tries += 1;
                self.sim.sleep(pause).await;
            }
        }
    }

    async fn relay(&self, batch: &[&(OrderId, Sealed)], event: Value) -> Option<Result<Value, Failure>> {
        if self.has(Bug::PublishedAsItComes) {
            for (id, sealed) in batch {
                if let Ok(record) = serde_json::from_str::<Record>(&sealed.body) {
                    publish(self, &CloudEvent::of(*id, &record));
                }
            }
            return Some(Ok(json!({"batchItemFailures": []})));
        }
        invoke(self, "relay", event).await
    }
}

/// Letters of the stream tell the operator that it gave something up. The operator has everything published whose marker is
/// behind: the letters name no order, and are old.
pub(crate) fn redrive(world: &World) {
    if !std::mem::take(&mut world.bank().given_up) {
        return;
    }
    let store = Arc::new(world.store.clone());
    let catch_up = CatchUp::new(store.clone(), store, Arc::new(SkewedClock { world: world.clone(), skew: 0 }));
    let found = catch_up.run(Timestamp::UNIX_EPOCH).now_or_never().expect("the memory answers at once");
    world.note(|| format!("the operator looks for orders that were not published: {found:?}"));
}

fn first_failure(answer: &Value) -> Option<usize> {
    let failures = answer["batchItemFailures"].as_array()?;
    failures.iter().filter_map(|failure| failure["itemIdentifier"].as_str()?.parse().ok()).min()
}

fn record(place: usize, (id, sealed): &(OrderId, Sealed)) -> Value {
    let keys = json!({"pk": {"S": format!("ORDER#{id}")}, "sk": {"S": format!("EVENT#{:010}", sealed.version)}});
    let mut image = keys.clone();
    image["body"] = json!({"S": sealed.body});
    json!({
        "eventID": place.to_string(), "eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 0, "Keys": keys, "NewImage": image, "SequenceNumber": place.to_string(),
            "SizeBytes": 1, "StreamViewType": "NEW_IMAGE",
        },
    })
}

/// Rings for ever; runs may overlap, and one that fails is not tried before the next.
/// Every so many minutes labels are settled.
const LABELS_EVERY: Millis = 5;

/// The same for parcels of which nothing was heard.
const PARCELS_EVERY: Millis = 15;

pub(crate) async fn keep_time(world: World) {
    let period = PERIODS[usize::try_from(world.weather.lot(4)).unwrap_or_default()] * MINUTE;
    loop {
        world.sim.sleep(period).await;
        if world.sim.now() / MINUTE % LABELS_EVERY == 0 {
            let here = world.clone();
            world.sim.spawn(async move {
                let event =
                    json!({"version": "0", "id": "tick", "detail-type": "Scheduled Event", "source": "aws.events"});
                let _ = invoke(&here, "settle-labels", event).await;
            });
        }
        if world.sim.now() / MINUTE % PARCELS_EVERY == 0 {
            let here = world.clone();
            world.sim.spawn(async move {
                let event =
                    json!({"version": "0", "id": "tick", "detail-type": "Scheduled Event", "source": "aws.events"});
                let _ = invoke(&here, "poll-parcels", event).await;
            });
        }
        if off_until(&world, "sweep").is_some() {
            continue;
        }
        let here = world.clone();
        world.sim.spawn(async move {
            let event = json!({"version": "0", "id": "tick", "detail-type": "Scheduled Event", "source": "aws.events"});
            let _ = invoke(&here, "sweep", event).await;
        });
    }
}
