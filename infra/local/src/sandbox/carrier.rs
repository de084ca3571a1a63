//! The sandbox carrier: parcels that go where somebody says ([`super::parcels`]), told by signed pushes as a carrier tells them, and to
//! whoever asks.
//!
//! It sells labels that can be printed ([`label`]), and keeps its own books of them, apart from the orders, so that both can be compared.
//! Two services are what a shop would use; the others ([`Service`]) behave as carriers do on a bad day.

use async_trait::async_trait;
use axum::Router;
use bytes::Bytes;
use http::{Request, StatusCode};
use jiff::Span;
use jiff::Timestamp;
use jiff::civil::Date;
use oms_app::ports::{
    AddressFault, BoughtLabel, Capabilities, Carrier, CarrierError, Fault, LabelRequest, Push, PushError, Rate,
    RateRequest, Recovered, Tracker, TrackingRef, VoidUntil, Voided,
};
use oms_domain::fulfilment::bare_number;
use oms_domain::fulfilment::parcel::Measures;
use oms_domain::fulfilment::scan::{CarrierStatus, ParcelNews, Scan};
use oms_domain::money::{Amount, Currency, Money};
use oms_domain::ordering::address::Address;
use rusqlite::OptionalExtension as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::signature::Signer;
use super::{NAME, label};
use crate::clock::Clock;
use crate::gateway::Gateway;
use crate::state::{StateDb, StateError};

/// Where the pushes go.
const CALLBACK: &str = "/api/carriers/callback/sandbox";

/// What the sandbox pushes.
#[derive(Debug, Serialize, Deserialize)]
struct Wire {
    parcels: Vec<ParcelNews>,
}

/// What was sold; what is void stays in the books.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE sandbox_labels (
        label_id TEXT PRIMARY KEY,
        reference TEXT NOT NULL,
        parcels INTEGER NOT NULL,
        void INTEGER NOT NULL DEFAULT 0,
        handed_over INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;
    CREATE TABLE sandbox_parcels (tracking_number TEXT PRIMARY KEY, label_id TEXT NOT NULL) WITHOUT ROWID;
",
    "
    ALTER TABLE sandbox_labels ADD COLUMN shipment TEXT NOT NULL DEFAULT '';
    ALTER TABLE sandbox_labels ADD COLUMN sold_at TEXT NOT NULL DEFAULT '';
    CREATE TABLE sandbox_scans (
        place INTEGER PRIMARY KEY,
        tracking_number TEXT NOT NULL,
        at TEXT NOT NULL,
        status TEXT NOT NULL,
        estimated_delivery TEXT
    );
    CREATE INDEX sandbox_scans_by_parcel ON sandbox_scans (tracking_number, place);
",
];

/// Most parcels that are shown.
const SHOWN: usize = 50;

/// A parcel as the carrier sees it.
pub(super) struct Seen {
    pub(super) tracking_number: String,
    /// The number of the shipment, if its label is ours.
    pub(super) shipment: String,
    pub(super) is_void: bool,
    /// The last scan that was made, and when.
    pub(super) last: Option<(String, String)>,
}

/// What the carrier sells, by the codes that labels are bought with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    /// Two working days.
    Standard,
    /// The next working day.
    Express,
    /// Refuses the address.
    Refused,
    /// Is not there.
    Unavailable,
    /// Sells the label, and its answer is lost.
    Lost,
    /// The same, and it cannot find the label again.
    Vanished,
}

impl Service {
    fn of(code: &str) -> Option<Self> {
        Some(match code {
            "standard" => Service::Standard,
            "express" => Service::Express,
            "test-refused" => Service::Refused,
            "test-unavailable" => Service::Unavailable,
            "test-lost" => Service::Lost,
            "test-vanished" => Service::Vanished,
            _ => return None,
        })
    }

    /// What it costs in euro cents, by weight.
    fn cost(self, parcels: &[Measures]) -> Result<Money, CarrierError> {
        let first = if self == Service::Express { 990 } else { 490 };
        let each = |parcel: &Measures| first + 50 * i64::from(parcel.weight_grams / 1_000);
        let cents = parcels.iter().map(each).sum();
        let euro: Currency = "EUR".parse().map_err(|_| CarrierError::Unavailable("there is no euro".to_owned()))?;
        Ok(Money::new(Amount::from_minor(cents), euro))
    }

    fn arrives(self, leaves: Date) -> Option<Date> {
        let days = if self == Service::Express { 1 } else { 2 };
        leaves.checked_add(Span::new().days(days)).ok()
    }
}

/// The running carrier; a cheap handle.
#[derive(Clone)]
pub struct SandboxCarrier {
    signer: Signer,
    clock: Clock,
    gateway: Gateway,
    state: StateDb,
}

impl SandboxCarrier {
    pub(super) fn open(signer: Signer, clock: Clock, gateway: Gateway, state: &StateDb) -> Result<Self, StateError> {
        state.migrate("sandbox_carrier", MIGRATIONS)?;
        Ok(SandboxCarrier { signer, clock, gateway, state: state.clone() })
    }

    /// Labels that were sold and are not void: what the shop pays for.
    pub fn charged(&self) -> Result<usize, StateError> {
        self.state
            .read(|books| books.query_row("SELECT count(*) FROM sandbox_labels WHERE void = 0", [], |row| row.get(0)))
    }

    /// Notes what is sold, before it is told.
    fn sell(&self, request: &LabelRequest) -> Result<BoughtLabel, CarrierError> {
        let service = Service::of(&request.service).unwrap_or(Service::Standard);
        let bought = sold(request, service)?;
        let label_id = request.label_id.to_string();
        let noted: Result<(), StateError> = self.state.write(|books| {
            let note = "INSERT INTO sandbox_labels (label_id, reference, parcels, shipment, sold_at) VALUES (?1, ?2, ?3, ?4, ?5)";
            let (shipment, now) = (&request.shipment_number, self.clock.now().to_string());
            let sold = (&label_id, &bought.reference, request.parcels.len(), shipment, now);
            books.execute(note, sold).map_err(StateError::from)?;
            for number in &bought.tracking_numbers {
                let note = "INSERT INTO sandbox_parcels (tracking_number, label_id) VALUES (?1, ?2)";
                books.execute(note, (number, &label_id)).map_err(StateError::from)?;
            }
            Ok(())
        });
        noted.map_err(|error| CarrierError::Refused { fault: Fault::Request, why: error.to_string() })?;
        Ok(bought)
    }

    /// Notes what has happened to a parcel; what moves is not taken back any more.
    pub(super) fn scan(&self, news: &ParcelNews) -> Result<(), StateError> {
        let number = bare_number(&news.tracking_number);
        let estimated = news.estimated_delivery.map(|at| at.to_string());
        self.state.write(|books| {
            let note = "UPDATE sandbox_labels SET handed_over = 1 WHERE label_id = (SELECT label_id FROM sandbox_parcels WHERE tracking_number = ?1)";
            books.execute(note, [&number])?;
            for scan in &news.scans {
                let note = "INSERT INTO sandbox_scans (tracking_number, at, status, estimated_delivery) VALUES (?1, ?2, ?3, ?4)";
                books.execute(note, (&number, scan.at.to_string(), scan.status.name(), &estimated))?;
            }
            Ok(())
        })
    }

    /// The latest parcels, those that were sold last first.
    pub(super) fn parcels(&self) -> Result<Vec<Seen>, StateError> {
        self.state.read(|books| {
            let look = "
                SELECT known.tracking_number, known.shipment, known.void, scan.status, scan.at
                FROM (
                    SELECT tracking_number, shipment, void, sold_at AS since
                    FROM sandbox_parcels JOIN sandbox_labels USING (label_id)
                    UNION ALL
                    SELECT tracking_number, '', 0, min(at) FROM sandbox_scans
                    WHERE tracking_number NOT IN (SELECT tracking_number FROM sandbox_parcels)
                    GROUP BY tracking_number
                ) AS known
                LEFT JOIN sandbox_scans AS scan ON scan.place =
                    (SELECT max(place) FROM sandbox_scans WHERE tracking_number = known.tracking_number)
                ORDER BY known.since DESC, known.tracking_number LIMIT ?1";
            let mut statement = books.prepare_cached(look)?;
            let rows = statement.query_map([SHOWN], |row| {
                let (status, at): (Option<String>, Option<String>) = (row.get(3)?, row.get(4)?);
                Ok(Seen {
                    tracking_number: row.get(0)?,
                    shipment: row.get(1)?,
                    is_void: row.get(2)?,
                    last: status.zip(at),
                })
            })?;
            rows.collect()
        })
    }

    /// What it tells who asks after a parcel: all that was scanned until now.
    fn told(&self, tracking_number: &str) -> Result<Option<ParcelNews>, StateError> {
        let now = self.clock.now();
        let rows: Vec<(String, String, Option<String>)> = self.state.read(|books| {
            let look =
                "SELECT at, status, estimated_delivery FROM sandbox_scans WHERE tracking_number = ?1 ORDER BY place";
            let mut statement = books.prepare_cached(look)?;
            let rows = statement
                .query_map([bare_number(tracking_number)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            rows.collect()
        })?;
        let (mut scans, mut estimated_delivery) = (Vec::new(), None);
        for (at, status, estimated) in rows {
            // What is stored was written by us.
            let (Ok(at), Some(status)) =
                (at.parse::<Timestamp>(), CarrierStatus::ALL.into_iter().find(|known| known.name() == status))
            else {
                continue;
            };
            if at <= now {
                scans.push(Scan { at, status, code: status.name().to_owned(), place: None });
                estimated_delivery = estimated.and_then(|at| at.parse().ok()).or(estimated_delivery);
            }
        }
        let tracking_number = tracking_number.to_owned();
        Ok((!scans.is_empty()).then_some(ParcelNews { tracking_number, scans, estimated_delivery }))
    }

    /// How parcels are moved.
    pub fn routes(&self) -> Router {
        super::parcels::routes(self.clone())
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Sends a push, and tells what became of it.
    pub(super) async fn push(&self, news: ParcelNews) -> (StatusCode, Value) {
        let body = serde_json::to_vec(&Wire { parcels: vec![news] }).unwrap_or_default();
        let now = self.clock.now();
        let id = format!("scan_{}", crate::random::uuid());
        let mut request = Request::post(CALLBACK).header(http::header::CONTENT_TYPE, "application/json");
        for (name, value) in self.signer.headers(&id, now, &body) {
            request = request.header(name, value);
        }
        // All parts are ours and valid.
        let answer = self.gateway.call(request.body(Bytes::from(body)).unwrap_or_default()).await;
        let status = answer.status();
        (status, serde_json::from_slice(answer.body()).unwrap_or(Value::Null))
    }
}

#[async_trait]
impl Tracker for SandboxCarrier {
    fn name(&self) -> &str {
        NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            rates: true,
            void: VoidUntil::HandedOver,
            recovers: true,
            signed_push: true,
            track_at_once: 1,
            subscription_days: None,
        }
    }

    async fn track(&self, parcels: &[TrackingRef]) -> Result<Vec<ParcelNews>, CarrierError> {
        let told = parcels.iter().map(|parcel| self.told(&parcel.tracking_number));
        let told: Result<Vec<_>, StateError> = told.collect();
        Ok(told.map_err(|error| broken(&error))?.into_iter().flatten().collect())
    }

    async fn subscribe(&self, _parcels: &[TrackingRef]) -> Result<Vec<String>, CarrierError> {
        Ok(Vec::new())
    }

    async fn read_push(&self, headers: &[(String, String)], body: &[u8], now: Timestamp) -> Result<Push, PushError> {
        self.signer.verify(headers, body, now).map_err(|_| PushError::Forged)?;
        let wire: Wire = serde_json::from_slice(body).map_err(|error| PushError::Unreadable(error.to_string()))?;
        Ok(Push::News(wire.parcels))
    }

    /// It never asks.
    async fn accept_push(&self, _subscription: &str, _secret: &str) -> Result<(), CarrierError> {
        Ok(())
    }
}

/// The label of a request. Its numbers follow from the label's id, so it is the same whenever it is told.
fn sold(request: &LabelRequest, service: Service) -> Result<BoughtLabel, CarrierError> {
    Ok(BoughtLabel {
        reference: request.label_id.uuid().simple().to_string(),
        tracking_numbers: (0..request.parcels.len())
            .map(|parcel| label::tracking_number(request.label_id, parcel))
            .collect(),
        cost: Some(service.cost(&request.parcels)?),
        documents: vec![label::print(request)],
        estimated_delivery: service.arrives(request.ship_date),
    })
}

fn broken(error: &StateError) -> CarrierError {
    CarrierError::Unavailable(error.to_string())
}

#[async_trait]
impl Carrier for SandboxCarrier {
    /// Its printer spells everything.
    fn faults_of(&self, _address: &Address) -> Vec<AddressFault> {
        Vec::new()
    }

    async fn rates(&self, request: &RateRequest) -> Result<Vec<Rate>, CarrierError> {
        let rate = |service: Service, code: &str, name: &str| {
            let (service_code, name) = (code.to_owned(), name.to_owned());
            let estimated_delivery = service.arrives(request.ship_date);
            Ok(Rate { service: service_code, name, cost: service.cost(&request.parcels)?, estimated_delivery })
        };
        Ok(vec![rate(Service::Standard, "standard", "Standard")?, rate(Service::Express, "express", "Express")?])
    }

    async fn buy_label(&self, request: &LabelRequest) -> Result<BoughtLabel, CarrierError> {
        let refused = |fault: Fault, why: &str| Err(CarrierError::Refused { fault, why: why.to_owned() });
        let lost = || Err(CarrierError::Unknown("the connection was closed".to_owned()));
        match Service::of(&request.service) {
            None => refused(Fault::Request, "the service does not exist; it has standard and express"),
            Some(Service::Refused) => refused(Fault::Address, "the recipient's street is not known"),
            Some(Service::Unavailable) => Err(CarrierError::Unavailable("the connection was refused".to_owned())),
            Some(Service::Lost | Service::Vanished) => self.sell(request).and_then(|_| lost()),
            Some(Service::Standard | Service::Express) => self.sell(request),
        }
    }

    async fn recover_label(&self, request: &LabelRequest) -> Result<Recovered, CarrierError> {
        let service = Service::of(&request.service).unwrap_or(Service::Standard);
        if service == Service::Vanished {
            return Ok(Recovered::CannotTell);
        }
        let sold_before = self.state.read(|books| {
            let look = "SELECT void FROM sandbox_labels WHERE label_id = ?1";
            books.query_row(look, [request.label_id.to_string()], |row| row.get::<_, bool>(0)).optional()
        });
        match sold_before.map_err(|error| broken(&error))? {
            Some(_) => Ok(Recovered::Bought(sold(request, service)?)),
            None => Ok(Recovered::NotBought),
        }
    }

    async fn void_label(&self, reference: &str, _tracking_numbers: &[String]) -> Result<Voided, CarrierError> {
        let found = self.state.read(|books| {
            let look = "SELECT handed_over FROM sandbox_labels WHERE reference = ?1";
            books.query_row(look, [reference], |row| row.get::<_, bool>(0)).optional()
        });
        match found.map_err(|error| broken(&error))? {
            None => Ok(Voided::Refused("there is no such label".to_owned())),
            Some(true) => Ok(Voided::Refused("the carrier has the parcel".to_owned())),
            Some(false) => {
                let void = "UPDATE sandbox_labels SET void = 1 WHERE reference = ?1";
                self.state.read(|books| books.execute(void, [reference])).map_err(|error| broken(&error))?;
                Ok(Voided::Void)
            }
        }
    }
}
