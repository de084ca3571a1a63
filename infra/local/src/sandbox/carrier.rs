//! The sandbox carrier: parcels that go where somebody says, told by signed pushes as a carrier tells them.
//!
//! `POST /dev/parcels/{tracking_number}` `{"event": "delivered", "at": "…"}` moves a parcel. The push is sent at once and once; whoever
//! wants it late, twice or out of order asks so. A push that is not taken is answered as such, and is to be asked for again.
//!
//! It sells labels that can be printed ([`label`]), and keeps its own books of them, apart from the orders, so that both can be compared.
//! Two services are what a shop would use; the others ([`Service`]) behave as carriers do on a bad day.

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::post;
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
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
use serde_json::{Value, json};

use super::signature::Signer;
use super::{NAME, label};
use crate::clock::Clock;
use crate::gateway::Gateway;
use crate::own;
use crate::problem::{Problem, json_response};
use crate::state::{StateDb, StateError};

/// Where the pushes go.
const CALLBACK: &str = "/api/carriers/callback/sandbox";

/// What the sandbox pushes.
#[derive(Debug, Serialize, Deserialize)]
struct Wire {
    parcels: Vec<ParcelNews>,
}

/// What was sold; what is void stays in the books.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE sandbox_labels (
        label_id TEXT PRIMARY KEY,
        reference TEXT NOT NULL,
        parcels INTEGER NOT NULL,
        void INTEGER NOT NULL DEFAULT 0,
        handed_over INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;
    CREATE TABLE sandbox_parcels (tracking_number TEXT PRIMARY KEY, label_id TEXT NOT NULL) WITHOUT ROWID;
"];

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

/// What may happen to a parcel.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Happening {
    InTransit,
    OutForDelivery,
    ReadyForPickup,
    Delivered,
    /// It could not be handed over.
    Failed,
    Delayed,
    Returning,
    /// It is with the sender again.
    ReturnToSender,
    Lost,
}

impl Happening {
    const fn status(self) -> CarrierStatus {
        match self {
            Happening::InTransit => CarrierStatus::InTransit,
            Happening::OutForDelivery => CarrierStatus::OutForDelivery,
            Happening::ReadyForPickup => CarrierStatus::ReadyForPickup,
            Happening::Delivered => CarrierStatus::Delivered,
            Happening::Failed => CarrierStatus::AttemptFailed,
            Happening::Delayed => CarrierStatus::Exception,
            Happening::Returning => CarrierStatus::Returning,
            Happening::ReturnToSender => CarrierStatus::ReturnedToSender,
            Happening::Lost => CarrierStatus::Lost,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Moved {
    event: Happening,
    /// When it was seen; now, if it is not said.
    at: Option<Timestamp>,
    /// When the carrier means to deliver it.
    estimated_delivery: Option<Timestamp>,
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
            let note = "INSERT INTO sandbox_labels (label_id, reference, parcels) VALUES (?1, ?2, ?3)";
            books.execute(note, (&label_id, &bought.reference, request.parcels.len())).map_err(StateError::from)?;
            for number in &bought.tracking_numbers {
                let note = "INSERT INTO sandbox_parcels (tracking_number, label_id) VALUES (?1, ?2)";
                books.execute(note, (number, &label_id)).map_err(StateError::from)?;
            }
            Ok(())
        });
        noted.map_err(|error| CarrierError::Refused { fault: Fault::Request, why: error.to_string() })?;
        Ok(bought)
    }

    fn hand_over(&self, tracking_number: &str) -> Result<(), StateError> {
        let note = "UPDATE sandbox_labels SET handed_over = 1 WHERE label_id = (SELECT label_id FROM sandbox_parcels WHERE tracking_number = ?1)";
        self.state.read(|books| books.execute(note, [tracking_number]))?;
        Ok(())
    }

    /// How parcels are moved.
    pub fn routes(&self) -> Router {
        Router::new().route("/dev/parcels/{tracking_number}", post(moved)).with_state(self.clone())
    }

    /// Sends a push, and tells what became of it.
    async fn push(&self, news: ParcelNews) -> (StatusCode, Value) {
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

async fn moved(
    State(carrier): State<SandboxCarrier>,
    Path(tracking_number): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Moved { event, at, estimated_delivery } = match own::json::<Moved>(&headers, &body) {
        Ok(moved) => moved,
        Err(problem) => return refused(problem),
    };
    if bare_number(&tracking_number).is_empty() {
        return refused(Problem::invalid("/tracking_number", "must be the number of a parcel"));
    }
    if let Err(error) = carrier.hand_over(&tracking_number) {
        tracing::warn!(%error, "the carrier's books cannot be written");
    }
    let status = event.status();
    let (at, code) = (at.unwrap_or_else(|| carrier.clock.now()), status.name().to_owned());
    let scans = vec![Scan { at, status, code, place: None }];
    let (status, answer) = carrier.push(ParcelNews { tracking_number, scans, estimated_delivery }).await;
    let told = json!({"pushed": status.as_u16(), "answer": answer});
    json_response(if status.is_success() { StatusCode::OK } else { StatusCode::BAD_GATEWAY }, &told).map(Body::from)
}

fn refused(problem: Problem) -> Response {
    problem.response(&crate::random::uuid().to_string()).map(Body::from)
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

    /// It has told all that it knows.
    async fn track(&self, _parcels: &[TrackingRef]) -> Result<Vec<ParcelNews>, CarrierError> {
        Ok(Vec::new())
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
