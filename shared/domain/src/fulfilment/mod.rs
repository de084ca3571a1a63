//! From the shelf to the door: shipments, parcels, and what carriers tell of them.

pub mod journey;
pub mod label;
pub mod locations;
pub mod parcel;
pub mod scan;
mod shipment;
pub mod shop;

use serde::{Deserialize, Serialize};

pub use shipment::{
    Announcement, InvalidLocation, InvalidShipmentId, Location, MAX_LOCATION_CHARACTERS, MAX_PLANNED_AT_ONCE,
    MAX_SHIPMENTS, Shipment, ShipmentId, ShipmentStatus, UnknownShipmentStatus,
};

use crate::catalog::stock::Condition;

/// Longest carrier name or tracking number, in characters.
pub const MAX_TRACKING_CHARACTERS: usize = 64;

/// Most shipments that hear what is told of one number: those that travel in one box, and those of before that had the number.
pub const MAX_SHIPMENTS_OF_A_NUMBER: usize = 20;

/// Longest address of a page about a parcel, in bytes.
pub const MAX_PAGE_BYTES: usize = 500;

/// Where carriers show a parcel, by what shops call them: lower case, letters and digits only. The number follows.
const PAGES: [(&[&str], &str); 13] = [
    (
        &["dhl", "dhlexpress", "dhlpaket", "dhlparcel", "dhlgermany", "dhlde"],
        "https://www.dhl.com/global-en/home/tracking.html?tracking-id=",
    ),
    (&["ups"], "https://www.ups.com/track?tracknum="),
    (&["fedex", "fedexexpress", "fedexground"], "https://www.fedex.com/fedextrack/?trknbr="),
    (&["usps"], "https://tools.usps.com/go/TrackConfirmAction?tLabels="),
    (&["dpd", "dpdde", "dpdgermany"], "https://tracking.dpd.de/status/en_US/parcel/"),
    (&["gls", "glsgermany"], "https://gls-group.eu/GROUP/en/parcel-tracking?match="),
    (&["royalmail"], "https://www.royalmail.com/track-your-item#/tracking-results/"),
    (&["parcelforce"], "https://www.parcelforce.com/track-trace?trackNumber="),
    (&["evri", "hermesuk"], "https://www.evri.com/track/parcel/"),
    (&["laposte", "colissimo"], "https://www.laposte.fr/outils/suivre-vos-envois?code="),
    (&["sterreichischepost", "austrianpost", "postat"], "https://www.post.at/sv/sendungsdetails?snr="),
    (&["swisspost", "postch"], "https://service.post.ch/ekp-web/ui/entry/search/"),
    (&["australiapost", "auspost"], "https://auspost.com.au/mypost/track/details/"),
];

/// What carriers are called begins with one of these, and the name of the port.
const TOLD_BY: [(&str, &str); 4] = [("dhl", "dhl"), ("ups", "ups"), ("fedex", "fedex"), ("sandbox", "sandbox")];

/// What customers read, by the names of the ports.
const CALLED: [(&str, &str); 4] = [("dhl", "DHL"), ("ups", "UPS"), ("fedex", "FedEx"), ("sandbox", "Sandbox")];

/// What customers call a carrier that has this name among the ports.
pub fn name_of_carrier(name: &str) -> &str {
    CALLED.iter().find(|(port, _)| *port == name).map_or(name, |(_, called)| called)
}

/// A parcel's number without spaces and hyphens, in capitals.
pub fn bare_number(number: &str) -> String {
    number.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect()
}

/// Units of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineQuantity {
    pub line: u16,
    pub quantity: u32,
}

/// Units of one line that came back, with their inspected condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnedLine {
    pub line: u16,
    pub quantity: u32,
    /// In which condition.
    pub condition: Condition,
}

/// Why tracking data cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTracking {
    #[error("carrier must be a name of 1 to 64 letters, digits, spaces and signs such as & . - '")]
    Carrier,
    #[error(
        "tracking_number must have 1 to 64 letters and digits of A-Z and 0-9, with spaces, hyphens, dots or underscores"
    )]
    Number,
}

impl InvalidTracking {
    /// The field that is wrong.
    pub const fn field(&self) -> &'static str {
        match self {
            InvalidTracking::Carrier => "carrier",
            InvalidTracking::Number => "tracking_number",
        }
    }
}

/// Why an address is no page about a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an https address of at most {MAX_PAGE_BYTES} characters")]
pub struct InvalidPage;

/// How a parcel is followed (G2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracking {
    /// Who carries it, as the shop wrote it.
    pub carrier: String,
    /// The carrier's number for it.
    pub tracking_number: String,
    /// The page about it, where the shop gave one.
    #[serde(default, rename = "url", skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

impl Tracking {
    /// Trims and checks both parts, and tells of both what is wrong. A carrier is a name, in letters of any script; a number is what carriers print.
    pub fn checked(carrier: &str, tracking_number: &str) -> Result<Self, Vec<InvalidTracking>> {
        let (carrier, number) = (carrier.trim(), tracking_number.trim());
        let mut faults = Vec::new();
        let fits = |text: &str| (1..=MAX_TRACKING_CHARACTERS).contains(&text.chars().count());
        let of_a_name = |character: char| character.is_alphanumeric() || " -_.&+'\u{2019}/(),!:".contains(character);
        if !fits(carrier) || !carrier.chars().all(of_a_name) || !carrier.contains(char::is_alphanumeric) {
            faults.push(InvalidTracking::Carrier);
        }
        let printed = |byte: u8| byte.is_ascii_alphanumeric() || b" -_.".contains(&byte);
        if !fits(number) || !number.bytes().all(printed) || !number.contains(|c: char| c.is_ascii_alphanumeric()) {
            faults.push(InvalidTracking::Number);
        }
        let tracking = Tracking { carrier: carrier.to_owned(), tracking_number: number.to_owned(), page: None };
        if faults.is_empty() { Ok(tracking) } else { Err(faults) }
    }

    /// With a page of the shop's choice.
    pub fn with_page(self, page: Option<&str>) -> Result<Self, InvalidPage> {
        Ok(Tracking { page: Tracking::checked_page(page)?, ..self })
    }

    /// A page of the shop's choice, if there is one: an https address without a user in it.
    pub fn checked_page(page: Option<&str>) -> Result<Option<String>, InvalidPage> {
        let page = page.map(str::trim).filter(|page| !page.is_empty());
        let web = |page: &str| {
            let host = page.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
            let plain = page.len() <= MAX_PAGE_BYTES
                && page.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"'<>`{}|^".contains(&byte));
            plain && host.is_some_and(|host| host.contains('.') && !host.contains('@'))
        };
        match page {
            Some(page) if !web(page) => Err(InvalidPage),
            page => Ok(page.map(ToOwned::to_owned)),
        }
    }

    /// The name of its carrier that the ports go by, if it is one that can tell of parcels.
    pub fn told_by(&self) -> Option<&'static str> {
        let carrier: String = self.carrier.chars().filter(char::is_ascii_alphanumeric).collect();
        let carrier = carrier.to_ascii_lowercase();
        TOLD_BY.iter().find(|(name, _)| carrier.starts_with(name)).map(|(_, told_by)| *told_by)
    }

    /// Its number without what makes it easier to read.
    pub fn bare_number(&self) -> String {
        bare_number(&self.tracking_number)
    }

    /// The page about the parcel: the shop's own, or the carrier's, for carriers we know (I6).
    pub fn url(&self) -> Option<String> {
        if let Some(page) = &self.page {
            return Some(page.clone());
        }
        let carrier: String = self.carrier.chars().filter(char::is_ascii_alphanumeric).collect();
        let carrier = carrier.to_ascii_lowercase();
        // Spaces and hyphens make a number easier to read; everything else is part of it.
        let of_number = |character: &char| character.is_ascii_alphanumeric() || matches!(character, '.' | '_');
        let number: String = self.tracking_number.chars().filter(of_number).collect();
        if number.is_empty() {
            return None;
        }
        let (_, page) = PAGES.iter().find(|(names, _)| names.contains(&carrier.as_str()))?;
        Some(format!("{page}{number}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_carriers_have_a_page_and_odd_numbers_are_refused() {
        let tracking = Tracking::checked(" DHL ", "00340434161094042557").unwrap();
        assert_eq!(
            tracking.url().unwrap(),
            "https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557"
        );
        assert_eq!(Tracking::checked("Bike courier", "7").unwrap().url(), None);
        assert_eq!(Tracking::checked("", "7"), Err(vec![InvalidTracking::Carrier]));
        assert_eq!(Tracking::checked("DHL", "<script>"), Err(vec![InvalidTracking::Number]));
    }
}
