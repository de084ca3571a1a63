//! What DHL's words mean. Its five status codes are the same for all divisions and say too little: a parcel that is out for delivery,
//! waits in a shop or was given back is "transit" in one division and "failure" in another. So a division's own word or code counts
//! first.

use oms_domain::fulfilment::scan::CarrierStatus;

use crate::news;

/// The five codes of Unified tracking. `unknown` says nothing.
static BY_CODE: [(&[&str], CarrierStatus); 4] = [
    (&["pre-transit"], CarrierStatus::PreTransit),
    (&["transit"], CarrierStatus::InTransit),
    (&["delivered"], CarrierStatus::Delivered),
    (&["failure"], CarrierStatus::Exception),
];

/// Words of divisions, in capitals with underscores.
static BY_WORD: [(&str, &[&str], CarrierStatus); 8] = [
    ("parcel-nl", &["OUT_FOR_DELIVERY"], CarrierStatus::OutForDelivery),
    ("parcel-nl", &["DELIVERED_AT_PARCELSHOP"], CarrierStatus::ReadyForPickup),
    ("parcel-nl", &["RETURNED_TO_SHIPPER"], CarrierStatus::Returning),
    ("parcel-nl", &["DELIVERED_AT_SHIPPER"], CarrierStatus::ReturnedToSender),
    ("ecommerce", &["OUT_FOR_DELIVERY"], CarrierStatus::OutForDelivery),
    ("express", &["OUT_FOR_DELIVERY"], CarrierStatus::OutForDelivery),
    (
        "parcel-de",
        &["THE_SHIPMENT_HAS_BEEN_LOADED_ONTO_THE_DELIVERY_VEHICLE", "OUT_FOR_DELIVERY"],
        CarrierStatus::OutForDelivery,
    ),
    ("parcel-de", &["THE_SHIPMENT_IS_BEING_RETURNED_TO_THE_SENDER"], CarrierStatus::Returning),
];

/// Events of DHL Express.
static EXPRESS: [(&[&str], CarrierStatus); 8] = [
    (&["PU", "SA", "DF", "AF", "AR", "PL", "CR", "RR", "FD", "TR", "SC", "SM"], CarrierStatus::InTransit),
    (&["WC"], CarrierStatus::OutForDelivery),
    (&["CC", "HP"], CarrierStatus::ReadyForPickup),
    // OK whole, PD in part, DD damaged.
    (&["OK", "PD", "DD"], CarrierStatus::Delivered),
    // RD is refused by the customer.
    (&["NH", "BA", "CA", "CM", "ND", "AD", "MD", "RD"], CarrierStatus::AttemptFailed),
    (&["CD", "UD", "OH", "IC", "BN", "BR", "MC", "MS", "SS"], CarrierStatus::Exception),
    (&["RT"], CarrierStatus::ReturnedToSender),
    (&["DS"], CarrierStatus::Lost),
];

/// Standard events of DHL Parcel in Germany. `DD`, `GT` and what is collected (`AN`) say nothing of where a parcel is.
static PARCEL_DE: [(&[&str], CarrierStatus); 7] = [
    (&["VA"], CarrierStatus::PreTransit),
    // PO is in the base of delivery, and not on the vehicle: that is LDTMV.
    (&["AE", "ES", "AA", "EE", "NB", "PO"], CarrierStatus::InTransit),
    (&["ZU"], CarrierStatus::Delivered),
    (&["ZF", "LA"], CarrierStatus::ReadyForPickup),
    (&["ZN"], CarrierStatus::AttemptFailed),
    (&["BV", "ZO"], CarrierStatus::Exception),
    (&["LDTMV"], CarrierStatus::OutForDelivery),
];

/// Codes of DHL Parcel in Germany that say that a parcel goes back.
static PARCEL_DE_BACK: [&str; 4] = ["RETRN", "RTTSP", "RTSCR", "RTSSA"];

/// The word as the tables have it.
fn word(text: &str) -> String {
    let letters = text.trim().trim_end_matches('.');
    letters.chars().map(|letter| if letter.is_alphanumeric() { letter.to_ascii_uppercase() } else { '_' }).collect()
}

/// What an event means: by the division's word or code, and else by the status code. `returning` is whether DHL says that the whole
/// parcel is on its way back.
pub(super) fn state(service: &str, status: &str, status_code: &str, returning: bool) -> Option<CarrierStatus> {
    let word = word(status);
    let by_word = || BY_WORD.iter().find(|(of, words, _)| *of == service && words.contains(&word.as_str()));
    let by_event = match service {
        "express" => news::known(&EXPRESS, word.as_str()),
        "parcel-de" if PARCEL_DE_BACK.contains(&word.as_str()) => Some(CarrierStatus::Returning),
        "parcel-de" => news::known(&PARCEL_DE, word.as_str()),
        _ => None,
    };
    let known = by_event.or_else(|| by_word().map(|(.., status)| *status));
    let status = known.or_else(|| news::known(&BY_CODE, status_code.to_ascii_lowercase().as_str()))?;
    Some(if returning && status == CarrierStatus::Delivered { CarrierStatus::ReturnedToSender } else { status })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(service: &str, word: &str, code: &str) -> &'static str {
        state(service, word, code, false).map_or("", CarrierStatus::name)
    }

    #[test]
    fn the_five_codes_have_their_status_and_unknown_has_none() {
        for (code, status) in [
            ("pre-transit", "pre_transit"),
            ("transit", "in_transit"),
            ("delivered", "delivered"),
            ("failure", "exception"),
            ("unknown", ""),
            ("", ""),
        ] {
            assert_eq!(name("ecommerce", "Ein Satz.", code), status, "{code}");
        }
    }

    #[test]
    fn a_division_s_own_word_counts_before_the_code() {
        for (service, word, code, status) in [
            ("parcel-nl", "DELIVERED_AT_SHIPPER", "transit", "returned_to_sender"),
            ("parcel-nl", "RETURNED_TO_SHIPPER", "failure", "returning"),
            ("parcel-nl", "OUT_FOR_DELIVERY", "transit", "out_for_delivery"),
            ("parcel-nl", "DELIVERED_AT_PARCELSHOP", "transit", "ready_for_pickup"),
            ("ecommerce", "OUT FOR DELIVERY", "transit", "out_for_delivery"),
            ("parcel-de", "The shipment has been loaded onto the delivery vehicle", "transit", "out_for_delivery"),
            ("freight", "OUT FOR DELIVERY", "transit", "in_transit"),
        ] {
            assert_eq!(name(service, word, code), status, "{service} {word}");
        }
    }

    #[test]
    fn every_event_of_express_has_its_status_or_none() {
        for (status, codes) in [
            ("in_transit", "PU SA DF AF AR PL CR RR FD TR SC SM"),
            ("out_for_delivery", "WC"),
            ("ready_for_pickup", "CC HP"),
            ("delivered", "OK PD DD"),
            ("attempt_failed", "NH BA CA CM ND AD MD RD"),
            ("exception", "CD UD OH IC BN BR MC MS SS"),
            ("returned_to_sender", "RT"),
            ("lost", "DS"),
            ("", "TP 101 104"),
        ] {
            for code in codes.split(' ') {
                assert_eq!(name("express", code, ""), status, "{code}");
            }
        }
    }

    #[test]
    fn every_event_of_parcel_in_germany_has_its_status_or_none() {
        for (status, codes) in [
            ("pre_transit", "VA"),
            ("in_transit", "AE ES AA EE NB PO"),
            ("out_for_delivery", "LDTMV"),
            ("delivered", "ZU"),
            ("ready_for_pickup", "ZF LA"),
            ("attempt_failed", "ZN"),
            ("exception", "BV ZO"),
            ("returning", "RETRN RTTSP RTSCR RTSSA"),
            ("", "AN DD GT"),
        ] {
            for code in codes.split(' ') {
                assert_eq!(name("parcel-de", code, ""), status, "{code}");
            }
        }
    }

    #[test]
    fn delivered_on_the_way_back_means_the_sender() {
        assert_eq!(state("parcel-de", "ZU", "delivered", true), Some(CarrierStatus::ReturnedToSender));
        assert_eq!(state("parcel-de", "a sentence", "delivered", true), Some(CarrierStatus::ReturnedToSender));
        assert_eq!(state("parcel-de", "ZU", "delivered", false), Some(CarrierStatus::Delivered));
    }
}
