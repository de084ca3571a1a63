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
use oms_domain::actor::Actor;
use oms_domain::fulfilment::journey::{Journey, demanded};
use oms_domain::fulfilment::scan::{MAX_SCAN_CHARACTERS, ParcelNews, Scan};
use oms_domain::fulfilment::{ShipmentId, Tracking, bare_number};
use oms_domain::ordering::{Command, Refusal, ShipmentStep};

use super::trackers::Trackers;
use crate::error::Error;
use crate::execute::{CommandContext, execute};
use crate::ports::{
    CarrierError, Clock, NoteError, Orders, ParcelKey, ParcelRecord, Parcels, Push, PushError, Tracker, TrackingRef,
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
    orders: Arc<dyn Orders>,
    parcels: Arc<dyn Parcels>,
    trackers: Trackers,
    clock: Arc<dyn Clock>,
}

impl CarrierCallback {
    pub fn new(orders: Arc<dyn Orders>, parcels: Arc<dyn Parcels>, trackers: Trackers, clock: Arc<dyn Clock>) -> Self {
        CarrierCallback { orders, parcels, trackers, clock }
    }

    pub async fn run(&self, request: &Request) -> Result<Taken, Error> {
        let carrier = self.trackers.get(&request.carrier).ok_or(Error::NotFound)?;
        let pushed = carrier.read_push(&request.headers, &request.body, self.clock.now()).await;
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
        for record in self.parcels.parcels(&keys).await? {
            let Some(news) = told.get(&record.key.number) else { continue };
            let mut journey = record.journey.clone();
            if journey.take(&bounded(&news.scans), news.estimated_delivery) {
                let ends = journey.status() != record.journey.status() && demanded([journey.status()]).is_some();
                if ends && !carrier.capabilities().signed_push {
                    journey = self.asked_after(carrier, &record).await?;
                }
                match self.parcels.note(&ParcelRecord { journey: journey.clone(), ..record.clone() }).await {
                    Ok(()) => taken = Taken::Noted,
                    Err(NoteError::Stale) => return Err(Error::Contended),
                    Err(NoteError::Store(error)) => return Err(error.into()),
                }
            }
            self.move_shipment(&ParcelRecord { journey, ..record }, request).await?;
        }
        Ok(taken)
    }

    /// The journey as the carrier itself tells it.
    async fn asked_after(&self, carrier: &dyn Tracker, record: &ParcelRecord) -> Result<Journey, Error> {
        let order = self.orders.load(record.shipment.order_id).await?.ok_or(Error::NotFound)?;
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

    /// Has the order take the step that all parcels of the shipment ask for.
    async fn move_shipment(&self, record: &ParcelRecord, request: &Request) -> Result<(), Error> {
        let ShipmentId { order_id, number } = record.shipment;
        let ends = demanded([record.journey.status()]).is_some();
        let news = record.journey.announced(self.clock.now()).filter(|_| !ends);
        if !ends && news.is_none() {
            return Ok(());
        }
        let Some(stored) = self.orders.load(order_id).await? else { return Ok(()) };
        let parcels = stored.order.shipment(number).map_or(&[][..], |shipment| &shipment.parcels);
        if !parcels.iter().any(|parcel| ParcelKey::of(parcel).as_ref() == Some(&record.key)) {
            // Its number was corrected: it is not this shipment's parcel any more.
            return Ok(());
        }
        let step = if let Some(news) = news {
            ShipmentStep::Announce(news)
        } else {
            let others = self.others(parcels, record).await?;
            let statuses = others.iter().map(|other| other.journey.status()).chain([record.journey.status()]);
            let missing = parcels.len().saturating_sub(others.len() + 1);
            let Some(step) = demanded(statuses.chain((0..missing).map(|_| None))) else { return Ok(()) };
            step
        };
        let actor = Actor::provider(&record.key.carrier);
        let context = CommandContext::of(actor, &request.correlation_id);
        let command = Command::MoveShipment { shipment: number, step, note: None };
        let (orders, clock) = (self.orders.as_ref(), self.clock.as_ref());
        match execute(orders, clock, stored.order, &command, &context, |_| String::new()).await {
            Ok(_) => Ok(()),
            Err(Error::Refused(refusal)) => {
                left_to_a_person(&refusal, record);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// The other parcels of the shipment whose carriers can tell of them.
    async fn others(&self, parcels: &[Tracking], record: &ParcelRecord) -> Result<Vec<ParcelRecord>, Error> {
        let keys = parcels.iter().filter_map(ParcelKey::of);
        let keys: Vec<ParcelKey> = keys.filter(|key| *key != record.key).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.parcels.parcels(&keys).await?;
        Ok(found.into_iter().filter(|other| other.shipment == record.shipment).collect())
    }
}

fn left_to_a_person(refusal: &Refusal, record: &ParcelRecord) {
    let (shipment, status) = (record.shipment, record.journey.status());
    tracing::warn!(%shipment, ?status, %refusal, "what a carrier tells is left to a person");
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

/// Scans whose texts are no longer than what is kept.
fn bounded(scans: &[Scan]) -> Vec<Scan> {
    let short = |text: &str| text.chars().take(MAX_SCAN_CHARACTERS).collect::<String>();
    scans
        .iter()
        .map(|scan| Scan { code: short(&scan.code), place: scan.place.as_deref().map(short), ..scan.clone() })
        .collect()
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
