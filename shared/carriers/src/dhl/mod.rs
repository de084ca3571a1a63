//! DHL: Parcel for shipments that leave Germany, Express for its own services, and one tracking for both.
//!
//! 1. A label is bought at the division whose service it names. Neither keeps a key under which it would be made once. Parcel finds
//!    nothing by our reference; Express shows what tracking knows under it, without the label.
//! 2. Parcel voids labels until it closes the day; Express never does.
//! 3. Where a parcel is is asked for one at a time, or pushed once a subscription was confirmed by its handshake. Pushes hold a token
//!    that we chose and no signature, so what ends a parcel's way is asked after.

mod express;
mod parcel;
mod states;
mod tracking;

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use oms_app::ports::{
    AddressFault, BoughtLabel, Capabilities, Carrier, CarrierError, Fault, LabelRequest, Push, PushError, Rate,
    RateRequest, Recovered, Tracker, TrackingRef, VoidUntil, Voided,
};
use oms_domain::fulfilment::scan::ParcelNews;
use oms_domain::ordering::address::Address;
use oms_outbound::Secret;
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use self::express::Express;
use self::parcel::Parcels;
use crate::client::{ANSWER_WITHIN, Access, Call, Client, Dialect, http_client};
use crate::json::Exact;
use crate::text::{Alphabet, Limits};
use crate::{json, proof, way};

/// Its name in paths and orders.
pub const NAME: &str = "dhl";

/// Most numbers in one subscription.
const SUBSCRIBE_AT_ONCE: usize = 10;

/// For how many days a subscription is counted on. DHL names an end in each one and publishes no rule for it.
const SUBSCRIPTION_DAYS: u16 = 30;

/// The header with our key.
const KEY: &str = "DHL-API-Key";

const PARCEL_LIMITS: Limits = Limits {
    carrier: "DHL Paket",
    alphabet: Alphabet::Latin1,
    fields: &[
        ("recipient_name", 50),
        ("company", 50),
        ("street_address", 50),
        ("street_address_2", 50),
        ("city", 40),
        ("postal_code", 10),
    ],
};

const EXPRESS_LIMITS: Limits = Limits {
    carrier: "DHL Express",
    alphabet: Alphabet::Latin1,
    fields: &[
        ("recipient_name", 255),
        ("company", 100),
        ("street_address", 45),
        ("street_address_2", 45),
        ("city", 45),
        ("postal_code", 12),
    ],
};

/// Parcel in Germany, and who we are there.
#[derive(Debug, Clone)]
pub struct ParcelConfig {
    /// Where the API is, up to its version.
    pub api_base: String,
    /// User and password of the business portal.
    pub user: String,
    pub password: Secret,
    /// By product: fourteen characters, of which the eleventh and twelfth say the product.
    pub billing_numbers: BTreeMap<String, String>,
}

/// Express, and who we are there.
#[derive(Debug, Clone)]
pub struct ExpressConfig {
    pub api_base: String,
    pub user: String,
    pub password: Secret,
    pub account_number: String,
}

/// How DHL pushes to us.
#[derive(Debug, Clone)]
pub struct PushConfig {
    /// Where the API of subscriptions is, up to its version.
    pub api_base: String,
    /// Where we are.
    pub hook: String,
    /// The header in which DHL brings our token, and the token.
    pub header: String,
    pub token: Secret,
}

/// Where DHL is, and who we are there.
#[derive(Debug, Clone)]
pub struct DhlConfig {
    /// The app's key, for all but Express.
    pub api_key: Secret,
    /// Where tracking is.
    pub tracking_base: String,
    pub parcel: Option<ParcelConfig>,
    pub express: Option<ExpressConfig>,
    pub push: Option<PushConfig>,
    /// How long one request may take.
    pub answer_within: Duration,
}

/// Where DHL's APIs are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hosts {
    pub tracking: &'static str,
    pub parcel: &'static str,
    pub express: &'static str,
    pub push: &'static str,
}

impl Hosts {
    /// For parcels that are paid for.
    pub const LIVE: Hosts = Hosts {
        tracking: "https://api-eu.dhl.com/track",
        parcel: "https://api-eu.dhl.com/parcel/de/shipping/v2",
        express: "https://express.api.dhl.com/mydhlapi",
        push: "https://api-eu.dhl.com/tracking/push/v1",
    };

    /// For DHL's own test systems.
    pub const SANDBOX: Hosts = Hosts {
        tracking: "https://api-test.dhl.com/track",
        parcel: "https://api-sandbox.dhl.com/parcel/de/shipping/v2",
        express: "https://express.api.dhl.com/mydhlapi/test",
        push: "https://api-test.dhl.com/tracking/push/v1",
    };
}

impl DhlConfig {
    /// Tracking alone; labels and pushes are added.
    pub fn new(api_key: Secret, tracking_base: impl Into<String>) -> Self {
        DhlConfig {
            api_key,
            tracking_base: tracking_base.into(),
            parcel: None,
            express: None,
            push: None,
            answer_within: ANSWER_WITHIN,
        }
    }
}

/// A billing number that is not one of its product.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the billing number of {0} is not one of this product")]
pub struct WrongBilling(pub String);

/// Pushes as they are agreed.
struct Pushes {
    client: Client,
    hook: String,
    header: String,
    token: Secret,
}

/// The carrier port at DHL.
pub struct Dhl {
    tracking: Client,
    parcel: Option<Parcels>,
    express: Option<Express>,
    push: Option<Pushes>,
}

/// DHL's error body has no code; some have a number in front of their sentence (`8009: …`). Parcel puts all of it into its status.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Problem {
    detail: Option<String>,
    status: Exact,
    status_code: Exact,
}

fn problem_codes(body: &[u8]) -> Vec<String> {
    let problem: Problem = json::read(body).unwrap_or_default();
    let problem = serde_json::from_str(problem.status.text()).unwrap_or(problem);
    let detail = problem.detail.unwrap_or_default();
    let number = detail.split_once(':').map(|(number, _)| number.trim());
    let number = number.filter(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()));
    // What repeats the status is no code, but shows that it is DHL who speaks.
    let told = [number.unwrap_or_default(), problem.status_code.text(), problem.status.text()];
    told.into_iter().find(|code| !code.is_empty()).map(ToOwned::to_owned).into_iter().collect()
}

/// The three letters of a country.
fn alpha3(country: &str) -> Option<&'static str> {
    match country {
        // It has none in ISO 3166-1.
        "XK" => Some("XKX"),
        other => rust_iso3166::from_alpha2(other).map(|country| country.alpha3),
    }
}

impl Dhl {
    /// Makes nothing yet that takes time.
    pub fn new(config: DhlConfig) -> Result<Self, WrongBilling> {
        let http = http_client(config.answer_within);
        let unified = || Dialect { carrier: "DHL", codes: problem_codes, fault: |_| Fault::Request, passing: &[] };
        let key = || Some((KEY, config.api_key.clone()));
        let wrong = config.parcel.as_ref().and_then(|parcel| parcel::faulty_billing(&parcel.billing_numbers));
        if let Some(product) = wrong {
            return Err(WrongBilling(product.clone()));
        }
        let parcel = config.parcel.map(|parcel| {
            let access = Access::Fixed { key: key(), user: Some((parcel.user, parcel.password)) };
            let client = Client::new(http.clone(), &parcel.api_base, access, parcel::dialect());
            Parcels::new(client, parcel.billing_numbers)
        });
        let express = config.express.map(|express| {
            let access = Access::Fixed { key: None, user: Some((express.user, express.password)) };
            let client = Client::new(http.clone(), &express.api_base, access, express::dialect());
            Express::new(client, express.account_number)
        });
        let push = config.push.map(|push| {
            let access = Access::Fixed { key: key(), user: None };
            let client = Client::new(http.clone(), &push.api_base, access, unified());
            Pushes { client, hook: push.hook, header: push.header, token: push.token }
        });
        let access = Access::Fixed { key: key(), user: None };
        let tracking = Client::new(http.clone(), &config.tracking_base, access, unified());
        Ok(Dhl { tracking, parcel, express, push })
    }

    /// The division that has this service.
    fn division(&self, service: &str) -> Result<Division<'_>, CarrierError> {
        let parcel = self.parcel.as_ref().filter(|parcel| parcel.has(service)).map(Division::Parcel);
        // Express calls its products by one sign.
        let express = || self.express.as_ref().filter(|_| service.chars().count() == 1).map(Division::Express);
        parcel.or_else(express).ok_or_else(|| way::refused(Fault::Request, "DHL has no such service for this shop"))
    }

    async fn track_one(&self, parcel: &TrackingRef) -> Result<Option<ParcelNews>, CarrierError> {
        let number = way::named(&parcel.tracking_number)?;
        let mut query = vec![("trackingNumber", number), ("service", tracking::service(number)), ("language", "en")];
        if let Some(code) = &parcel.postal_code {
            query.push(("recipientPostalCode", code));
        }
        let query = serde_urlencoded::to_string(query).unwrap_or_default();
        match self.tracking.read(Call::get("where a parcel is", format!("/shipments?{query}"))).await {
            Ok(answer) => Ok(tracking::news(number, &answer)),
            Err(failure) if failure.is_not_found() => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }

    /// Numbers of one division, at most [`SUBSCRIBE_AT_ONCE`].
    async fn subscribe_some(&self, pushes: &Pushes, service: &str, numbers: &[String]) -> Result<(), CarrierError> {
        let body = json!({
            "hook": {
                "uri": pushes.hook,
                "authentication": {
                    "type": "ApiKeyAuthentication", "header": pushes.header, "token": pushes.token.expose(),
                },
            },
            "format": "Default",
            "type": "Shipment",
            "service": service,
            "events": ["Pre-Transit", "Transit", "Delivered", "Failure", "Unknown"],
            "shipmentIDs": numbers,
        });
        let call = Call::change(Method::POST, "a subscription", "/subscription").json(&body);
        pushes.client.send(call).await?;
        Ok(())
    }

    fn pushes(&self) -> Result<&Pushes, CarrierError> {
        self.push.as_ref().ok_or_else(|| way::refused(Fault::Account, "DHL's pushes are not configured"))
    }
}

enum Division<'a> {
    Parcel(&'a Parcels),
    Express(&'a Express),
}

const TOO_LATE: &str = "DHL Express voids no labels; one that is not used is not charged";

#[async_trait]
impl Tracker for Dhl {
    fn name(&self) -> &str {
        NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            rates: self.express.is_some(),
            void: if self.parcel.is_some() { VoidUntil::DailyClose } else { VoidUntil::Never },
            // Express shows its own; of Parcel nothing is found.
            recovers: self.express.is_some(),
            signed_push: false,
            track_at_once: 1,
            subscription_days: self.push.as_ref().map(|_| SUBSCRIPTION_DAYS),
        }
    }

    async fn track(&self, parcels: &[TrackingRef]) -> Result<Vec<ParcelNews>, CarrierError> {
        let mut told = Vec::new();
        for parcel in parcels {
            told.extend(self.track_one(parcel).await?);
        }
        Ok(told)
    }

    async fn subscribe(&self, parcels: &[TrackingRef]) -> Result<Vec<String>, CarrierError> {
        let pushes = self.pushes()?;
        let mut refused = Vec::new();
        for service in ["parcel-de", "express"] {
            let numbers = parcels.iter().map(|parcel| parcel.tracking_number.clone());
            let numbers: Vec<String> = numbers.filter(|number| tracking::service(number) == service).collect();
            for some in numbers.chunks(SUBSCRIBE_AT_ONCE) {
                match self.subscribe_some(pushes, service, some).await {
                    Ok(()) => {}
                    Err(CarrierError::Refused { fault: Fault::Request, .. }) => refused.extend_from_slice(some),
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(refused)
    }

    async fn read_push(&self, headers: &[(String, String)], body: &[u8], _now: Timestamp) -> Result<Push, PushError> {
        let pushes = self.push.as_ref().ok_or(PushError::Forged)?;
        proof::shared(headers, &pushes.header, Some(&pushes.token))?;
        tracking::pushed(body)
    }

    async fn accept_push(&self, subscription: &str, secret: &str) -> Result<(), CarrierError> {
        let path = format!("/subscription/{}", way::named(subscription)?);
        let call = Call::change(Method::POST, "a handshake", path).with("DHL-API-Hook-Secret", secret);
        self.pushes()?.client.send(call).await?;
        Ok(())
    }
}

#[async_trait]
impl Carrier for Dhl {
    /// Those of each division that labels are bought at, a field once.
    fn faults_of(&self, address: &Address) -> Vec<AddressFault> {
        let parcel = self.parcel.as_ref().map(|_| &PARCEL_LIMITS);
        let express = self.express.as_ref().map(|_| &EXPRESS_LIMITS);
        let mut faults: Vec<AddressFault> = Vec::new();
        for limits in parcel.into_iter().chain(express) {
            for fault in limits.faults(address) {
                if faults.iter().all(|known| known.field != fault.field) {
                    faults.push(fault);
                }
            }
        }
        faults
    }

    /// Parcel has contracts instead of rates.
    async fn rates(&self, request: &RateRequest) -> Result<Vec<Rate>, CarrierError> {
        match &self.express {
            Some(express) => express.rates(request).await,
            None => Ok(Vec::new()),
        }
    }

    async fn buy_label(&self, request: &LabelRequest) -> Result<BoughtLabel, CarrierError> {
        match self.division(&request.service)? {
            Division::Parcel(parcel) => {
                way::check(request, |address| PARCEL_LIMITS.faults(address))?;
                parcel.buy(request).await
            }
            Division::Express(express) => {
                way::check(request, |address| EXPRESS_LIMITS.faults(address))?;
                express.buy(request).await
            }
        }
    }

    async fn recover_label(&self, request: &LabelRequest) -> Result<Recovered, CarrierError> {
        match self.division(&request.service)? {
            Division::Parcel(_) => Ok(Recovered::CannotTell),
            Division::Express(express) => express.recover(request).await,
        }
    }

    async fn void_label(&self, reference: &str, tracking_numbers: &[String]) -> Result<Voided, CarrierError> {
        if tracking::service(reference) == "express" {
            return Ok(Voided::Refused(TOO_LATE.to_owned()));
        }
        let parcel = self.parcel.as_ref();
        let parcel = parcel.ok_or_else(|| way::refused(Fault::Account, "DHL Paket is not configured"))?;
        let numbers = if tracking_numbers.is_empty() { vec![reference.to_owned()] } else { tracking_numbers.to_vec() };
        parcel.void(&numbers).await
    }
}
