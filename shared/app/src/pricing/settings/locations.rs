//! The locations as they are given.

use std::collections::BTreeSet;

use oms_domain::fulfilment::Location;
use oms_domain::fulfilment::locations::{LocationTable, MAX_LOCATIONS, Origin};
use oms_domain::ordering::address::{Address, Contact};

use super::Faults;
use crate::ordering::details::known_time_zone;

/// A location from which parcels leave.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GivenLocation {
    /// What shipments name.
    pub code: String,
    pub address: Address,
    pub phone: Option<String>,
    pub email: Option<String>,
    /// IANA name.
    pub time_zone: String,
}

pub(super) fn read(given: &[GivenLocation], faults: &mut Faults) -> LocationTable {
    if !faults.bounded("/locations", given, MAX_LOCATIONS) {
        return LocationTable::default();
    }
    let mut codes = BTreeSet::new();
    let origins = given.iter().enumerate().filter_map(|(place, given)| {
        let place = format!("/locations/{place}");
        if !codes.insert(given.code.as_str()) {
            faults.add(format!("{place}/code"), "is used twice");
        }
        origin(given, &place, faults)
    });
    LocationTable { locations: origins.collect() }
}

fn origin(given: &GivenLocation, place: &str, faults: &mut Faults) -> Option<Origin> {
    let code = given.code.parse::<Location>().inspect_err(|error| faults.add(format!("{place}/code"), error)).ok();
    let time_zone = known_time_zone(&given.time_zone);
    if time_zone.is_none() {
        faults.add(format!("{place}/time_zone"), "is not an IANA time zone such as Europe/Berlin");
    }
    let address = given.address.clone().checked().inspect_err(|errors| {
        for error in errors {
            // A sender has a name, and receives nothing.
            let field = if error.field() == "recipient_name" { "name" } else { error.field() };
            faults.add(format!("{place}/address/{field}"), error);
        }
    });
    // Reached as a customer is, so what phone networks and mail servers take is decided in one place.
    let contact = Contact {
        name: given.code.clone(),
        email: given.email.clone().unwrap_or_else(|| "nobody@shop.example".to_owned()),
        phone: given.phone.clone(),
    };
    let contact = contact.checked().map_err(|errors| {
        for error in errors.iter().filter(|error| error.field() != "name") {
            faults.add(format!("{place}/{}", error.field()), error);
        }
    });
    let (code, time_zone, address, contact) = (code?, time_zone?, address.ok()?, contact.ok()?.into_inner());
    let email = given.email.is_some().then_some(contact.email);
    Some(Origin { code, address, phone: contact.phone, email, time_zone })
}
