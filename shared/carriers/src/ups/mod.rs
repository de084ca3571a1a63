//! UPS, by its REST API.
//!
//! 1. A label is one request that carries our reference. UPS keeps no key under which it would be made once, but it is the one carrier
//!    that finds a label by our reference and hands it out again (Label Recovery).
//! 2. Where a parcel is is asked for one at a time, or pushed by Track Alert for fourteen days after it was told of the number. Pushes
//!    hold a secret that we agreed on and no signature, so what ends a parcel's way is asked after.
//!
//! That a call worked (`ResponseStatus`) never means that it was done.

mod answers;
mod requests;
mod states;
mod tracking;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;
use oms_app::ports::{
    AddressFault, BoughtLabel, Capabilities, Carrier, CarrierError, Clock, Fault, LabelRequest, Push, PushError, Rate,
    RateRequest, Recovered, Tracker, TrackingRef, VoidUntil, Voided,
};
use oms_domain::fulfilment::scan::ParcelNews;
use oms_domain::ordering::address::Address;
use oms_outbound::Secret;
use reqwest::Method;
use serde_json::json;

use self::answers::{LabelAnswer, PackageResult, Problem, RateAnswer, RecoveryAnswer, Taken, VoidAnswer};
use crate::client::{ANSWER_WITHIN, Access, Call, Client, Dialect, http_client};
use crate::text::{Alphabet, Limits};
use crate::token::{Shown, Tokens};
use crate::{json, proof, way};

/// Its name in paths and orders.
pub const NAME: &str = "ups";

/// Most numbers in one subscription: with one more UPS takes none of them.
const SUBSCRIBE_AT_ONCE: usize = 100;

/// For how many days UPS pushes news of a number.
const SUBSCRIPTION_DAYS: u16 = 14;

/// The header with the secret of a push.
const CREDENTIAL: &str = "credential";

/// What we call ourselves where UPS wants to know.
const SOURCE: &str = "oms";

const LIMITS: Limits = Limits {
    carrier: "UPS",
    alphabet: Alphabet::Ascii,
    fields: &[
        ("recipient_name", 35),
        ("company", 35),
        ("street_address", 35),
        ("street_address_2", 35),
        ("city", 30),
        ("postal_code", 9),
    ],
};

/// Beginnings of error codes that blame the recipient's address, and those that blame our account: UPS numbers what is wrong with
/// each party apart. The rest blames what was asked for.
const FAULTS: [(&str, Fault); 7] = [
    ("1202", Fault::Address),
    ("111285", Fault::Address),
    ("111286", Fault::Address),
    ("1201", Fault::Account),
    ("1203", Fault::Account),
    ("2500", Fault::Account),
    ("2510", Fault::Account),
];

/// A number that UPS has never given. Asking after it is no fault of the carrier's.
const NO_NUMBER: &str = "TV1002";

/// Where UPS is, and who we are there.
#[derive(Debug, Clone)]
pub struct UpsConfig {
    /// Where the API is, e.g. `https://onlinetools.ups.com`.
    pub api_base: String,
    pub client_id: String,
    pub client_secret: Secret,
    /// Six characters.
    pub account_number: String,
    /// What pushes bring along.
    pub push_credential: Option<Secret>,
    /// How long one request may take.
    pub answer_within: Duration,
}

impl UpsConfig {
    /// For parcels that are paid for.
    pub fn live(client_id: impl Into<String>, client_secret: Secret, account_number: impl Into<String>) -> Self {
        UpsConfig {
            api_base: "https://onlinetools.ups.com".to_owned(),
            client_id: client_id.into(),
            client_secret,
            account_number: account_number.into(),
            push_credential: None,
            answer_within: ANSWER_WITHIN,
        }
    }

    /// For UPS's own test system.
    pub fn sandbox(client_id: impl Into<String>, client_secret: Secret, account_number: impl Into<String>) -> Self {
        UpsConfig {
            api_base: "https://wwwcie.ups.com".to_owned(),
            ..UpsConfig::live(client_id, client_secret, account_number)
        }
    }
}

/// The carrier port at UPS.
pub struct Ups {
    client: Client,
    account_number: String,
    push_credential: Option<Secret>,
}

fn codes(body: &[u8]) -> Vec<String> {
    json::read::<Problem>(body).unwrap_or_default().codes()
}

fn fault(code: &str) -> Fault {
    FAULTS.iter().find(|(beginning, _)| code.starts_with(beginning)).map_or(Fault::Request, |(_, fault)| *fault)
}

/// What people call a service; UPS's answers hold only the code.
const SERVICES: [(&str, &str); 12] = [
    ("01", "UPS Next Day Air"),
    ("02", "UPS 2nd Day Air"),
    ("03", "UPS Ground"),
    ("07", "UPS Worldwide Express"),
    ("08", "UPS Worldwide Expedited"),
    ("11", "UPS Standard"),
    ("12", "UPS 3 Day Select"),
    ("13", "UPS Next Day Air Saver"),
    ("14", "UPS Next Day Air Early"),
    ("54", "UPS Worldwide Express Plus"),
    ("59", "UPS 2nd Day Air A.M."),
    ("65", "UPS Worldwide Saver"),
];

fn service_name(code: &str) -> String {
    let known = SERVICES.iter().find(|(known, _)| *known == code);
    known.map_or_else(|| format!("UPS service {code}"), |(_, name)| (*name).to_owned())
}

/// Whether news of this number can be subscribed to.
fn can_be_subscribed(number: &str) -> bool {
    let plain = number.bytes().all(|byte| byte.is_ascii_alphanumeric());
    plain && ((number.starts_with("1Z") && number.len() == 18) || number.starts_with("1R"))
}

const A_LABEL: &str = "a label";

impl Ups {
    /// Makes nothing yet that takes time.
    pub fn new(config: UpsConfig, clock: &Arc<dyn Clock>) -> Self {
        let url = format!("{}/security/v1/oauth/token", config.api_base.trim_end_matches('/'));
        let shown = Shown::AsUser { merchant: Some(config.account_number.clone()) };
        let tokens = Tokens::new("UPS", url, (config.client_id, config.client_secret), shown, clock.clone());
        let dialect = Dialect { carrier: "UPS", codes, fault, passing: &["10004"] };
        let http = http_client(config.answer_within);
        Ups {
            client: Client::new(http, &config.api_base, Access::Bearer(tokens), dialect),
            account_number: config.account_number,
            push_credential: config.push_credential,
        }
    }

    fn bought(&self, request: &LabelRequest, answer: LabelAnswer) -> Result<BoughtLabel, CarrierError> {
        let unknown = |why: &str| CarrierError::from(self.client.lost(A_LABEL, true, why));
        let errors = answer.errors();
        let Some(results) = answer.shipment.and_then(|shipment| shipment.shipment_results) else {
            return Err(if errors.is_empty() {
                unknown("no shipment")
            } else {
                self.client.refusal(A_LABEL, true, &errors)
            });
        };
        let packages = &results.package_results.0;
        let documents: Vec<_> = packages.iter().filter_map(PackageResult::label).collect();
        if packages.len() != request.parcels.len() || documents.len() != packages.len() {
            return Err(unknown("not one label for each parcel"));
        }
        Ok(BoughtLabel {
            tracking_numbers: packages.iter().map(|package| package.tracking_number.clone()).collect(),
            cost: results.cost(),
            documents,
            estimated_delivery: None,
            reference: results.shipment_identification_number,
        })
    }

    /// News of one parcel, if UPS knows it: it says in three ways that it does not.
    async fn track_one(&self, number: &str) -> Result<Option<ParcelNews>, CarrierError> {
        let path = format!("/api/track/v1/details/{}?locale=en_US&returnSignature=false", way::named(number)?);
        // Tracking refuses requests that do not say these two.
        let call = Call::get("where a parcel is", path).with("transId", number).with("transactionSrc", SOURCE);
        match self.client.read::<tracking::Answer>(call).await {
            Ok(answer) => Ok(tracking::news(number, &answer)),
            Err(failure) if failure.is_not_found() || failure.has_code(&[NO_NUMBER]) => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }
}

/// A label that was found again, if it is one label for each parcel. More than one shipment under our reference is for a person.
fn recovered(request: &LabelRequest, answer: RecoveryAnswer) -> Recovered {
    let Some(found) = answer.response else { return Recovered::CannotTell };
    let packages = found.label_results.0;
    let documents: Vec<_> = packages.iter().filter_map(PackageResult::label).collect();
    let Some(reference) = found.shipment_identification_number else { return Recovered::CannotTell };
    if packages.len() != request.parcels.len() || documents.len() != packages.len() {
        return Recovered::CannotTell;
    }
    Recovered::Bought(BoughtLabel {
        reference,
        tracking_numbers: packages.into_iter().map(|package| package.tracking_number).collect(),
        cost: None,
        documents,
        estimated_delivery: None,
    })
}

#[async_trait]
impl Tracker for Ups {
    fn name(&self) -> &str {
        NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            rates: true,
            void: VoidUntil::HandedOver,
            recovers: true,
            signed_push: false,
            track_at_once: 1,
            subscription_days: Some(SUBSCRIPTION_DAYS),
        }
    }

    async fn track(&self, parcels: &[TrackingRef]) -> Result<Vec<ParcelNews>, CarrierError> {
        let mut told = Vec::new();
        for parcel in parcels {
            told.extend(self.track_one(&parcel.tracking_number).await?);
        }
        Ok(told)
    }

    /// What is taken and what is not comes in one answer that says 200.
    async fn subscribe(&self, parcels: &[TrackingRef]) -> Result<Vec<String>, CarrierError> {
        let numbers = parcels.iter().map(|parcel| parcel.tracking_number.clone());
        let (numbers, mut refused): (Vec<String>, Vec<String>) = numbers.partition(|number| can_be_subscribed(number));
        for some in numbers.chunks(SUBSCRIBE_AT_ONCE) {
            let body = json!({"locale": "en_US", "countryCode": "US", "trackingNumberList": some});
            let call = Call::change(Method::POST, "a subscription", "/api/track/v2/subscription/standard/package");
            let call = call.json(&body).with("transId", some[0].as_str()).with("transactionSrc", SOURCE);
            let taken: Taken = self.client.read(call).await?;
            let missing = |number: &&String| {
                taken.invalid_tracking_numbers.contains(number) || !taken.valid_tracking_numbers.contains(number)
            };
            refused.extend(some.iter().filter(missing).cloned());
        }
        Ok(refused)
    }

    async fn read_push(&self, headers: &[(String, String)], body: &[u8], _now: Timestamp) -> Result<Push, PushError> {
        proof::shared(headers, CREDENTIAL, self.push_credential.as_ref())?;
        tracking::pushed(body)
    }

    async fn accept_push(&self, _subscription: &str, _secret: &str) -> Result<(), CarrierError> {
        Err(way::refused(Fault::Request, "UPS asks no such question"))
    }
}

#[async_trait]
impl Carrier for Ups {
    fn faults_of(&self, address: &Address) -> Vec<AddressFault> {
        LIMITS.faults(address)
    }

    async fn rates(&self, request: &RateRequest) -> Result<Vec<Rate>, CarrierError> {
        let days = if requests::asks_for_days(request) { "?additionalinfo=timeintransit" } else { "" };
        let path = format!("/api/rating/v2409/Shop{days}");
        let call = Call::ask("rates", path, &requests::rates(&self.account_number, request));
        let answer: RateAnswer = self.client.read(call).await?;
        let rated = answer.response.map(|response| response.rated_shipment.0).unwrap_or_default();
        let rate = |rated: answers::RatedShipment| {
            Some(Rate {
                service: rated.service.value().to_owned(),
                name: service_name(rated.service.value()),
                cost: rated.cost()?,
                estimated_delivery: rated.day().and_then(|day| Date::strptime("%Y%m%d", day).ok()),
            })
        };
        Ok(rated.into_iter().filter_map(rate).collect())
    }

    async fn buy_label(&self, request: &LabelRequest) -> Result<BoughtLabel, CarrierError> {
        way::check(request, |address| self.faults_of(address))?;
        let body = requests::label(&self.account_number, request);
        let call = Call::change(Method::POST, A_LABEL, "/api/shipments/v2409/ship").json(&body);
        let call = call.with("transId", way::reference(request)).with("transactionSrc", SOURCE);
        let answer: LabelAnswer = self.client.read(call).await?;
        self.bought(request, answer)
    }

    /// "Not found" counts only as UPS's own answer to the search. Any other refusal may be about the search itself. Whoever asks
    /// waits until the purchase cannot be under way any more: a label that is being made is not found either.
    async fn recover_label(&self, request: &LabelRequest) -> Result<Recovered, CarrierError> {
        let body = requests::recovery(&self.account_number, request);
        let call = Call::ask("a label by its reference", "/api/labels/v1/recovery", &body);
        match self.client.read::<RecoveryAnswer>(call).await {
            Ok(answer) => Ok(recovered(request, answer)),
            Err(failure) if failure.is_not_found() && !failure.codes.is_empty() => Ok(Recovered::NotBought),
            Err(failure) if failure.is_no_to_the_request() => Ok(Recovered::CannotTell),
            Err(failure) => Err(failure.into()),
        }
    }

    async fn void_label(&self, reference: &str, _tracking_numbers: &[String]) -> Result<Voided, CarrierError> {
        let what = "a label's end";
        let path = format!("/api/shipments/v2409/void/cancel/{}", way::named(reference)?);
        match self.client.read::<VoidAnswer>(Call::change(Method::DELETE, what, path)).await {
            Ok(VoidAnswer { response: Some(response) }) if response.is_void() => Ok(Voided::Void),
            Ok(VoidAnswer { response: Some(_) }) => {
                Ok(Voided::Refused("UPS voided none of it, or only a part".to_owned()))
            }
            Ok(VoidAnswer { response: None }) => Err(self.client.lost(what, true, "the answer says nothing").into()),
            Err(failure) => way::refused_void(failure),
        }
    }
}
