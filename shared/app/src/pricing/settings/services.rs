//! A carrier's service with its box, as tables give it.

use oms_domain::fulfilment::label::MAX_SERVICE_BYTES;
use oms_domain::fulfilment::parcel::{MAX_GRAMS, MAX_MILLIMETRES, Measures};

use super::Faults;

/// Longest name of a carrier, in bytes.
const MAX_CARRIER_BYTES: usize = 32;

pub(super) fn check(carrier: &str, service: &str, empty: Measures, place: &str, faults: &mut Faults) {
    let named = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !(1..=MAX_CARRIER_BYTES).contains(&carrier.len()) || !carrier.bytes().all(named) {
        let message = format!("must be the name of a carrier, 1 to {MAX_CARRIER_BYTES} of a-z, 0-9 and -");
        faults.add(format!("{place}/carrier"), message);
    }
    if !(1..=MAX_SERVICE_BYTES).contains(&service.len()) || !service.bytes().all(|one| one.is_ascii_graphic()) {
        let message = format!("must be the carrier's code of a service, 1 to {MAX_SERVICE_BYTES} characters");
        faults.add(format!("{place}/service"), message);
    }
    let Measures { weight_grams, length_mm, width_mm, height_mm } = empty;
    let bounds = [
        ("weight_grams", weight_grams, MAX_GRAMS),
        ("length_mm", length_mm, MAX_MILLIMETRES),
        ("width_mm", width_mm, MAX_MILLIMETRES),
        ("height_mm", height_mm, MAX_MILLIMETRES),
    ];
    for (field, number, most) in bounds {
        if !(1..=most).contains(&number) {
            faults.add(format!("{place}/box/{field}"), format!("must be 1 to {most}"));
        }
    }
}
