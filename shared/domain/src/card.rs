//! Card numbers have no place here (E7): what looks like one is refused wherever somebody writes freely.
//!
//! Numbers that machines make (ids, tracking numbers, phone numbers) are not free text: they have fields and rules of
//! their own, and may by chance look like a card.

/// What is said of a text that holds one.
pub const NO_CARD_NUMBERS: &str =
    "must not contain anything like a card number; card details belong on the payment provider's page";

/// How many digits a card number has.
const DIGITS: std::ops::RangeInclusive<usize> = 13..=19;

/// Most characters that may stand between two digits of one number.
const MAX_SEPARATORS: usize = 3;

/// Length of an id as we write it: `8-4-4-4-12` hexadecimal digits.
const ID_CHARACTERS: usize = 36;

/// Whether a text holds a number like a card's: 13 to 19 digits with the right check digit (Luhn), perhaps with spaces or
/// dashes between them. Ids do not count.
pub fn card_like(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    let mut groups: Vec<Vec<u32>> = Vec::new();
    let (mut place, mut separators) = (0, 0);
    while let Some(character) = characters.get(place) {
        if is_id(&characters, place) {
            if any_number(&groups) {
                return true;
            }
            groups.clear();
            place += ID_CHARACTERS;
            continue;
        }
        match character.to_digit(10) {
            Some(digit) => {
                match groups.last_mut() {
                    Some(group) if separators == 0 => group.push(digit),
                    Some(_) | None => groups.push(vec![digit]),
                }
                separators = 0;
            }
            None if separates(*character) && separators < MAX_SEPARATORS => separators += 1,
            None => {
                if any_number(&groups) {
                    return true;
                }
                groups.clear();
                separators = 0;
            }
        }
        place += 1;
    }
    any_number(&groups)
}

fn separates(character: char) -> bool {
    character.is_whitespace() || matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
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

/// Whether some groups that follow each other are one number.
fn any_number(groups: &[Vec<u32>]) -> bool {
    (0..groups.len()).any(|first| {
        let mut digits: Vec<u32> = Vec::new();
        groups.iter().skip(first).any(|group| {
            if digits.len() <= *DIGITS.end() {
                digits.extend(group);
            }
            DIGITS.contains(&digits.len()) && checks(&digits)
        })
    })
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
            "4242.4242.4242.4242",
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
            front in proptest::collection::vec(0_u32..10, 12..19), off in 1_u32..10, gap in proptest::option::of(1_usize..12),
        ) {
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
