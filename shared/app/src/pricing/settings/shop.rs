//! What the shop does by itself, as it is given.

use std::collections::BTreeSet;

use oms_domain::fulfilment::label::MAX_SERVICE_BYTES;
use oms_domain::fulfilment::parcel::{MAX_GRAMS, MAX_MILLIMETRES, Measures};
use oms_domain::fulfilment::shop::{Automation, LabelRule, MAX_LABEL_RULES, ShopTable};

use super::Faults;

/// Longest name of a carrier, in bytes.
const MAX_CARRIER_BYTES: usize = 32;

/// What the shop does by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GivenShop {
    /// Who begins to prepare what is paid for: `by_hand` or `automatic`.
    pub processing: String,
    /// Labels that are bought without a person.
    pub labels: Vec<GivenLabelRule>,
}

/// How the label of a shipment is bought without a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenLabelRule {
    /// Code of the shipping method that the customer chose.
    pub shipping_method: String,
    pub carrier: String,
    /// The carrier's code of the service.
    pub service: String,
    /// The empty box.
    pub empty: Measures,
}

pub(super) fn read(given: &GivenShop, faults: &mut Faults) -> ShopTable {
    let processing = Automation::ALL.into_iter().find(|one| one.name() == given.processing);
    if processing.is_none() {
        faults.add("/processing", "must be `by_hand` or `automatic`");
    }
    if !faults.bounded("/labels", &given.labels, MAX_LABEL_RULES) {
        return ShopTable::default();
    }
    let mut methods = BTreeSet::new();
    let labels = given.labels.iter().enumerate().map(|(place, given)| {
        let place = format!("/labels/{place}");
        faults.code(&format!("{place}/shipping_method"), &given.shipping_method, &mut methods);
        label_rule(given, &place, faults)
    });
    let labels = labels.collect();
    ShopTable { processing: processing.unwrap_or_default(), labels }
}

fn label_rule(given: &GivenLabelRule, place: &str, faults: &mut Faults) -> LabelRule {
    let named = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !(1..=MAX_CARRIER_BYTES).contains(&given.carrier.len()) || !given.carrier.bytes().all(named) {
        let message = format!("must be the name of a carrier, 1 to {MAX_CARRIER_BYTES} of a-z, 0-9 and -");
        faults.add(format!("{place}/carrier"), message);
    }
    if !(1..=MAX_SERVICE_BYTES).contains(&given.service.len())
        || !given.service.bytes().all(|one| one.is_ascii_graphic())
    {
        let message = format!("must be the carrier's code of a service, 1 to {MAX_SERVICE_BYTES} characters");
        faults.add(format!("{place}/service"), message);
    }
    let Measures { weight_grams, length_mm, width_mm, height_mm } = given.empty;
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
    LabelRule {
        shipping_method: given.shipping_method.clone(),
        carrier: given.carrier.clone(),
        service: given.service.clone(),
        empty: given.empty,
    }
}
