//! The stream of stored events, shard by shard, and the schedule.

use oms_domain::chain::Sealed;
use oms_domain::ids::OrderId;
use serde_json::{Value, json};

use crate::cloud::{invoke, off_until};
use crate::exec::{MINUTE, Millis, SECOND};
use crate::planted::Bug;
use crate::weather::Fault;
use crate::world::World;

const SHARDS: usize = 2;

/// Most records of one delivery.
const BATCH: usize = 10;

/// How often a batch is tried again before it is set aside, as the template says.
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

impl World {
    async fn read_shard(&self, shard: usize) {
        let (mut place, mut tries) = (0, 0_u32);
        loop {
            if let Some(until) = off_until(self, "relay") {
                self.sim.sleep(until - self.sim.now()).await;
                continue;
            }
            let news = self.store.journal_from(place);
            let own = news.iter().enumerate().filter(|(_, (id, _))| shard_of(*id) == shard);
            let batch: Vec<(usize, &(OrderId, Sealed))> = own.take(BATCH).collect();
            let Some((last, _)) = batch.last() else {
                place += news.len();
                self.committed.wait(&self.sim, 24 * 60 * MINUTE).await;
                continue;
            };
            for (_, (id, sealed)) in &batch {
                self.saw(*id, sealed.version);
            }
            let (first, behind) = (place, place + last + 1);
            let records: Vec<Value> = batch.iter().map(|(offset, stored)| record(first + offset, stored)).collect();
            let answer = invoke(self, "relay", json!({"Records": records})).await;
            place = match &answer {
                Some(Ok(_)) if self.has(Bug::RelayIgnoresFailures) => behind,
                None if self.has(Bug::RelayCrashTakenForDone) => behind,
                Some(Ok(answer)) => first_failure(answer).unwrap_or(behind),
                Some(Err(_)) | None => first,
            };
            if place != behind && tries == RETRIES {
                self.note(|| format!("shard {shard}: records {place} to {behind} are set aside"));
                for (offset, (id, _)) in batch.iter().filter(|(offset, _)| first + offset >= place) {
                    self.topic.set_aside(first + offset, *id);
                }
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
}

/// The operator reads what was set aside from the stream again, and gives it to the relay.
pub(crate) async fn redrive(world: World) {
    for place in world.topic.take_aside() {
        let stored = world.store.journal_from(place).into_iter().next();
        let Some(stored) = stored else { continue };
        let event = json!({"Records": [record(place, &stored)]});
        let answer = invoke(&world, "relay", event).await;
        let done = matches!(&answer, Some(Ok(answer)) if first_failure(answer).is_none());
        if !done {
            world.topic.set_aside(place, stored.0);
        }
    }
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
pub(crate) async fn keep_time(world: World) {
    let period = PERIODS[usize::try_from(world.weather.lot(4)).unwrap_or_default()] * MINUTE;
    loop {
        world.sim.sleep(period).await;
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
