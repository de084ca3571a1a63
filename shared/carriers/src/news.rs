//! Scans as they are handed on: bounded, and without an address.

use jiff::Timestamp;
use oms_domain::fulfilment::scan::{CarrierStatus, MAX_SCAN_CHARACTERS, ParcelNews, Scan};

fn bounded(text: &str) -> String {
    text.trim().chars().take(MAX_SCAN_CHARACTERS).collect()
}

/// One scan.
pub(crate) fn scan(at: Timestamp, status: CarrierStatus, code: &str, place: Option<String>) -> Scan {
    Scan { at, status, code: bounded(code), place }
}

/// Town and country, as far as they are said.
pub(crate) fn place(city: Option<&str>, country: Option<&str>) -> Option<String> {
    let said = [city, country].into_iter().flatten().map(str::trim).filter(|text| !text.is_empty());
    let said: Vec<&str> = said.collect();
    (!said.is_empty()).then(|| bounded(&said.join(", ")))
}

/// News of a parcel: oldest scan first, each once. Carriers list the newest first, and some twice.
pub(crate) fn parcel(tracking_number: &str, mut scans: Vec<Scan>, estimated_delivery: Option<Timestamp>) -> ParcelNews {
    scans.sort();
    scans.dedup();
    ParcelNews { tracking_number: tracking_number.to_owned(), scans, estimated_delivery }
}

/// A status by its code.
pub(crate) fn known<K: PartialEq + ?Sized>(
    table: &'static [(&'static [&'static K], CarrierStatus)],
    code: &K,
) -> Option<CarrierStatus> {
    table.iter().find(|(codes, _)| codes.contains(&code)).map(|(_, status)| *status)
}

/// Delivered once it had turned round means that the sender has it.
pub(crate) fn turned_round(scans: &mut [Scan]) {
    scans.sort();
    let mut returning = false;
    for scan in scans {
        returning = returning || scan.status == CarrierStatus::Returning;
        if returning && scan.status == CarrierStatus::Delivered {
            scan.status = CarrierStatus::ReturnedToSender;
        }
    }
}
