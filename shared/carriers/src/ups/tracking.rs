//! Where UPS says that parcels are.

#![allow(clippy::struct_field_names, reason = "they are the carrier's names")]

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use oms_app::ports::{Push, PushError};
use oms_domain::fulfilment::scan::{ParcelNews, Scan};
use serde::Deserialize;

use super::states::state;
use crate::json::{Exact, Many};
use crate::{json, news};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    pub(super) track_response: Option<Response>,
}

#[derive(Deserialize)]
pub(super) struct Response {
    #[serde(default)]
    shipment: Many<Shipment>,
}

#[derive(Deserialize)]
struct Shipment {
    /// Whatever is warned of, a parcel that UPS does not know (`TW0001`) has no packages.
    #[serde(default)]
    package: Many<Package>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Package {
    #[serde(default)]
    tracking_number: String,
    #[serde(default)]
    activity: Many<Activity>,
    #[serde(default)]
    delivery_date: Many<DeliveryDate>,
}

/// Date and time of the place stand beside these; only the ones in GMT say when it was.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Activity {
    #[serde(default)]
    gmt_date: Exact,
    #[serde(default)]
    gmt_time: Exact,
    #[serde(default)]
    location: Location,
    #[serde(default)]
    status: Status,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Location {
    address: Place,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Place {
    city: Option<String>,
    country_code: Option<String>,
    country: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    #[serde(rename = "type")]
    kind: Exact,
    code: Exact,
    /// The three digits are called so where they are asked for, and otherwise where they are pushed.
    status_code: Exact,
    description_code: Exact,
}

#[derive(Deserialize)]
struct DeliveryDate {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    date: Exact,
}

fn date(text: &str) -> Option<Date> {
    Date::strptime("%Y%m%d", text).ok()
}

/// A moment in GMT: `20260105` and `140300` or `14:03:00`.
fn moment(day: &str, time: &str) -> Option<Timestamp> {
    let digits: String = time.chars().filter(char::is_ascii_digit).collect();
    let time = Time::strptime("%H%M%S", &digits).ok()?;
    TimeZone::UTC.to_timestamp(DateTime::from_parts(date(day)?, time)).ok()
}

/// A day of a place that is not told: its noon in GMT falls on that day nearly everywhere.
fn noon(day: &str) -> Option<Timestamp> {
    TimeZone::UTC.to_timestamp(date(day)?.to_datetime(civil::time(12, 0, 0, 0))).ok()
}

fn scan(at: Option<Timestamp>, status: &Status, place: &Place) -> Option<Scan> {
    let digits = [&status.status_code, &status.description_code].map(Exact::text);
    let digits = digits.into_iter().find(|digits| !digits.is_empty()).unwrap_or_default();
    let (kind, code) = (status.kind.text(), status.code.text());
    let named = format!("{kind}/{code}/{digits}");
    let place = news::place(place.city.as_deref(), place.country_code.as_deref().or(place.country.as_deref()));
    Some(news::scan(at?, state(kind, code, digits)?, &named, place))
}

/// News of the parcel with this number: an answer holds all parcels of its shipment.
pub(super) fn news(number: &str, answer: &Answer) -> Option<ParcelNews> {
    let shipments = &answer.track_response.as_ref()?.shipment.0;
    let packages = shipments.iter().flat_map(|shipment| &shipment.package.0);
    let ours: Vec<&Package> = packages.filter(|package| package.tracking_number == number).collect();
    if ours.is_empty() {
        return None;
    }
    let activities = ours.iter().flat_map(|package| &package.activity.0);
    let scans = activities.filter_map(|activity| {
        let at = moment(activity.gmt_date.text(), activity.gmt_time.text());
        scan(at, &activity.status, &activity.location.address)
    });
    let mut scans: Vec<Scan> = scans.collect();
    news::turned_round(&mut scans);
    // `DEL` is the day on which it was delivered. A rescheduled day counts more than the first one.
    let dates = || ours.iter().flat_map(|package| &package.delivery_date.0);
    let day = |kind: &str| dates().find(|date| date.kind == kind).and_then(|date| noon(date.date.text()));
    Some(news::parcel(number, scans, day("RDD").or_else(|| day("SDD"))))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pushed {
    tracking_number: String,
    #[serde(default)]
    activity_location: Place,
    #[serde(default)]
    activity_status: Status,
    #[serde(default)]
    scheduled_delivery_date: Exact,
    #[serde(default)]
    gmt_activity_date: Exact,
    #[serde(default)]
    gmt_activity_time: Exact,
}

/// Reads a body that is proved.
pub(super) fn pushed(body: &[u8]) -> Result<Push, PushError> {
    let unreadable = |_| PushError::Unreadable("not an event of a parcel".to_owned());
    let events: Many<Pushed> = json::read(body).map_err(unreadable)?;
    let told = events.0.into_iter().filter_map(|event| {
        let at = moment(event.gmt_activity_date.text(), event.gmt_activity_time.text());
        let scans: Vec<Scan> = scan(at, &event.activity_status, &event.activity_location).into_iter().collect();
        let estimate = noon(event.scheduled_delivery_date.text());
        (!scans.is_empty() || estimate.is_some()).then(|| news::parcel(&event.tracking_number, scans, estimate))
    });
    let told: Vec<ParcelNews> = told.collect();
    Ok(if told.is_empty() { Push::Ignored } else { Push::News(told) })
}
