//! What carriers tell of parcels becomes of orders, whether it was pushed or asked for (G6, G8): the journey is noted, then asked what it
//! makes of the shipment.

use std::sync::Arc;

use oms_domain::actor::Actor;
use oms_domain::fulfilment::journey::{Journey, demanded};
use oms_domain::fulfilment::scan::{MAX_SCAN_CHARACTERS, ParcelNews, Scan};
use oms_domain::fulfilment::{ShipmentId, Tracking};
use oms_domain::ordering::{Command, Refusal, ShipmentStep};

use crate::error::Error;
use crate::execute::{CommandContext, execute};
use crate::ports::{Clock, NoteError, Orders, ParcelKey, ParcelRecord, Parcels};

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
    /// The parcel has reached its end.
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
        let over = journey.is_over();
        self.move_shipment(&ParcelRecord { journey, ..record }, trace).await?;
        Ok(Heard { noted, over })
    }

    /// Notes the journey in the place of the one that was read.
    pub(crate) async fn note(&self, record: &ParcelRecord, journey: &Journey) -> Result<(), Error> {
        let next = ParcelRecord { journey: journey.clone(), ..record.clone() };
        self.parcels.note(&next).await.map_err(|error| match error {
            NoteError::Stale => Error::Contended,
            NoteError::Store(error) => error.into(),
        })
    }

    /// Has the order take the step that all parcels of the shipment ask for.
    pub(crate) async fn move_shipment(&self, record: &ParcelRecord, trace: &str) -> Result<(), Error> {
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
        let context = CommandContext::of(actor, trace);
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

/// Scans whose texts are no longer than what is kept.
pub(crate) fn bounded(scans: &[Scan]) -> Vec<Scan> {
    let short = |text: &str| text.chars().take(MAX_SCAN_CHARACTERS).collect::<String>();
    scans
        .iter()
        .map(|scan| Scan { code: short(&scan.code), place: scan.place.as_deref().map(short), ..scan.clone() })
        .collect()
}
