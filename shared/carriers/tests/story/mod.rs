//! People, parcels and a clock, as every carrier gets them.

use std::fmt::Debug;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use oms_app::ports::{CarrierError, Clock as _, Fault, LabelRequest, Party, RateRequest, TrackingRef};
use oms_domain::fulfilment::parcel::Measures;
use oms_domain::fulfilment::scan::ParcelNews;
use oms_domain::ids::LabelId;
use oms_domain::ordering::address::Address;
use oms_fakes::Clock;
use oms_testkit::time::ManualClock;
use serde_json::{Value, json};
use uuid::Uuid;

/// What our label is called in requests.
pub(crate) const REFERENCE: &str = "0190a5b07c3e70008000000000000001";

/// Where nobody listens.
pub(crate) const NOBODY: &str = "http://127.0.0.1:9";

/// What must not be in an error, nor in what is shown of one.
const HIDDEN: [&str; 9] = ["Ada", "Lovelace", "Linden", "10117", "Berlin", "secret", "password", "token-", "127.0.0.1"];

pub(crate) const SHIP_DATE: Date = date(2026, 1, 5);

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn eye(clock: &ManualClock) -> Clock {
    let clock = clock.clone();
    Arc::new(move || clock.now())
}

fn address(name: &str, street: &str, code: &str, city: &str, country: &str) -> Address {
    Address {
        recipient_name: name.into(),
        street_address: street.into(),
        city: city.into(),
        postal_code: Some(code.into()),
        country: country.into(),
        ..Address::default()
    }
}

pub(crate) fn shop() -> Party {
    let address =
        Address { company: Some("Hutladen GmbH".into()), ..address("Versand", "Markt 3", "04109", "Leipzig", "DE") };
    Party { address, phone: Some("+493411234567".into()), email: None }
}

pub(crate) fn ada() -> Party {
    Party { address: address("Ada Lovelace", "Unter den Linden 1", "10117", "Berlin", "DE"), phone: None, email: None }
}

/// Ada's address with a change.
pub(crate) fn ada_with(change: impl FnOnce(&mut Address)) -> Party {
    let mut ada = ada();
    change(&mut ada.address);
    ada
}

pub(crate) fn parcels(count: usize) -> Vec<Measures> {
    vec![Measures { weight_grams: 1_251, length_mm: 301, width_mm: 200, height_mm: 100 }; count]
}

pub(crate) fn label(service: &str, count: usize) -> LabelRequest {
    LabelRequest {
        label_id: LabelId::new(Uuid::from_u128(0x0190_a5b0_7c3e_7000_8000_0000_0000_0001)),
        shipment_number: "S-1001".into(),
        service: service.into(),
        from: shop(),
        to: ada(),
        parcels: parcels(count),
        ship_date: SHIP_DATE,
    }
}

pub(crate) fn question() -> RateRequest {
    RateRequest { from: shop(), to: ada(), parcels: parcels(1), ship_date: SHIP_DATE }
}

/// The same for somebody who has said where they live, and neither who they are nor in which street.
pub(crate) fn question_of_a_stranger() -> RateRequest {
    let Address { city, postal_code, country, .. } = ada().address;
    let address = Address { city, postal_code, country, ..Address::default() };
    RateRequest { to: Party { address, phone: None, email: None }, ..question() }
}

pub(crate) fn tracked(number: &str) -> TrackingRef {
    TrackingRef { tracking_number: number.into(), shipped_on: SHIP_DATE, postal_code: Some("10117".into()) }
}

/// Times and states, in one line each.
pub(crate) fn scans(news: &ParcelNews) -> Vec<String> {
    news.scans.iter().map(|scan| format!("{} {}", scan.at, scan.status.name())).collect()
}

/// What an error means, without its words.
pub(crate) fn road<T: Debug>(result: &Result<T, CarrierError>) -> String {
    impersonal(result);
    match result {
        Ok(_) => "done".into(),
        Err(CarrierError::Unavailable(_)) => "unavailable".into(),
        Err(CarrierError::Unknown(_)) => "unknown".into(),
        Err(CarrierError::Busy { seconds, .. }) => format!("busy {seconds}"),
        Err(CarrierError::Refused { fault: Fault::Address, .. }) => "refused: address".into(),
        Err(CarrierError::Refused { fault: Fault::Request, .. }) => "refused: request".into(),
        Err(CarrierError::Refused { fault: Fault::Account, .. }) => "refused: account".into(),
    }
}

/// Nothing that is shown may name a customer or hold a key.
pub(crate) fn impersonal<T: Debug>(result: &Result<T, CarrierError>) {
    let Err(error) = result else { return };
    let shown = format!("{error} {error:?}");
    for hidden in HIDDEN {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
}

/// A body as a carrier publishes it.
pub(crate) fn sample(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../../events/carriers/{name}.json", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The body with something else in each of its places, one at a time.
pub(crate) fn spoilt(body: &[u8]) -> Vec<Value> {
    let whole: Value = serde_json::from_slice(body).unwrap();
    let mut places = Vec::new();
    list_places(&whole, "", &mut places);
    let others = [Value::Null, json!(7), json!("x"), json!([]), json!({}), json!([{}])];
    let spoil = |place: &String| {
        let whole = whole.clone();
        others.clone().map(move |other| {
            let mut spoilt = whole.clone();
            *spoilt.pointer_mut(place).unwrap() = other;
            spoilt
        })
    };
    places.iter().flat_map(spoil).collect()
}

fn list_places(value: &Value, place: &str, places: &mut Vec<String>) {
    places.push(place.to_owned());
    if let Value::Object(fields) = value {
        for (name, field) in fields {
            list_places(field, &format!("{place}/{name}"), places);
        }
    }
    if let Value::Array(list) = value {
        for (at, one) in list.iter().enumerate() {
            list_places(one, &format!("{place}/{at}"), places);
        }
    }
}
