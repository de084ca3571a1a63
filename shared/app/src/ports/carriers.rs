//! Carriers: labels, prices, and where parcels are.
//!
//! No carrier has idempotency keys for labels, and a label that was bought twice is paid twice. So a label is claimed under an id of
//! ours before the carrier is asked, the id goes into the request as our reference, and an answer that did not come is
//! [`CarrierError::Unknown`]: never a reason to ask for another label.

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;
pub use oms_domain::fulfilment::label::DocumentFormat;
use oms_domain::fulfilment::parcel::Measures;
use oms_domain::fulfilment::scan::ParcelNews;
use oms_domain::ids::LabelId;
use oms_domain::money::Money;
use oms_domain::ordering::address::Address;
use serde::{Deserialize, Serialize};

/// One end of a way: an address and how to reach somebody there. Personal data, so never in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Party {
    pub address: Address,
    /// E.164, if known.
    pub phone: Option<String>,
    /// If the carrier may tell them about the parcel.
    pub email: Option<String>,
}

impl std::fmt::Debug for Party {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Party(in {})", self.address.country)
    }
}

/// What a carrier's prices are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateRequest {
    pub from: Party,
    pub to: Party,
    /// 1 to [`oms_domain::fulfilment::parcel::MAX_PARCELS`].
    pub parcels: Vec<Measures>,
    /// The day on which it is handed over, where the parcel leaves.
    pub ship_date: Date,
}

/// One service with its price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// The carrier's code of the service; what a label is bought with.
    pub service: String,
    /// What people call it.
    pub name: String,
    /// What it costs us, as agreed with the carrier, with taxes where it tells them.
    pub cost: Money,
    /// When it arrives, where the carrier says so.
    pub estimated_delivery: Option<Date>,
}

/// A label to buy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelRequest {
    /// Our reference: [`LabelId::uuid`] in its form without hyphens, 32 characters.
    pub label_id: LabelId,
    /// What people read on the label: the number of the shipment.
    pub shipment_number: String,
    /// The carrier's code of the service.
    pub service: String,
    pub from: Party,
    pub to: Party,
    /// One label each; 1 to [`oms_domain::fulfilment::parcel::MAX_PARCELS`].
    pub parcels: Vec<Measures>,
    /// The day on which it is handed over, where the parcel leaves.
    pub ship_date: Date,
}

/// A document from a carrier.
#[derive(Clone, PartialEq, Eq)]
pub struct CarrierDocument {
    pub format: DocumentFormat,
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for CarrierDocument {
    /// A label names its recipient.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CarrierDocument({:?}, {} bytes)", self.format, self.bytes.len())
    }
}

/// A label that is paid for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoughtLabel {
    /// The carrier's name for all of it, by which it is voided.
    pub reference: String,
    /// A number for each parcel, in their order.
    pub tracking_numbers: Vec<String>,
    /// What it costs; not every carrier says so.
    pub cost: Option<Money>,
    /// What is printed, in the order of the parcels: one document for all of them, or one each. Empty only when it was found again
    /// and the carrier does not hand it out twice.
    pub documents: Vec<CarrierDocument>,
    pub estimated_delivery: Option<Date>,
}

/// What became of a label whose purchase had no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovered {
    /// It was bought.
    Bought(BoughtLabel),
    /// For certain it was not.
    NotBought,
    /// The carrier cannot tell: a person has to look.
    CannotTell,
}

/// What became of a wish to void.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Voided {
    /// It is void, now or since before, and is not charged.
    Void,
    /// It is too late, or the carrier does not void at all; why.
    Refused(String),
}

/// A parcel to ask after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackingRef {
    pub tracking_number: String,
    /// When it was handed over: numbers are used again.
    pub shipped_on: Date,
    /// Where it goes; asked for by carriers that keep several parcels under a number.
    pub postal_code: Option<String>,
}

/// Why a carrier did not do what we asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CarrierError {
    /// Nothing was done, for certain: it was not reached, or says so. Ask again later.
    #[error("the carrier is unavailable: {0}")]
    Unavailable(String),
    /// It answers that there is too much at present. Nothing was done; ask again after so many seconds.
    #[error("the carrier is busy for {seconds} s: {why}")]
    Busy { seconds: u64, why: String },
    /// No answer, or none that can be read: it may have been done.
    #[error("the carrier's answer is not known: {0}")]
    Unknown(String),
    /// It refuses, and nothing was done.
    #[error("the carrier refuses: {why}")]
    Refused {
        /// Who can do something about it.
        fault: Fault,
        /// In words that staff understand; no personal data.
        why: String,
    },
}

/// Whose fault a refusal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The recipient's address.
    Address,
    /// What was asked for: service, weight, size.
    Request,
    /// The shop's account or configuration.
    Account,
}

/// What a carrier cannot print or take of an address; told before a label is bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressFault {
    /// The field of [`Address`].
    pub field: &'static str,
    /// What is wrong with it, without quoting it.
    pub why: String,
}

/// What a carrier pushes to us, believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Push {
    /// Where parcels are.
    News(Vec<ParcelNews>),
    /// It asks whether we want its messages; answer by [`Carrier::accept_push`].
    Handshake {
        /// The carrier's name for the subscription.
        subscription: String,
        /// What proves that we were asked.
        secret: String,
    },
    /// Genuine, and of no interest.
    Ignored,
}

/// Why a push is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// No proof, or a wrong one.
    #[error("the proof does not match")]
    Forged,
    /// Proved, but not what this carrier sends.
    #[error("the body cannot be read: {0}")]
    Unreadable(String),
}

/// How far a bought label can be given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoidUntil {
    /// Until the carrier has the parcel.
    HandedOver,
    /// Until the carrier closes the day.
    DailyClose,
    /// Never.
    Never,
}

/// What a carrier can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Whether it tells prices.
    pub rates: bool,
    pub void: VoidUntil,
    /// Whether a label can be found again by our reference.
    pub recovers: bool,
    /// Whether its pushes are proved by a signature over the body; if not, what ends a parcel's way is asked after.
    pub signed_push: bool,
    /// Most parcels in one question of [`Carrier::track`].
    pub track_at_once: usize,
    /// For how many days it pushes news of a parcel after it was told of it ([`Carrier::subscribe`]); nothing where it needs
    /// not be told.
    pub subscription_days: Option<u16>,
}

/// What a carrier tells of parcels. Functions that take what it pushes ask for no more.
#[async_trait]
pub trait Tracker: Send + Sync {
    /// Its name in paths and orders, e.g. `ups`.
    fn name(&self) -> &str;

    fn capabilities(&self) -> Capabilities;

    /// Where parcels are, at most [`Capabilities::track_at_once`]; of what it does not know it tells nothing.
    async fn track(&self, parcels: &[TrackingRef]) -> Result<Vec<ParcelNews>, CarrierError>;

    /// Has it push news of parcels; tells which of them it does not take.
    async fn subscribe(&self, parcels: &[TrackingRef]) -> Result<Vec<String>, CarrierError>;

    /// Verifies the raw bytes, then reads them. Header names are lower case.
    async fn read_push(&self, headers: &[(String, String)], body: &[u8], now: Timestamp) -> Result<Push, PushError>;

    /// Answers a handshake.
    async fn accept_push(&self, subscription: &str, secret: &str) -> Result<(), CarrierError>;
}

/// One carrier, with its labels.
#[async_trait]
pub trait Carrier: Tracker {
    /// What it cannot print or take of an address.
    fn faults_of(&self, address: &Address) -> Vec<AddressFault>;

    /// Its services for a way, with prices; none where it does not go.
    async fn rates(&self, request: &RateRequest) -> Result<Vec<Rate>, CarrierError>;

    /// Buys a label. Never repeated by itself.
    async fn buy_label(&self, request: &LabelRequest) -> Result<BoughtLabel, CarrierError>;

    /// Looks for a label whose purchase had no answer, by our reference.
    async fn recover_label(&self, request: &LabelRequest) -> Result<Recovered, CarrierError>;

    /// Voids a label by [`BoughtLabel::reference`]; one that is void already is void.
    async fn void_label(&self, reference: &str, tracking_numbers: &[String]) -> Result<Voided, CarrierError>;
}
