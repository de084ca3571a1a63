//! A carrier tells where parcels are (G6, G8).
//!
//! 1. The carrier's adapter proves the push, then reads it. A handshake is answered.
//! 2. Whose parcels are these? One round trip. Several shipments may travel in one box. Numbers that nobody knows are somebody else's: accounts are shared.
//! 3. What was told is taken into each parcel's journey, where the times of scans count and not when they come.
//! 4. The journey is noted, on condition that nobody noted anything meanwhile; otherwise the push is taken in once more.
//! 5. What all parcels of a shipment ask of it, each in the life that it has with it, becomes a step of the order: delivered, not handed over, come back, lost. A step that was
//!    taken is taken, and one that the order does not take any more is left to a person: the journey shows it.
//!
//! 6. What the customer wants to hear on the way (out for delivery, ready for pickup) becomes an event of the order once (ADR 41).
//!
//! The note comes before the step: of two pushes at once that tell of the last two parcels, the later note sees both. A process that
//! dies in between has the carrier push again. So does one that could not tell one of the shipments, after it told the others; what is known already is asked for its step all the same. Where a push is not signed
//! over its body, what ends a parcel's way is asked after at the carrier before it counts.

use std::collections::BTreeMap;
use std::sync::Arc;

use oms_domain::fulfilment::bare_number;
use oms_domain::fulfilment::journey::{Journey, demanded};
use oms_domain::fulfilment::scan::ParcelNews;

use super::hearing::{Failures, Hearing, bounded};
use super::trackers::Trackers;
use crate::error::Error;
use crate::ports::{
    CarrierError, Clock, Orders, Owner, ParcelKey, ParcelRecord, Parcels, Push, PushError, Tracker, TrackingRef,
};

/// Most parcels of one push; more are not sent by any carrier.
pub const MAX_PARCELS_OF_A_PUSH: usize = 100;

/// How often a push is taken in anew because others noted something meanwhile.
const MAX_ROUNDS: u32 = 8;

/// What came of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// Something of it was new.
    Noted,
    /// All of it was known, or is not about parcels of this shop.
    Ignored,
    /// The carrier asked whether we want its pushes.
    Accepted,
}

/// A push as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub carrier: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub correlation_id: String,
}

pub struct CarrierCallback {
    hearing: Hearing,
    trackers: Trackers,
}

impl CarrierCallback {
    pub fn new(orders: Arc<dyn Orders>, parcels: Arc<dyn Parcels>, trackers: Trackers, clock: Arc<dyn Clock>) -> Self {
        CarrierCallback { hearing: Hearing { orders, parcels, clock }, trackers }
    }

    pub async fn run(&self, request: &Request) -> Result<Taken, Error> {
        let carrier = self.trackers.get(&request.carrier).ok_or(Error::NotFound)?;
        let pushed = carrier.read_push(&request.headers, &request.body, self.hearing.clock.now()).await;
        let news = match pushed.map_err(unbelieved)? {
            Push::News(news) => news,
            Push::Ignored => return Ok(Taken::Ignored),
            Push::Handshake { subscription, secret } => {
                carrier.accept_push(&subscription, &secret).await.map_err(|error| away(&error))?;
                return Ok(Taken::Accepted);
            }
        };
        if news.len() > MAX_PARCELS_OF_A_PUSH {
            return Err(Error::Malformed(format!("a push tells of at most {MAX_PARCELS_OF_A_PUSH} parcels")));
        }
        let told = by_number(news);
        for _ in 0..MAX_ROUNDS {
            match self.take(carrier, &told, request).await {
                Err(Error::Contended) => {}
                taken => return taken,
            }
        }
        Err(Error::Contended)
    }

    async fn take(
        &self,
        carrier: &dyn Tracker,
        told: &BTreeMap<String, ParcelNews>,
        request: &Request,
    ) -> Result<Taken, Error> {
        let name = carrier.name().to_owned();
        let keys: Vec<_> =
            told.keys().map(|number| ParcelKey { carrier: name.clone(), number: number.clone() }).collect();
        let mut taken = Taken::Ignored;
        let mut failures = Failures::default();
        for record in self.hearing.parcels.parcels(&keys).await? {
            let Some(news) = told.get(&record.key.number).filter(|_| !record.owners.is_empty()) else { continue };
            let heard = self.hear(carrier, record, news, &request.correlation_id).await;
            failures.note(heard.map(|noted| taken = if noted { Taken::Noted } else { taken }));
        }
        failures.end().map(|()| taken)
    }

    /// Takes in what is told of one parcel; answers whether any of it was new.
    async fn hear(
        &self,
        carrier: &dyn Tracker,
        record: ParcelRecord,
        news: &ParcelNews,
        trace: &str,
    ) -> Result<bool, Error> {
        let mut journey = record.journey.clone();
        let noted = journey.take(&bounded(&news.scans), news.estimated_delivery);
        if noted {
            let ends = |owner: &&Owner| {
                let [was, is] = [&record.journey, &journey].map(|journey| journey.life(owner.since).status());
                was != is && demanded([is]).is_some()
            };
            let ending: Vec<Owner> = record.owners.iter().filter(ends).copied().collect();
            if !ending.is_empty() && !carrier.capabilities().signed_push {
                journey = self.asked_after(carrier, &record, ending).await?;
            }
            self.hearing.note(&record, &journey).await?;
        }
        self.hearing.move_shipments(&ParcelRecord { journey, ..record }, trace).await?;
        Ok(noted)
    }

    /// The journey as the carrier itself tells it, asked on behalf of shipments whose way is said to have ended.
    async fn asked_after(
        &self,
        carrier: &dyn Tracker,
        record: &ParcelRecord,
        ending: Vec<Owner>,
    ) -> Result<Journey, Error> {
        let questions = self.hearing.questions(&record.key, ending.into_iter()).await?;
        let questions: Vec<TrackingRef> = questions.into_iter().map(|(_, question)| question).collect();
        let mut journey = record.journey.clone();
        for together in questions.chunks(carrier.capabilities().track_at_once.max(1)) {
            for news in carrier.track(together).await.map_err(|error| away(&error))? {
                if bare_number(&news.tracking_number) == record.key.number {
                    journey.take(&bounded(&news.scans), news.estimated_delivery);
                }
            }
        }
        Ok(journey)
    }
}

/// What was told of each number, together.
fn by_number(news: Vec<ParcelNews>) -> BTreeMap<String, ParcelNews> {
    let mut told: BTreeMap<String, ParcelNews> = BTreeMap::new();
    for news in news {
        let number = bare_number(&news.tracking_number);
        match told.get_mut(&number) {
            Some(known) => {
                known.scans.extend(news.scans);
                known.estimated_delivery = news.estimated_delivery.or(known.estimated_delivery);
            }
            None => {
                told.insert(number, news);
            }
        }
    }
    told.retain(|number, _| !number.is_empty());
    told
}

fn unbelieved(error: PushError) -> Error {
    match error {
        PushError::Forged => Error::Signature(error.to_string()),
        PushError::Unreadable(why) => Error::Malformed(why),
    }
}

fn away(error: &CarrierError) -> Error {
    Error::ServiceUnavailable(error.to_string())
}
