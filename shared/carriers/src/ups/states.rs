//! What UPS's codes mean. Two letters mean different things by the kind of activity (`OT` is out for delivery, or a question of customs),
//! so they count with their kind only; the three digits beside them mean one thing each.

use oms_domain::fulfilment::scan::CarrierStatus;

use crate::news;

/// Kind and code that say more than the three digits do: not all that is "delivered" was delivered to the customer.
static BY_KIND: [(&str, &[&str], CarrierStatus); 8] = [
    ("M", &["DP"], CarrierStatus::PreTransit),
    ("I", &["DP"], CarrierStatus::InTransit),
    ("I", &["OT", "DL"], CarrierStatus::OutForDelivery),
    ("X", &["DL"], CarrierStatus::Returning),
    ("X", &["OT"], CarrierStatus::Exception),
    ("D", &["B0"], CarrierStatus::ReturnedToSender),
    ("D", &["2Q", "F7", "EP"], CarrierStatus::ReadyForPickup),
    ("D", &["50", "53", "57", "CU", "DZ", "7K"], CarrierStatus::AttemptFailed),
];

/// The three digits (`statusCode`, `descriptionCode`), without leading zeros.
static BY_DIGITS: [(&[&str], CarrierStatus); 11] = [
    (&["3", "79", "80", "157", "166"], CarrierStatus::PreTransit),
    (
        &[
            "5", "10", "14", "25", "38", "39", "44", "45", "47", "57", "71", "73", "74", "84", "87", "137", "138",
            "158", "159", "160", "164", "165", "167", "168", "169",
        ],
        CarrierStatus::InTransit,
    ),
    // 72 is loaded, and maybe not for today.
    (&["6", "21", "37", "72", "78", "89", "91", "146", "162"], CarrierStatus::OutForDelivery),
    // 161 is delivered to a shop, 143 to an agent.
    (&["17", "40", "70", "143", "144", "161"], CarrierStatus::ReadyForPickup),
    (&["11", "26"], CarrierStatus::Delivered),
    // 64 is refused by the customer.
    (&["22", "23", "24", "60", "61", "62", "64", "66", "69", "145"], CarrierStatus::AttemptFailed),
    (
        &[
            "12", "13", "29", "30", "46", "48", "49", "50", "51", "52", "53", "58", "59", "83", "85", "86", "90", "92",
            "123", "124", "125", "126", "130", "139", "141",
        ],
        CarrierStatus::Exception,
    ),
    (&["33", "35", "36", "118", "119"], CarrierStatus::Returning),
    (&["34", "67", "81"], CarrierStatus::ReturnedToSender),
    (&["68", "129", "147", "149"], CarrierStatus::Lost),
    (&["7", "43"], CarrierStatus::Cancelled),
];

/// Nothing for updates of dates and photos (`U`), and for what is in neither table.
pub(super) fn state(kind: &str, code: &str, digits: &str) -> Option<CarrierStatus> {
    if kind == "U" {
        return None;
    }
    let by_kind = BY_KIND.iter().find(|(known, codes, _)| *known == kind && codes.contains(&code));
    by_kind.map(|(.., status)| *status).or_else(|| news::known(&BY_DIGITS, digits.trim().trim_start_matches('0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_ups_s_list_has_its_status() {
        let list = [
            ("pre_transit", "3 79 80 157 166"),
            ("in_transit", "5 10 14 25 38 39 44 45 47 57 71 73 74 84 87 137 138 158 159 160 164 165 167 168 169"),
            ("out_for_delivery", "6 21 37 72 78 89 91 146 162"),
            ("ready_for_pickup", "17 40 70 144 161 143"),
            ("delivered", "11 26"),
            ("attempt_failed", "22 23 24 60 61 62 64 66 69 145"),
            ("exception", "13 29 30 46 48 49 50 51 52 53 58 59 83 85 86 90 12 92 123 124 125 126 130 139 141"),
            ("returning", "33 35 36 118 119"),
            ("returned_to_sender", "34 67 81"),
            ("lost", "68 129 147 149"),
            ("cancelled", "7 43"),
        ];
        for (status, numbers) in list {
            for number in numbers.split(' ') {
                for written in [number.to_owned(), format!("{number:0>3}"), format!(" {number:0>4} ")] {
                    assert_eq!(state("I", "??", &written).map_or("", CarrierStatus::name), status, "{written}");
                }
            }
        }
    }

    #[test]
    fn two_letters_count_with_their_kind() {
        let list = [
            ("out_for_delivery", "I", "OT DL"),
            ("exception", "X", "OT"),
            ("returning", "X", "DL"),
            ("pre_transit", "M", "DP"),
            ("in_transit", "I", "DP"),
            ("ready_for_pickup", "D", "2Q F7 EP"),
            ("returned_to_sender", "D", "B0"),
            ("attempt_failed", "D", "50 53 57 CU DZ 7K"),
        ];
        for (status, kind, codes) in list {
            for code in codes.split(' ') {
                assert_eq!(state(kind, code, "").map_or("", CarrierStatus::name), status, "{kind} {code}");
            }
        }
        assert_eq!(state("D", "B0", "011"), Some(CarrierStatus::ReturnedToSender), "delivered, but to the sender");
        assert_eq!(state("D", "2Q", "011"), Some(CarrierStatus::ReadyForPickup), "delivered, but to a shop");
    }

    #[test]
    fn an_update_is_no_state_and_what_is_not_known_is_not_guessed() {
        for (kind, code, digits) in
            [("U", "DL", "011"), ("U", "OT", "021"), ("D", "", ""), ("I", "ZZ", "999"), ("", "", "000")]
        {
            assert_eq!(state(kind, code, digits), None, "{kind} {code} {digits}");
        }
    }
}
