//! Where DHL says that parcels are: Unified tracking, asked or pushed.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use oms_app::ports::{Push, PushError};
use oms_domain::fulfilment::scan::{ParcelNews, Scan};
use serde::Deserialize;

use super::states::state;
use crate::json::{Exact, Many};
use crate::{json, news};

/// Where times are told that have no offset: DHL Parcel in Germany writes its own.
const ZONE: &str = "Europe/Berlin";

/// DHL's name for the division that gave a number: Express has ten digits, or pieces that begin with `JD`.
pub(super) fn service(number: &str) -> &'static str {
    let digits = number.len() == 10 && number.bytes().all(|byte| byte.is_ascii_digit());
    if digits || number.starts_with("JD") { "express" } else { "parcel-de" }
}

#[derive(Deserialize)]
pub(super) struct Answer {
    #[serde(default)]
    shipments: Many<Shipment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shipment {
    /// A text or a number.
    #[serde(default)]
    id: Exact,
    #[serde(default)]
    service: String,
    status: Option<Event>,
    #[serde(default)]
    events: Many<Event>,
    estimated_time_of_delivery: Option<String>,
    /// Whether the whole parcel is on its way back; a flag here, a text there.
    #[serde(default)]
    return_flag: Exact,
    #[serde(default)]
    ruecksendung: Exact,
    #[serde(default)]
    details: Details,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Details {
    return_flag: Exact,
    ruecksendung: Exact,
    /// The parcels of a shipment of Express, which may be asked after by these.
    piece_ids: Vec<Exact>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    #[serde(default)]
    timestamp: Option<String>,
    #[serde(default)]
    status_code: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    location: Location,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Location {
    address: Place,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Place {
    country_code: Option<String>,
    address_locality: Option<String>,
}

/// A time with an offset, or one of a German clock. In the hour that a German clock shows twice it is the first.
fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    let local: DateTime = text.parse().ok()?;
    Some(local.to_zoned(TimeZone::get(ZONE).ok()?).ok()?.timestamp())
}

impl Shipment {
    fn is(&self, number: &str) -> bool {
        self.id.text() == number || self.details.piece_ids.iter().any(|piece| piece.text() == number)
    }

    fn is_returning(&self) -> bool {
        let details = &self.details;
        let flags = [&self.return_flag, &self.ruecksendung, &details.return_flag, &details.ruecksendung];
        flags.into_iter().any(|flag| flag.text() == "true")
    }

    fn scan(&self, event: &Event) -> Option<Scan> {
        let word = event.status.as_deref().unwrap_or_default();
        let code = event.status_code.as_deref().unwrap_or_default();
        let status = state(&self.service, word, code, self.is_returning())?;
        let place = &event.location.address;
        let place = news::place(place.address_locality.as_deref(), place.country_code.as_deref());
        // A sentence in the language of the division is no code.
        let named = if word.len() <= MAX_WORD_BYTES && !word.is_empty() { word } else { code };
        Some(news::scan(moment(event.timestamp.as_deref()?)?, status, named, place))
    }

    fn news(&self, number: &str) -> ParcelNews {
        let latest = self.status.iter().filter(|_| self.events.0.is_empty());
        let mut scans: Vec<Scan> = self.events.0.iter().chain(latest).filter_map(|event| self.scan(event)).collect();
        news::turned_round(&mut scans);
        news::parcel(number, scans, self.estimated_time_of_delivery.as_deref().and_then(moment))
    }
}

/// Longest word of an event that is kept as its code, in bytes.
const MAX_WORD_BYTES: usize = 32;

/// News of one parcel. A number may be one of several divisions: the one that we gave it to is meant, or the only one.
pub(super) fn news(number: &str, answer: &Answer) -> Option<ParcelNews> {
    let ours = answer.shipments.0.iter().find(|shipment| shipment.is(number) && shipment.service == service(number));
    let only = || match answer.shipments.0.as_slice() {
        [only] if only.is(number) => Some(only),
        _ => None,
    };
    ours.or_else(only).map(|shipment| shipment.news(number))
}

#[derive(Deserialize)]
struct Pushed {
    scope: String,
    #[serde(default, rename = "self")]
    link: String,
    #[serde(default)]
    secret: Exact,
    #[serde(default)]
    shipments: Many<Shipment>,
}

/// Reads a body that is proved.
pub(super) fn pushed(body: &[u8]) -> Result<Push, PushError> {
    let unreadable = |why: &str| PushError::Unreadable(why.to_owned());
    let pushed: Pushed = json::read(body).map_err(|_| unreadable("not a message of a subscription"))?;
    match pushed.scope.as_str() {
        "subscription.validate" => {
            // The link's last part is taken; the link is never followed.
            let subscription = pushed.link.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            if crate::way::named(subscription).is_err() || pushed.secret.text().is_empty() {
                return Err(unreadable("a handshake without its subscription"));
            }
            Ok(Push::Handshake { subscription: subscription.to_owned(), secret: pushed.secret.text().to_owned() })
        }
        "subscription.push" => {
            let shipments = pushed.shipments.0.iter().filter(|shipment| !shipment.id.text().is_empty());
            let told = shipments.map(|shipment| shipment.news(shipment.id.text()));
            let told: Vec<ParcelNews> =
                told.filter(|news| !news.scans.is_empty() || news.estimated_delivery.is_some()).collect();
            Ok(if told.is_empty() { Push::Ignored } else { Push::News(told) })
        }
        _ => Ok(Push::Ignored),
    }
}
