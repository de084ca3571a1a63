//! What the shop does by itself, as it is given.

use std::collections::BTreeSet;

use oms_domain::fulfilment::parcel::Measures;
use oms_domain::fulfilment::shop::{Automation, LabelRule, MAX_CUSTOMER_CHANGES_MINUTES, MAX_LABEL_RULES, ShopTable};

use super::{Faults, services};

/// What the shop does by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GivenShop {
    /// Who begins to prepare what is paid for: `by_hand` or `automatic`.
    pub processing: String,
    /// Labels that are bought without a person.
    pub labels: Vec<GivenLabelRule>,
    /// For how many minutes after they paid customers may change their orders, if not for the usual time.
    pub customer_changes_minutes: Option<u32>,
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
    let customer_changes_minutes = given.customer_changes_minutes;
    if customer_changes_minutes.is_some_and(|minutes| minutes > MAX_CUSTOMER_CHANGES_MINUTES) {
        faults.add("/customer_changes_minutes", format!("must be at most {MAX_CUSTOMER_CHANGES_MINUTES}"));
    }
    ShopTable { processing: processing.unwrap_or_default(), labels, customer_changes_minutes }
}

fn label_rule(given: &GivenLabelRule, place: &str, faults: &mut Faults) -> LabelRule {
    services::check(&given.carrier, &given.service, given.empty, place, faults);
    LabelRule {
        shipping_method: given.shipping_method.clone(),
        carrier: given.carrier.clone(),
        service: given.service.clone(),
        empty: given.empty,
    }
}
