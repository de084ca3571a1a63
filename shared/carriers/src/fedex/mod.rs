//! FedEx, by its REST API.
//!
//! 1. A label is one synchronous request that carries our reference. FedEx keeps no key under which it would be made once, so a lost
//!    answer stays unknown: a search by our reference shows numbers at best, late, and without the label.
//! 2. Where parcels are is asked for thirty at a time, or pushed by "Advanced Integrated Visibility" and signed.
//!
//! FedEx takes no letter beyond ASCII, no empty element, and answers 200 to what it has not done.

mod states;
mod tracking;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::{Span, Timestamp};
use oms_app::ports::{
    AddressFault, BoughtLabel, Capabilities, Carrier, CarrierError, Clock, Fault, LabelRequest, Push, PushError, Rate,
    RateRequest, Recovered, Tracker, TrackingRef, VoidUntil, Voided,
};
use oms_domain::fulfilment::scan::ParcelNews;
use oms_domain::ordering::address::Address;
use oms_outbound::Secret;
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::json;

use self::wire::{Answer, Cancelled, Problem, Quotes, Shipped, Tracked};
use crate::client::{ANSWER_WITHIN, Access, Call, Client, Dialect, Failure, http_client};
use crate::text::{Alphabet, Limits};
use crate::token::{Shown, Tokens};
use crate::{json, proof, way};

/// Its name in paths and orders.
pub const NAME: &str = "fedex";

/// Most numbers in one question of tracking.
const TRACK_AT_ONCE: usize = 30;

/// The header with the signature of a push.
const SIGNATURE: &str = "fdx-signature";

/// For how many days from its ship date on a label is looked for by our reference.
const SEARCH_DAYS: i64 = 14;

const LIMITS: Limits = Limits {
    carrier: "FedEx",
    alphabet: Alphabet::Ascii,
    fields: &[
        ("recipient_name", 70),
        ("company", 35),
        ("street_address", 35),
        ("street_address_2", 35),
        ("city", 35),
        ("postal_code", 10),
    ],
};

/// Beginnings of error codes that blame an address, and those that blame our account. The rest blames what was asked for.
const FAULTS: [(&str, Fault); 13] = [
    ("RECIPIENT", Fault::Address),
    ("DESTINATION", Fault::Address),
    ("POSTALCODE", Fault::Address),
    ("CITY", Fault::Address),
    ("STATEORPROVINCECODE", Fault::Address),
    ("STREETLINE", Fault::Address),
    ("COUNTRYCODE", Fault::Address),
    ("ACCOUNT", Fault::Account),
    ("SHIPPER", Fault::Account),
    ("ORIGIN", Fault::Account),
    ("PAYOR", Fault::Account),
    ("NOT.AUTHORIZED", Fault::Account),
    ("FORBIDDEN", Fault::Account),
];

/// Error codes that blame nobody.
const PASSING: [&str; 2] = ["INTERNAL.SERVER.ERROR", "SERVICE.UNAVAILABLE.ERROR"];

/// Where FedEx is, and who we are there.
#[derive(Debug, Clone)]
pub struct FedExConfig {
    /// Where the API is, e.g. `https://apis.fedex.com`.
    pub api_base: String,
    /// The project's key and secret.
    pub client_id: String,
    pub client_secret: Secret,
    /// Nine digits.
    pub account_number: String,
    /// Key and secret of the project for tracking, where it is another one.
    pub tracking: Option<(String, Secret)>,
    /// What pushes are signed with.
    pub push_token: Option<Secret>,
    /// Whether what FedEx marks as made up counts as real.
    pub sandbox: bool,
    /// How long one request may take.
    pub answer_within: Duration,
}

impl FedExConfig {
    /// For parcels that are paid for.
    pub fn live(client_id: impl Into<String>, client_secret: Secret, account_number: impl Into<String>) -> Self {
        FedExConfig {
            api_base: "https://apis.fedex.com".to_owned(),
            client_id: client_id.into(),
            client_secret,
            account_number: account_number.into(),
            tracking: None,
            push_token: None,
            sandbox: false,
            answer_within: ANSWER_WITHIN,
        }
    }

    /// For FedEx's own sandbox.
    pub fn sandbox(client_id: impl Into<String>, client_secret: Secret, account_number: impl Into<String>) -> Self {
        FedExConfig {
            api_base: "https://apis-sandbox.fedex.com".to_owned(),
            sandbox: true,
            ..FedExConfig::live(client_id, client_secret, account_number)
        }
    }
}

/// The carrier port at FedEx.
pub struct FedEx {
    shipping: Client,
    /// Tracking has keys of its own in most accounts; otherwise both are one, so that one token is fetched.
    tracking: Option<Client>,
    account_number: String,
    push_token: Option<Secret>,
    sandbox: bool,
}

fn codes(body: &[u8]) -> Vec<String> {
    let problem: Problem = json::read(body).unwrap_or_default();
    problem.errors.0.into_iter().map(|error| error.code).collect()
}

fn fault(code: &str) -> Fault {
    FAULTS.iter().find(|(beginning, _)| code.starts_with(beginning)).map_or(Fault::Request, |(_, fault)| *fault)
}

impl FedEx {
    /// Makes nothing yet that takes time.
    pub fn new(config: FedExConfig, clock: &Arc<dyn Clock>) -> Self {
        let http = http_client(config.answer_within);
        let client = |credentials: (String, Secret)| {
            let url = format!("{}/oauth/token", config.api_base.trim_end_matches('/'));
            let tokens = Tokens::new("FedEx", url, credentials, Shown::InForm, clock.clone());
            let dialect = Dialect { carrier: "FedEx", codes, fault, passing: &PASSING };
            Client::new(http.clone(), &config.api_base, Access::Bearer(tokens), dialect)
        };
        FedEx {
            shipping: client((config.client_id.clone(), config.client_secret.clone())),
            tracking: config.tracking.clone().map(client),
            account_number: config.account_number,
            push_token: config.push_token,
            sandbox: config.sandbox,
        }
    }

    fn tracking(&self) -> &Client {
        self.tracking.as_ref().unwrap_or(&self.shipping)
    }

    /// What FedEx answers with; its sandbox marks what it has made up.
    async fn ask<T: DeserializeOwned>(&self, call: Call, what: &'static str, changes: bool) -> Result<T, Failure> {
        let body = self.shipping.send(call).await?;
        let made_up = !self.sandbox && body.windows(MADE_UP.len()).any(|part| part == MADE_UP);
        if made_up {
            return Err(way::refused(Fault::Account, format!("FedEx, {what}: the answer is made up")).into());
        }
        let unread = || self.shipping.lost(what, changes, "the answer cannot be read");
        let answer: Answer<T> = json::read(&body).map_err(|_| unread())?;
        let errors: Vec<String> = answer.errors.0.into_iter().map(|error| error.code).collect();
        match answer.output {
            Some(output) => Ok(output),
            None if errors.is_empty() => Err(unread()),
            None => Err(self.shipping.refusal(what, changes, &errors).into()),
        }
    }

    fn bought(&self, request: &LabelRequest, shipped: Shipped) -> Result<BoughtLabel, CarrierError> {
        let unknown = |why: &str| CarrierError::from(self.shipping.lost(A_LABEL, true, why));
        let mut shipments = shipped.transaction_shipments.0.into_iter();
        let (Some(shipment), None) = (shipments.next(), shipments.next()) else {
            return Err(unknown("not one shipment"));
        };
        let pieces = shipment.piece_responses.0;
        let documents: Vec<_> = pieces.iter().filter_map(wire::Piece::label).collect();
        if pieces.len() != request.parcels.len() || documents.len() != pieces.len() {
            return Err(unknown("not one label for each parcel"));
        }
        let tracking_numbers: Vec<String> = pieces.iter().map(|piece| piece.tracking_number.clone()).collect();
        let first = tracking_numbers.first().cloned().unwrap_or_default();
        Ok(BoughtLabel {
            reference: shipment.master_tracking_number.unwrap_or(first),
            tracking_numbers,
            cost: wire::cost(&pieces),
            documents,
            estimated_delivery: None,
        })
    }
}

/// What FedEx's sandbox marks its answers with.
const MADE_UP: &[u8] = b"VIRTUAL.RESPONSE";

/// What a label is called in errors.
const A_LABEL: &str = "a label";

#[async_trait]
impl Tracker for FedEx {
    fn name(&self) -> &str {
        NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            rates: true,
            void: VoidUntil::HandedOver,
            recovers: false,
            signed_push: true,
            track_at_once: TRACK_AT_ONCE,
            subscription_days: None,
        }
    }

    async fn track(&self, parcels: &[TrackingRef]) -> Result<Vec<ParcelNews>, CarrierError> {
        let mut told = Vec::new();
        for some in parcels.chunks(TRACK_AT_ONCE) {
            let call = Call::ask("where parcels are", "/track/v1/trackingnumbers", &tracking::question(some));
            let answer: Answer<Tracked> = match self.tracking().read(call.with("x-locale", "en_US")).await {
                Err(failure) if failure.is_not_found() => continue,
                answer => answer?,
            };
            let results = answer.output.map(|output| output.complete_track_results.0).unwrap_or_default();
            told.extend(tracking::news(some, &results));
        }
        Ok(told)
    }

    /// Pushes are agreed in FedEx's portal, for all parcels of an account.
    async fn subscribe(&self, _parcels: &[TrackingRef]) -> Result<Vec<String>, CarrierError> {
        Ok(Vec::new())
    }

    /// The signature holds no time: what comes again is known by its scans.
    async fn read_push(&self, headers: &[(String, String)], body: &[u8], _now: Timestamp) -> Result<Push, PushError> {
        proof::signed(headers, SIGNATURE, self.push_token.as_ref(), body)?;
        tracking::pushed(body)
    }

    async fn accept_push(&self, _subscription: &str, _secret: &str) -> Result<(), CarrierError> {
        Err(way::refused(Fault::Request, "FedEx asks no such question"))
    }
}

#[async_trait]
impl Carrier for FedEx {
    fn faults_of(&self, address: &Address) -> Vec<AddressFault> {
        LIMITS.faults(address)
    }

    async fn rates(&self, request: &RateRequest) -> Result<Vec<Rate>, CarrierError> {
        let what = "rates";
        let call = Call::ask(what, "/rate/v1/rates/quotes", &wire::rates(&self.account_number, request));
        let quotes: Quotes = self.ask(call.with("x-locale", "en_US"), what, false).await?;
        let rate = |quote: wire::Quote| {
            Some(Rate {
                cost: quote.cost()?,
                estimated_delivery: quote.day().and_then(tracking::day),
                name: quote.service_name.unwrap_or_else(|| quote.service_type.clone()),
                service: quote.service_type,
            })
        };
        Ok(quotes.rate_reply_details.0.into_iter().filter_map(rate).collect())
    }

    async fn buy_label(&self, request: &LabelRequest) -> Result<BoughtLabel, CarrierError> {
        way::check(request, |address| self.faults_of(address))?;
        if way::phone(&request.to, &request.from).is_none() {
            return Err(way::refused(Fault::Request, "FedEx needs a phone number, of the recipient or of the sender"));
        }
        let body = wire::label(&self.account_number, request);
        let call = Call::change(Method::POST, A_LABEL, "/ship/v1/shipments").json(&body);
        let call = call.with("x-customer-transaction-id", way::reference(request)).with("x-locale", "en_US");
        let shipped: Shipped = self.ask(call, A_LABEL, true).await?;
        self.bought(request, shipped)
    }

    /// A search by our reference shows numbers, hours after the label was made, and never that there is none. What it shows is logged
    /// for the person who has to look.
    async fn recover_label(&self, request: &LabelRequest) -> Result<Recovered, CarrierError> {
        let until = request.ship_date.saturating_add(Span::new().days(SEARCH_DAYS));
        let body = json!({
            "includeDetailedScans": false,
            "referencesInformation": {
                "type": "CUSTOMER_REFERENCE",
                "value": way::reference(request),
                "accountNumber": self.account_number,
                "shipDateBegin": request.ship_date.to_string(),
                // Called otherwise than where a number is asked after.
                "shipDateEndDate": until.to_string(),
            },
        });
        let call = Call::ask("a label by its reference", "/track/v1/referencenumbers", &body);
        let answer: Answer<Tracked> = match self.tracking().read(call).await {
            Err(failure) if failure.is_not_found() => return Ok(Recovered::CannotTell),
            answer => answer?,
        };
        let results = answer.output.map(|output| output.complete_track_results.0).unwrap_or_default();
        let numbers: Vec<String> = results.into_iter().map(|result| result.tracking_number).collect();
        tracing::warn!(label_id = %request.label_id, carrier = NAME, ?numbers, "looked for a label whose purchase had no answer");
        Ok(Recovered::CannotTell)
    }

    async fn void_label(&self, reference: &str, _tracking_numbers: &[String]) -> Result<Voided, CarrierError> {
        let what = "a label's end";
        let body = wire::void(&self.account_number, way::named(reference)?);
        let call = Call::change(Method::PUT, what, "/ship/v1/shipments/cancel").json(&body);
        match self.ask::<Cancelled>(call, what, true).await {
            Ok(answer) if answer.cancelled_shipment => Ok(Voided::Void),
            Ok(_) => Ok(Voided::Refused("FedEx has the parcel, or does not cancel it any more".to_owned())),
            Err(failure) => way::refused_void(failure),
        }
    }
}
