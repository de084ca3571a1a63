//! The numbers of the sandbox's parcels.

use oms_domain::ids::LabelId;
use sha2::{Digest as _, Sha256};

/// No carrier's numbers start like this.
const PREFIX: &str = "SBX";

/// Thirteen digits tell the labels apart; two more tell the parcels of a label apart, of which there are at most twenty.
const LABELS: u64 = 10_000_000_000_000;
const PARCELS: u64 = 100;

/// The number of a label's parcel, counted from nought: always the same for the same two. It is `SBX` and 16 digits, of which the
/// last is the check digit that payment cards have (ISO/IEC 7812-1, annex B).
pub fn tracking_number(label: LabelId, parcel: usize) -> String {
    let digest = Sha256::digest(label.uuid().as_bytes());
    let label = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte)) % LABELS;
    let parcel = u64::try_from(parcel).unwrap_or(u64::MAX) % PARCELS;
    let number = label * PARCELS + parcel;
    format!("{PREFIX}{number:015}{}", check_digit(number))
}

/// What makes the sum of the digits, every second one doubled, a multiple of ten.
fn check_digit(mut number: u64) -> u64 {
    let (mut sum, mut doubled) = (0, true);
    while number > 0 {
        let digit = number % 10;
        sum += match (doubled, digit) {
            (false, digit) => digit,
            (true, 0..=4) => digit * 2,
            (true, _) => digit * 2 - 9,
        };
        (number, doubled) = (number / 10, !doubled);
    }
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use oms_domain::fulfilment::parcel::MAX_PARCELS;
    use oms_domain::fulfilment::{Tracking, bare_number};
    use uuid::Uuid;

    use super::*;

    fn label(id: u128) -> LabelId {
        LabelId::new(Uuid::from_u128(id))
    }

    #[test]
    fn a_label_and_its_parcel_have_one_number() {
        assert_eq!(tracking_number(label(7), 2), tracking_number(label(7), 2));
        let numbers: BTreeSet<String> =
            (0..500).flat_map(|id| (0..MAX_PARCELS).map(move |parcel| tracking_number(label(id), parcel))).collect();
        assert_eq!(numbers.len(), 500 * MAX_PARCELS);
    }

    #[test]
    fn a_number_is_taken_as_it_is_written() {
        for id in [0, 1, u128::MAX] {
            let number = tracking_number(label(id), 19);
            assert_eq!(number.len(), 19);
            assert_eq!(Tracking::checked("Sandbox", &number).unwrap().tracking_number, number);
            assert_eq!(bare_number(&number), number);
        }
    }

    /// The examples that are published for it.
    #[test]
    fn the_check_digit_is_that_of_payment_cards() {
        for (number, digit) in [(7_992_739_871, 3), (411_111_111_111_111, 1), (37_828_224_631_000, 5), (0, 0)] {
            assert_eq!(check_digit(number), digit, "{number}");
        }
    }
}
