//! Parcels in memory, and a carrier that tells what a test has it tell.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use oms_app::ports::{
    Capabilities, CarrierError, NoteError, ParcelKey, ParcelRecord, Parcels, Push, PushError, StoreError, Tracker,
    TrackingRef, VoidUntil,
};
use oms_domain::fulfilment::scan::ParcelNews;

use super::{LabelBooks, MemoryStore};

#[async_trait]
impl Parcels for MemoryStore {
    async fn parcels(&self, keys: &[ParcelKey]) -> Result<Vec<ParcelRecord>, StoreError> {
        self.call(|world| keys.iter().filter_map(|key| world.parcels.get(key).cloned()).collect())
    }

    async fn note(&self, record: &ParcelRecord) -> Result<(), NoteError> {
        self.call(|world| match world.parcels.get_mut(&record.key) {
            Some(known) if known.version == record.version => {
                known.journey = record.journey.clone();
                known.version += 1;
                Ok(())
            }
            Some(_) | None => Err(NoteError::Stale),
        })?
    }
}

/// What a push of [`FakeCarrier`] is proved by.
const PROOF: (&str, &str) = ("x-proof", "it is me");

/// What a carrier answers that is asked about parcels.
type Asked = Result<Vec<ParcelNews>, CarrierError>;

/// A carrier whose pushes are JSON of [`ParcelNews`].
#[derive(Clone, Default)]
pub struct FakeCarrier {
    /// What it answers when it is asked; nothing where its pushes are signed.
    asked: Option<Arc<Mutex<Asked>>>,
    /// What it has sold.
    pub labels: LabelBooks,
}

impl FakeCarrier {
    /// One that signs over the body.
    pub fn signing() -> Self {
        FakeCarrier::default()
    }

    /// One that proves itself by a secret alone, and answers so when it is asked.
    pub fn knowing(answer: Asked) -> Self {
        FakeCarrier { asked: Some(Arc::new(Mutex::new(answer))), ..FakeCarrier::default() }
    }

    /// One that signs, and keeps these books.
    pub fn selling(labels: &LabelBooks) -> Self {
        FakeCarrier { labels: labels.clone(), ..FakeCarrier::default() }
    }

    /// A push of it: headers and body.
    pub fn push(news: &[ParcelNews]) -> (Vec<(String, String)>, Vec<u8>) {
        let headers = vec![(PROOF.0.to_owned(), PROOF.1.to_owned())];
        (headers, serde_json::to_vec(news).unwrap_or_default())
    }
}

#[async_trait]
impl Tracker for FakeCarrier {
    fn name(&self) -> &'static str {
        "dhl"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            rates: true,
            void: VoidUntil::HandedOver,
            recovers: true,
            signed_push: self.asked.is_none(),
            track_at_once: 1,
            subscription_days: None,
        }
    }

    async fn track(&self, parcels: &[TrackingRef]) -> Result<Vec<ParcelNews>, CarrierError> {
        let Some(asked) = &self.asked else {
            return Ok(parcels.iter().flat_map(|parcel| self.labels.news_of(&parcel.tracking_number)).collect());
        };
        asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn subscribe(&self, _parcels: &[TrackingRef]) -> Result<Vec<String>, CarrierError> {
        Ok(Vec::new())
    }

    async fn read_push(&self, headers: &[(String, String)], body: &[u8], _now: Timestamp) -> Result<Push, PushError> {
        if !headers.iter().any(|(name, value)| (name.as_str(), value.as_str()) == PROOF) {
            return Err(PushError::Forged);
        }
        serde_json::from_slice(body).map(Push::News).map_err(|error| PushError::Unreadable(error.to_string()))
    }

    async fn accept_push(&self, _subscription: &str, _secret: &str) -> Result<(), CarrierError> {
        Ok(())
    }
}
