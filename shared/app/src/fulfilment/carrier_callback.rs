//! A carrier tells where parcels are (G6, G8).
//!
//! 1. The carrier's adapter proves the push, then reads it. A handshake is answered.
//! 2. Whose parcels are these? One round trip. Numbers that nobody knows are somebody else's: accounts are shared.
//! 3. What was told is taken into each parcel's journey, where the times of scans count and not when they come.
//! 4. The journey is noted, on condition that nobody noted anything meanwhile; otherwise the push is taken in once more.
//! 5. What all parcels of a shipment ask of it becomes a step of the order: delivered, not handed over, come back, lost. A step that was
//!    taken is taken, and one that the order does not take any more is left to a person: the journey shows it.
//!
//! 6. What the customer wants to hear on the way (out for delivery, ready for pickup) becomes an event of the order once (ADR 41).
//!
//! The note comes before the step: of two pushes at once that tell of the last two parcels, the later note sees both. A process that
//! dies in between has the carrier push again, and what is known already is asked for its step all the same. Where a push is not signed
//! over its body, what ends a parcel's way is asked after at the carrier before it counts.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use oms_domain::fulfilment::bare_number;
use oms_domain::fulfilment::journey::{Journey, demanded};
use oms_domain::fulfilment::scan::ParcelNews;

use super::hearing::{Hearing, bounded};
use super::trackers::Trackers;
use crate::error::Error;
use crate::ports::{
    CarrierError, Clock, Orders, ParcelKey, ParcelRecord, Parcels, Push, PushError, Tracker, TrackingRef,
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
        for record in self.hearing.parcels.parcels(&keys).await? {
            let Some(news) = told.get(&record.key.number) else { continue };
            let mut journey = record.journey.clone();
            if journey.take(&bounded(&news.scans), news.estimated_delivery) {
                let ends = journey.status() != record.journey.status() && demanded([journey.status()]).is_some();
                if ends && !carrier.capabilities().signed_push {
                    journey = self.asked_after(carrier, &record).await?;
                }
                self.hearing.note(&record, &journey).await?;
                taken = Taken::Noted;
            }
            self.hearing.move_shipment(&ParcelRecord { journey, ..record }, &request.correlation_id).await?;
        }
        Ok(taken)
    }

    /// The journey as the carrier itself tells it.
    async fn asked_after(&self, carrier: &dyn Tracker, record: &ParcelRecord) -> Result<Journey, Error> {
        let order = self.hearing.orders.load(record.shipment.order_id).await?.ok_or(Error::NotFound)?;
        let left = order.order.shipment(record.shipment.number).and_then(|shipment| shipment.shipped_at);
        let shipped_on = left.unwrap_or(order.order.updated_at).to_zoned(TimeZone::UTC).date();
        let postal_code = order.person.and_then(|person| person.shipping_address.postal_code.clone());
        let parcel = TrackingRef { tracking_number: record.key.number.clone(), shipped_on, postal_code };
        let mut journey = record.journey.clone();
        for news in carrier.track(&[parcel]).await.map_err(|error| away(&error))? {
            if bare_number(&news.tracking_number) == record.key.number {
                journey.take(&bounded(&news.scans), news.estimated_delivery);
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
