//! What FedEx's codes mean (`scanEvents[].eventType`). They are case-sensitive: `Ow` is one, `OW` is not.

use oms_domain::fulfilment::scan::CarrierStatus;

use crate::news;

/// Codes that say where a parcel is. Wishes of the customer (`RR`, `RM`, `RC`), links to return labels (`RP`, `LP`, `RG`, `RD`) and
/// splits (`DS`, `SP`) do not. `DL` after `RS` means the sender ([`news::turned_round`]).
static STATES: [(&[&str], CarrierStatus); 9] = [
    (&["OC", "OX", "EP"], CarrierStatus::PreTransit),
    (
        &[
            "PU", "PX", "OF", "AP", "IT", "IX", "AA", "AC", "AF", "AO", "AR", "AX", "DP", "EA", "EO", "FD", "LO", "Ow",
            "PF", "PL", "PM", "SF", "TR", "CC", "CP", "CH",
        ],
        CarrierStatus::InTransit,
    ),
    (&["OD", "ED", "AD"], CarrierStatus::OutForDelivery),
    (&["HL", "HP"], CarrierStatus::ReadyForPickup),
    (&["DL"], CarrierStatus::Delivered),
    (&["DE"], CarrierStatus::AttemptFailed),
    (&["SE", "DY", "DD", "PD", "CD", "DR"], CarrierStatus::Exception),
    (&["RS"], CarrierStatus::Returning),
    (&["CA"], CarrierStatus::Cancelled),
];

/// Nothing for what says nothing of where a parcel is, and for what came later than this table.
pub(super) fn state(code: &str) -> Option<CarrierStatus> {
    news::known(&STATES, code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_fedex_s_list_has_its_status_or_none() {
        let list = [
            ("pre_transit", "OC OX EP"),
            ("in_transit", "PU PX OF AP IT IX AA AC AF AO AR AX DP EA EO FD LO Ow PF PL PM SF TR CC CP CH"),
            ("out_for_delivery", "OD ED AD"),
            ("ready_for_pickup", "HL HP"),
            ("delivered", "DL"),
            ("attempt_failed", "DE"),
            ("exception", "SE DY DD PD CD DR"),
            ("returning", "RS"),
            ("cancelled", "CA"),
            ("", "RR RM RC RP LP RG RD DS SP"),
        ];
        for (status, codes) in list {
            for code in codes.split(' ') {
                assert_eq!(state(code).map_or("", CarrierStatus::name), status, "{code}");
            }
        }
    }

    #[test]
    fn a_code_is_what_it_is_by_its_capitals() {
        for code in ["OW", "ow", "dl", "Dl", "", "XX", " DL"] {
            assert_eq!(state(code), None, "{code}");
        }
    }
}
