//! What carriers tell of parcels becomes of orders, whether it was pushed or asked for (G6, G8): the journey is noted, then asked what it
//! makes of the shipment.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use oms_domain::actor::Actor;
use oms_domain::fulfilment::journey::{Journey, demanded};
use oms_domain::fulfilment::scan::{MAX_SCAN_CHARACTERS, ParcelNews, Scan};
use oms_domain::fulfilment::{Shipment, ShipmentId, Tracking};
use oms_domain::ordering::{Command, Refusal, ShipmentStep};

use crate::error::Error;
use crate::execute::{CommandContext, execute};
use crate::ports::{Clock, NoteError, Orders, Owner, ParcelKey, ParcelRecord, Parcels, TrackingRef};

/// With so many of a parcel's shipments in mind its carrier is asked after it: some carriers want to know to where it goes.
const MAX_QUESTIONS: usize = 3;

/// Takes in what is told.
#[derive(Clone)]
pub(crate) struct Hearing {
    pub(crate) orders: Arc<dyn Orders>,
    pub(crate) parcels: Arc<dyn Parcels>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Heard {
    /// Something of it was new.
    pub(crate) noted: bool,
    /// The parcel has reached its end, for all of its shipments.
    pub(crate) over: bool,
}

impl Hearing {
    /// What the carrier itself tells of a parcel that it was asked after.
    pub(crate) async fn take(&self, record: ParcelRecord, news: &[&ParcelNews], trace: &str) -> Result<Heard, Error> {
        let mut journey = record.journey.clone();
        let mut noted = false;
        for news in news {
            noted |= journey.take(&bounded(&news.scans), news.estimated_delivery);
        }
        if noted {
            self.note(&record, &journey).await?;
        }
        let record = ParcelRecord { journey, ..record };
        self.move_shipments(&record, trace).await?;
        Ok(Heard { noted, over: record.is_over() })
    }

    /// Notes the journey in the place of the one that was read.
    pub(crate) async fn note(&self, record: &ParcelRecord, journey: &Journey) -> Result<(), Error> {
        let next = ParcelRecord { journey: journey.clone(), ..record.clone() };
        self.parcels.note(&next).await.map_err(|error| match error {
            NoteError::Stale => Error::Contended,
            NoteError::Store(error) => error.into(),
        })
    }

    /// Has each of the parcel's shipments take its step. What goes wrong with one keeps none of the others from hearing; afterwards all of it
    /// is to be told again, and a step that was taken is taken.
    pub(crate) async fn move_shipments(&self, record: &ParcelRecord, trace: &str) -> Result<(), Error> {
        let mut failures = Failures::default();
        for owner in &record.owners {
            failures.note(self.move_shipment(record, *owner, trace).await);
        }
        failures.end()
    }

    /// Has the order take the step that all parcels of the shipment ask for.
    async fn move_shipment(&self, record: &ParcelRecord, owner: Owner, trace: &str) -> Result<(), Error> {
        let ShipmentId { order_id, number } = owner.shipment;
        let journey = record.journey.life(owner.since);
        let ends = demanded([journey.status()]).is_some();
        let news = journey.announced(self.clock.now()).filter(|_| !ends);
        if !ends && news.is_none() {
            return Ok(());
        }
        let Some(stored) = self.orders.load(order_id).await? else { return Ok(()) };
        let Some(shipment) = stored.order.shipment(number).filter(|shipment| names(shipment, &record.key)) else {
            // Its number was corrected: it is not this shipment's parcel any more.
            return Ok(());
        };
        let parcels = &shipment.parcels;
        let step = if let Some(news) = news {
            ShipmentStep::Announce(news)
        } else {
            let others = self.others(parcels, record, owner.shipment).await?;
            let statuses = others.iter().map(Journey::status).chain([journey.status()]);
            let missing = parcels.len().saturating_sub(others.len() + 1);
            let Some(step) = demanded(statuses.chain((0..missing).map(|_| None))) else { return Ok(()) };
            step
        };
        let actor = Actor::provider(&record.key.carrier);
        let context = CommandContext::of(actor, trace);
        let command = Command::MoveShipment { shipment: number, step, note: None };
        let (orders, clock) = (self.orders.as_ref(), self.clock.as_ref());
        match execute(orders, clock, stored.order, &command, &context, |_| String::new()).await {
            Ok(_) => Ok(()),
            Err(Error::Refused(refusal)) => {
                left_to_a_person(&refusal, owner, &journey);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// What was told of the other parcels of the shipment whose carriers can tell of them.
    async fn others(
        &self,
        parcels: &[Tracking],
        record: &ParcelRecord,
        shipment: ShipmentId,
    ) -> Result<Vec<Journey>, Error> {
        let keys = parcels.iter().filter_map(ParcelKey::of);
        let keys: Vec<ParcelKey> = keys.filter(|key| *key != record.key).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.parcels.parcels(&keys).await?;
        Ok(found.iter().filter_map(|other| other.life_of(shipment)).collect())
    }

    /// How its carrier is asked after a parcel on behalf of these of its shipments, with the time when each left; those that left last
    /// count. Shipments that do not have the number any more ask nothing.
    pub(crate) async fn questions(
        &self,
        key: &ParcelKey,
        owners: impl Iterator<Item = Owner>,
    ) -> Result<Vec<(Timestamp, TrackingRef)>, Error> {
        let mut owners: Vec<Owner> = owners.collect();
        owners.sort_by_key(|owner| std::cmp::Reverse((owner.since, owner.shipment)));
        let mut asked: Vec<(Timestamp, TrackingRef)> = Vec::new();
        let mut failures = Failures::default();
        for owner in owners {
            if asked.len() >= MAX_QUESTIONS {
                break;
            }
            let stored = match self.orders.load(owner.shipment.order_id).await {
                Ok(Some(stored)) => stored,
                Ok(None) => continue,
                Err(error) => {
                    failures.note(Err(error.into()));
                    continue;
                }
            };
            let shipment = stored.order.shipment(owner.shipment.number);
            let Some(shipment) = shipment.filter(|shipment| names(shipment, key)) else { continue };
            let left = shipment.shipped_at.unwrap_or(stored.order.updated_at);
            let postal_code = stored.person.and_then(|person| person.shipping_address.postal_code.clone());
            let shipped_on = left.to_zoned(TimeZone::UTC).date();
            let question = TrackingRef { tracking_number: key.number.clone(), shipped_on, postal_code };
            if !asked.iter().any(|(_, other)| *other == question) {
                asked.push((left, question));
            }
        }
        if asked.is_empty() { failures.end().map(|()| asked) } else { Ok(asked) }
    }
}

/// What went wrong with some, while the others went on.
#[derive(Default)]
pub(crate) struct Failures(Option<Error>);

impl Failures {
    /// Of two failures, the one counts that does not go away by trying again at once.
    pub(crate) fn note(&mut self, ended: Result<(), Error>) {
        let Err(error) = ended else { return };
        if self.0.as_ref().is_none_or(|first| *first == Error::Contended) {
            self.0 = Some(error);
        }
    }

    pub(crate) fn end(self) -> Result<(), Error> {
        self.0.map_or(Ok(()), Err)
    }
}

fn names(shipment: &Shipment, key: &ParcelKey) -> bool {
    shipment.parcels.iter().any(|parcel| ParcelKey::of(parcel).as_ref() == Some(key))
}

fn left_to_a_person(refusal: &Refusal, owner: Owner, journey: &Journey) {
    let (shipment, status) = (owner.shipment, journey.status());
    tracing::warn!(%shipment, ?status, %refusal, "what a carrier tells is left to a person");
}

/// Scans whose texts are no longer than what is kept.
pub(crate) fn bounded(scans: &[Scan]) -> Vec<Scan> {
    let short = |text: &str| text.chars().take(MAX_SCAN_CHARACTERS).collect::<String>();
    scans
        .iter()
        .map(|scan| Scan { code: short(&scan.code), place: scan.place.as_deref().map(short), ..scan.clone() })
        .collect()
}
