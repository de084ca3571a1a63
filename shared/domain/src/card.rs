//! Card numbers have no place here (E7): what looks like one is refused wherever somebody writes freely.
//!
//! Numbers that machines make (ids, SKUs, tracking numbers, phone numbers) are not free text: they have fields and rules
//! of their own, and may by chance look like a card.

use std::ops::RangeInclusive;

use crate::text;

/// What is said of a text that holds one.
pub const NO_CARD_NUMBERS: &str =
    "must not contain anything like a card number; card details belong on the payment provider's page";

/// How many digits a card number has.
const DIGITS: RangeInclusive<usize> = 13..=19;

/// Most characters that may stand between two digits of one number.
const MAX_SEPARATORS: usize = 4;

/// Length of an id as we write it: `8-4-4-4-12` hexadecimal digits.
const ID_CHARACTERS: usize = 36;

/// Digits of an EAN-13, and of most mobile numbers with their country code.
const EAN_DIGITS: usize = 13;

/// Longest prefix of an issuer, in digits.
const PREFIX_DIGITS: usize = 4;

/// Issuers by the first four digits of their numbers, and how many digits those have (ISO/IEC 7812, as the networks
/// publish them).
const ISSUERS: [(RangeInclusive<u32>, &[usize]); 26] = [
    // Visa; the short ones are not issued any more and still in use for tests.
    (4000..=4999, &[13, 16, 19]),
    // Mastercard
    (2221..=2720, &[16]),
    (5100..=5599, &[16]),
    // American Express
    (3400..=3499, &[15]),
    (3700..=3799, &[15]),
    // Diners Club
    (3000..=3059, &[14, 16, 17, 18, 19]),
    (3095..=3095, &[14, 16, 17, 18, 19]),
    (3600..=3699, &[14, 15, 16, 17, 18, 19]),
    (3800..=3999, &[14, 16, 17, 18, 19]),
    // JCB
    (3528..=3589, &[16, 17, 18, 19]),
    // Mir, PayPak
    (2200..=2205, &[16, 17, 18, 19]),
    // Verve, Elo, Meeza, Dankort, RuPay
    (5019..=5019, &[16]),
    (5041..=5041, &[16]),
    (5060..=5099, &[16, 18, 19]),
    // Maestro
    (5018..=5018, &[13, 14, 15, 16, 17, 18, 19]),
    (5020..=5020, &[13, 14, 15, 16, 17, 18, 19]),
    (5038..=5038, &[13, 14, 15, 16, 17, 18, 19]),
    (5893..=5893, &[13, 14, 15, 16, 17, 18, 19]),
    (6304..=6304, &[13, 14, 15, 16, 17, 18, 19]),
    (6759..=6763, &[13, 14, 15, 16, 17, 18, 19]),
    // RuPay, Hipercard, Discover, UnionPay, Elo, InterPayment, InstaPayment
    (6000..=6299, &[16, 17, 18, 19]),
    (6360..=6599, &[16, 17, 18, 19]),
    // UnionPay, RuPay, Uzcard
    (8100..=8299, &[16, 17, 18, 19]),
    (8600..=8600, &[16]),
    // Troy, Humo
    (9792..=9792, &[16]),
    (9860..=9860, &[16]),
];

/// Digits that may be one number: between two of them stand at most [`MAX_SEPARATORS`] separators.
#[derive(Default)]
struct Row {
    digits: Vec<u32>,
    /// Whether a digit is the first of a group, that is whether something stands before it.
    opens: Vec<bool>,
    /// Whether a plus sign does.
    plus: Vec<bool>,
}

/// Whether a text holds a number like a card's: of a prefix and a length that an issuer uses, with the right check digit
/// (Luhn), in digits of any script, with anything but letters and digits between them. Ids do not count.
///
/// Takes time in proportion to the text.
pub fn card_like(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    let mut row = Row::default();
    let (mut place, mut separators, mut plus) = (0, 0, false);
    while let Some(character) = characters.get(place) {
        if is_id(&characters, place) {
            if row.holds_card() {
                return true;
            }
            row = Row::default();
            separators = 0;
            place += ID_CHARACTERS;
            continue;
        }
        if let Some(digit) = text::digit(*character) {
            row.opens.push(separators > 0 || row.digits.is_empty());
            row.plus.push(plus);
            row.digits.push(digit);
            separators = 0;
        } else if character.is_alphanumeric() || separators == MAX_SEPARATORS {
            if row.holds_card() {
                return true;
            }
            row = Row::default();
            separators = 0;
        } else {
            separators += 1;
        }
        plus = *character == '+';
        place += 1;
    }
    row.holds_card()
}

/// Whether an id begins here.
fn is_id(characters: &[char], place: usize) -> bool {
    let Some(candidate) = characters.get(place..place + ID_CHARACTERS) else { return false };
    let free = |character: Option<&char>| character.is_none_or(|character| !character.is_alphanumeric());
    let before = place.checked_sub(1).and_then(|before| characters.get(before));
    free(before)
        && free(characters.get(place + ID_CHARACTERS))
        && candidate.iter().enumerate().all(|(place, character)| match place {
            8 | 13 | 18 | 23 => *character == '-',
            _ => character.is_ascii_hexdigit(),
        })
}

impl Row {
    /// Whether some groups that follow each other are a card's number. Each group is looked at with at most 19 digits
    /// behind it.
    fn holds_card(&self) -> bool {
        (0..self.digits.len()).filter(|start| self.opens[*start]).any(|start| {
            let lengths = lengths(&self.digits[start..]).iter();
            lengths.copied().filter(|length| DIGITS.contains(length)).any(|length| {
                let end = start + length;
                let whole = end == self.digits.len() || self.opens.get(end) == Some(&true);
                let number = self.digits.get(start..end).filter(|_| whole);
                number.is_some_and(|number| checks(number) && !is_other(number, self.plus[start]))
            })
        })
    }
}

/// How many digits numbers have that begin like this.
fn lengths(digits: &[u32]) -> &'static [usize] {
    let Some(prefix) = digits.get(..PREFIX_DIGITS) else { return &[] };
    let prefix = prefix.iter().fold(0, |number, digit| number * 10 + digit);
    let issuer = ISSUERS.iter().find(|(prefixes, _)| prefixes.contains(&prefix));
    issuer.map_or(&[], |(_, lengths)| lengths)
}

/// Thirteen digits are as often something else: a code of goods by its own check digit, or a phone number by its plus.
fn is_other(number: &[u32], plus: bool) -> bool {
    let weighted = number.iter().enumerate().map(|(place, digit)| if place % 2 == 0 { *digit } else { digit * 3 });
    number.len() == EAN_DIGITS && (plus || weighted.sum::<u32>() % 10 == 0)
}

/// The check digit of cards (Luhn): every second digit from the right is doubled, and the sum ends in zero.
fn checks(digits: &[u32]) -> bool {
    let weighted = digits.iter().rev().enumerate().map(|(place, digit)| match place % 2 {
        0 => *digit,
        _ => digit * 2 / 10 + digit * 2 % 10,
    });
    weighted.sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn card_numbers_are_found_however_they_are_written() {
        for text in [
            "4242424242424242",
            "4242 4242 4242 4242",
            "4242-4242-4242-4242",
            "4242 - 4242 - 4242 - 4242",
            "4242\u{2013}4242\u{2013}4242\u{2013}4242",
            "4242\u{a0}4242\u{a0}4242\u{a0}4242",
            "4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2",
            "my card is 4242 4242 4242 4242, valid 12/27",
            "order 12 4242 4242 4242 4242 123",
            "visa4242424242424242x",
            "4222222222222",
            "3782 822463 10005",
            "3056 930902 5904",
            "6011 1111 1111 1117",
            "5555 5555 5555 4444",
            "2223 0031 2200 3222",
            "6200 0000 0000 0005",
            "3566 0020 2036 0505",
            "6304 0000 0000 0000 000",
        ] {
            assert!(card_like(text), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_not() {
        for text in [
            "",
            "ordered twice",
            "4242 4242 4242 4241",
            "4242 4242 4242",
            "+49 170 1234567",
            "12345678901234567890",
            "00340434161094042557",
            "01990000-0000-7000-8000-000000000001",
            "see 42424242-4242-4242-8242-424242424242, please",
            "19.90 EUR, 2 x 1990",
            "visa \u{2026}4242",
        ] {
            assert!(!card_like(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_number_with_its_check_digit_is_found_and_with_any_other_is_not(
            front in proptest::collection::vec(0_u32..10, 11..18), off in 1_u32..10, gap in proptest::option::of(1_usize..12),
        ) {
            let length = front.len() + 2;
            prop_assume!([16, 19].contains(&length));
            let front = [&[4][..], front.as_slice()].concat();
            let check = (0..10).find(|last| checks(&[front.as_slice(), &[*last]].concat())).unwrap();
            let written = |last: u32| {
                let mut text: String = front.iter().chain([&last]).filter_map(|digit| char::from_digit(*digit, 10)).collect();
                if let Some(gap) = gap {
                    text.insert(gap, ' ');
                }
                text
            };
            prop_assert!(card_like(&written(check)));
            // Parts of it may be numbers of their own, if it is written in groups.
            prop_assert!(gap.is_some() || !card_like(&written((check + off) % 10)));
        }

        #[test]
        fn no_text_harms_it(text in "\\PC{0,200}") {
            card_like(&text);
        }
    }
}
