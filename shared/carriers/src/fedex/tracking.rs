//! Where FedEx says that parcels are.

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use oms_app::ports::{Push, PushError, TrackingRef};
use oms_domain::fulfilment::scan::{ParcelNews, Scan};
use serde_json::{Value, json};

use super::states::state;
use super::wire::{Complete, Pushed, TrackResult};
use crate::{json, news};

/// How far from the day on which we meant to hand it over a parcel is looked for, in days. Numbers are used again after months.
const BEFORE_DAYS: i64 = 7;
const AFTER_DAYS: i64 = 30;

fn days(date: Date, days: i64) -> Date {
    date.saturating_add(Span::new().days(days))
}

pub(super) fn question(parcels: &[TrackingRef]) -> Value {
    let one = |parcel: &TrackingRef| {
        json!({
            "shipDateBegin": days(parcel.shipped_on, -BEFORE_DAYS).to_string(),
            "shipDateEnd": days(parcel.shipped_on, AFTER_DAYS).to_string(),
            "trackingNumberInfo": {"trackingNumber": parcel.tracking_number},
        })
    };
    json!({"includeDetailedScans": true, "trackingInfo": parcels.iter().map(one).collect::<Vec<_>>()})
}

/// News of the parcels that FedEx knows, by the number that we asked for.
pub(super) fn news(parcels: &[TrackingRef], results: &[Complete]) -> Vec<ParcelNews> {
    let of = |parcel: &TrackingRef| {
        let result = results.iter().find(|result| result.tracking_number == parcel.tracking_number)?;
        let ours = chosen(&result.track_results.0, parcel.shipped_on)?;
        Some(read(&parcel.tracking_number, ours))
    };
    parcels.iter().filter_map(of).collect()
}

/// Which of several parcels of one number is meant: the one that was handed over nearest to our day. One that was not seen yet is
/// meant if no other is near.
fn chosen(results: &[TrackResult], shipped_on: Date) -> Option<&TrackResult> {
    let distance = |result: &TrackResult| {
        first_day(result).map_or(AFTER_DAYS, |day| i64::from((day - shipped_on).get_days().abs()))
    };
    let known = results.iter().filter(|result| result.error.is_none());
    known.filter(|result| distance(result) <= AFTER_DAYS).min_by_key(|result| distance(result))
}

fn latest(result: &TrackResult) -> Option<Timestamp> {
    result.scan_events.0.iter().filter_map(|event| event.date.parse().ok()).max()
}

/// The day on which it was handed over, or else first seen, where that was.
fn first_day(result: &TrackResult) -> Option<Date> {
    let told = |kind: &str| result.date_and_times.0.iter().find(|date| date.kind == kind);
    let told = told("SHIP").or_else(|| told("ACTUAL_PICKUP")).and_then(|date| day(&date.date_time));
    told.or_else(|| result.scan_events.0.iter().filter_map(|event| day(&event.date)).min())
}

/// The day of a time, with or without an offset.
pub(super) fn day(text: &str) -> Option<Date> {
    text.get(..10)?.parse().ok()
}

fn read(tracking_number: &str, result: &TrackResult) -> ParcelNews {
    let scan = |event: &super::wire::Event| {
        let place = news::place(event.scan_location.city.as_deref(), event.scan_location.country_code.as_deref());
        Some(news::scan(event.date.parse().ok()?, state(&event.event_type)?, &event.event_type, place))
    };
    let mut scans: Vec<Scan> = result.scan_events.0.iter().filter_map(scan).collect();
    news::turned_round(&mut scans);
    let estimate = result.date_and_times.0.iter().find(|date| date.kind == "ESTIMATED_DELIVERY");
    news::parcel(tracking_number, scans, estimate.and_then(|date| date.date_time.parse().ok()))
}

/// Reads a body that is proved.
pub(super) fn pushed(body: &[u8]) -> Result<Push, PushError> {
    let unreadable = |why: &str| PushError::Unreadable(why.to_owned());
    let pushed: Pushed = json::read(body).map_err(|_| unreadable("not a result of tracking"))?;
    let bare = pushed.track_results.map(|results| Complete { tracking_number: String::new(), track_results: results });
    let wrapped = pushed.output.map(|output| output.complete_track_results.0);
    let Some(results) = bare.map(|bare| vec![bare]).or(wrapped) else {
        return Err(unreadable("neither of FedEx's two envelopes"));
    };
    let mut told = Vec::new();
    for complete in &results {
        let number = |result: &TrackResult| match result.tracking_number_info.tracking_number.as_str() {
            "" => complete.tracking_number.clone(),
            number => number.to_owned(),
        };
        let mut numbers: Vec<String> =
            complete.track_results.0.iter().map(number).filter(|one| !one.is_empty()).collect();
        numbers.sort();
        numbers.dedup();
        for name in numbers {
            let (of_number, known) = (name.as_str(), &complete.track_results.0);
            let newest = known.iter().filter(|result| number(result) == of_number && result.error.is_none());
            if let Some(result) = newest.max_by_key(|result| latest(result)) {
                told.push(read(of_number, result));
            }
        }
    }
    told.retain(|news| !news.scans.is_empty() || news.estimated_delivery.is_some());
    Ok(if told.is_empty() { Push::Ignored } else { Push::News(told) })
}
