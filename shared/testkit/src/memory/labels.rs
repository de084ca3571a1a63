//! A carrier's books of the labels that it has sold, in memory; and where documents are kept.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use oms_app::ports::{
    AddressFault, BoughtLabel, Carrier, CarrierDocument, CarrierError, DocumentFormat, DocumentKey, Documents, Fault,
    LabelRequest, Rate, RateRequest, Recovered, StoreError, Voided,
};
use oms_domain::fulfilment::bare_number;
use oms_domain::fulfilment::scan::ParcelNews;
use oms_domain::ids::LabelId;
use oms_domain::money::{Amount, Money};
use oms_domain::ordering::address::Address;

use super::FakeCarrier;

/// What a carrier does with the next thing that is asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Sells,
    /// It says no.
    Refuses,
    /// It is not there.
    Away,
    Busy,
    /// It does it, and its answer is lost.
    LosesAnswer,
    /// What it was asked for never arrives, and nobody can tell.
    LosesRequest,
    /// It never answers a question after prices; in all else it sells.
    Hangs,
}

/// A label that was sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sold {
    /// What people read on it.
    pub shipment_number: String,
    pub label: BoughtLabel,
    pub is_void: bool,
}

#[derive(Debug, Default)]
struct Pages {
    sold: BTreeMap<LabelId, Sold>,
    /// What the next questions meet; a good carrier where nothing is said.
    moods: VecDeque<Mood>,
    /// It cannot find what it has sold.
    forgetful: bool,
    /// It has the parcels, and takes no label back.
    handed_over: bool,
    /// How often a label was asked for, by its id.
    asked: BTreeMap<LabelId, usize>,
    /// The ways for which prices were asked.
    priced: Vec<RateRequest>,
    /// What it tells of parcels when it is asked.
    news: Vec<ParcelNews>,
}

/// The books. Clones are one and the same.
#[derive(Debug, Clone, Default)]
pub struct LabelBooks(Arc<Mutex<Pages>>);

impl LabelBooks {
    fn open(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the next questions meet, one after the other.
    pub fn meets(&self, moods: &[Mood]) {
        self.open().moods.extend(moods);
    }

    /// From now on it cannot tell what it has sold.
    pub fn forgets(&self) {
        self.open().forgetful = true;
    }

    /// From now on it has the parcels.
    pub fn hands_over(&self) {
        self.open().handed_over = true;
    }

    /// What it tells of parcels when it is asked after them.
    pub fn knows(&self, news: &[ParcelNews]) {
        self.open().news.extend_from_slice(news);
    }

    /// What it tells of this parcel.
    pub(super) fn news_of(&self, number: &str) -> Vec<ParcelNews> {
        let told = |news: &&ParcelNews| bare_number(&news.tracking_number) == bare_number(number);
        self.open().news.iter().filter(told).cloned().collect()
    }

    /// All that was sold, by the ids that we gave.
    pub fn sold(&self) -> BTreeMap<LabelId, Sold> {
        self.open().sold.clone()
    }

    /// What it charges: sold and not void.
    pub fn charged(&self) -> Vec<(LabelId, Sold)> {
        self.sold().into_iter().filter(|(_, sold)| !sold.is_void).collect()
    }

    /// How often this label was asked for.
    pub fn asked(&self, label_id: LabelId) -> usize {
        self.open().asked.get(&label_id).copied().unwrap_or(0)
    }

    /// The ways for which prices were asked.
    pub fn priced(&self) -> Vec<RateRequest> {
        self.open().priced.clone()
    }

    /// Somebody voids it in the carrier's portal, if it is there.
    pub fn void_by_hand(&self, label_id: LabelId) {
        if let Some(sold) = self.open().sold.get_mut(&label_id) {
            sold.is_void = true;
        }
    }

    fn mood(&self) -> Mood {
        self.open().moods.pop_front().unwrap_or(Mood::Sells)
    }

    /// Sells it, whatever was sold before: no carrier knows that it is the same label.
    fn sell(&self, request: &LabelRequest) -> BoughtLabel {
        let reference = request.label_id.uuid().simple().to_string();
        let number = |parcel: usize| format!("JD{}{parcel:02}", reference[..18].to_ascii_uppercase());
        let document = CarrierDocument { format: DocumentFormat::Pdf, bytes: request.shipment_number.clone().into() };
        let label = BoughtLabel {
            tracking_numbers: (0..request.parcels.len()).map(number).collect(),
            cost: "EUR".parse().ok().map(|euro| Money::new(Amount::from_minor(490), euro)),
            documents: vec![document],
            estimated_delivery: None,
            reference,
        };
        let sold = Sold { shipment_number: request.shipment_number.clone(), label: label.clone(), is_void: false };
        self.open().sold.insert(request.label_id, sold);
        label
    }
}

/// What the carrier takes for a parcel of this weight: a cent for every ten grams beside its first price.
pub fn carrier_price(first: i64, grams: u32) -> Amount {
    Amount::from_minor(first + i64::from(grams / 10))
}

fn refused(why: &str) -> CarrierError {
    CarrierError::Refused { fault: Fault::Request, why: why.to_owned() }
}

fn lost() -> CarrierError {
    CarrierError::Unknown("the answer is lost".to_owned())
}

#[async_trait]
impl Carrier for FakeCarrier {
    /// It prints no company.
    fn faults_of(&self, address: &Address) -> Vec<AddressFault> {
        let fault =
            address.company.as_ref().map(|_| AddressFault { field: "company", why: "is not printed".to_owned() });
        fault.into_iter().collect()
    }

    async fn rates(&self, request: &RateRequest) -> Result<Vec<Rate>, CarrierError> {
        self.labels.open().priced.push(request.clone());
        match self.labels.mood() {
            Mood::Sells => {}
            Mood::Hangs => return std::future::pending().await,
            Mood::Refuses => return Err(refused("no prices")),
            Mood::Away | Mood::Busy | Mood::LosesAnswer | Mood::LosesRequest => {
                return Err(CarrierError::Unavailable("the network is down".to_owned()));
            }
        }
        let each = |service: &str, first, days| {
            let (service, name) = (service.to_owned(), service.to_owned());
            let cost = request.parcels.iter().map(|parcel| carrier_price(first, parcel.weight_grams)).sum();
            let cost = "EUR".parse().ok().map(|euro| Money::new(cost, euro))?;
            let arrives = request.ship_date.checked_add(jiff::Span::new().days(days)).ok();
            Some(Rate { service, name, cost, estimated_delivery: arrives })
        };
        Ok([each("express", 990, 1), each("standard", 490, 3)].into_iter().flatten().collect())
    }

    async fn buy_label(&self, request: &LabelRequest) -> Result<BoughtLabel, CarrierError> {
        *self.labels.open().asked.entry(request.label_id).or_default() += 1;
        match self.labels.mood() {
            Mood::Sells | Mood::Hangs => Ok(self.labels.sell(request)),
            Mood::Refuses => Err(refused("no such service")),
            Mood::Away => Err(CarrierError::Unavailable("the network is down".to_owned())),
            Mood::Busy => Err(CarrierError::Busy { seconds: 7, why: "too much".to_owned() }),
            Mood::LosesAnswer => {
                self.labels.sell(request);
                Err(lost())
            }
            Mood::LosesRequest => Err(lost()),
        }
    }

    async fn recover_label(&self, request: &LabelRequest) -> Result<Recovered, CarrierError> {
        if !matches!(self.labels.mood(), Mood::Sells) {
            return Err(CarrierError::Unavailable("the network is down".to_owned()));
        }
        let pages = self.labels.open();
        if pages.forgetful {
            return Ok(Recovered::CannotTell);
        }
        let sold = pages.sold.get(&request.label_id);
        Ok(sold.map_or(Recovered::NotBought, |sold| Recovered::Bought(sold.label.clone())))
    }

    async fn void_label(&self, reference: &str, _tracking_numbers: &[String]) -> Result<Voided, CarrierError> {
        let mood = self.labels.mood();
        let mut pages = self.labels.open();
        let handed_over = pages.handed_over;
        let Some(sold) = pages.sold.values_mut().find(|sold| sold.label.reference == reference) else {
            return Ok(Voided::Refused("there is no such label".to_owned()));
        };
        match mood {
            Mood::Refuses => Ok(Voided::Refused("the carrier has it".to_owned())),
            Mood::Away | Mood::Busy | Mood::LosesRequest => {
                Err(CarrierError::Unavailable("the network is down".to_owned()))
            }
            _ if handed_over => Ok(Voided::Refused("the carrier has it".to_owned())),
            Mood::LosesAnswer => {
                sold.is_void = true;
                Err(lost())
            }
            Mood::Sells | Mood::Hangs => {
                sold.is_void = true;
                Ok(Voided::Void)
            }
        }
    }
}

/// Documents by their names. Clones are one and the same.
#[derive(Debug, Clone, Default)]
pub struct MemoryDocuments(Arc<Mutex<Shelf>>);

#[derive(Debug, Default)]
struct Shelf {
    kept: BTreeMap<String, Vec<u8>>,
    /// So many of the next puts fail.
    fails: usize,
}

impl MemoryDocuments {
    /// The names of all that is kept.
    pub fn names(&self) -> Vec<String> {
        self.open().kept.keys().cloned().collect()
    }

    /// So many of the next puts fail.
    pub fn fails(&self, times: usize) {
        self.open().fails = times;
    }

    fn open(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Documents for MemoryDocuments {
    async fn put(&self, key: &DocumentKey, document: &CarrierDocument) -> Result<(), StoreError> {
        let mut open = self.open();
        if open.fails > 0 {
            open.fails -= 1;
            return Err(StoreError::Unavailable("the bucket is away".to_owned()));
        }
        open.kept.insert(key.path.clone(), document.bytes.clone());
        Ok(())
    }

    async fn link(&self, key: &DocumentKey, _now: Timestamp, until: Timestamp) -> Result<String, StoreError> {
        Ok(format!("https://documents.example/{}?until={until}", key.path))
    }
}
