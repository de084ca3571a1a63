//! What may stand in a text that people read: on labels, in mails and SMS, and in lists that staff work through.

use icu_properties::props::{BidiControl, DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};

/// The braille pattern without dots: a symbol by its category, and nothing to see.
const BLANK_BRAILLE: char = '\u{2800}';

/// Most decimal digits that stand next to each other in Unicode: those of the mathematical alphabets.
const LONGEST_ROW_OF_DIGITS: u32 = 50;

fn category(character: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(character)
}

/// Whether the character turns the direction of what stands around it, so that a text reads differently than it is.
fn turns_direction(character: char) -> bool {
    CodePointSetData::new::<BidiControl>().contains(character)
}

/// Whether a text holds nothing to see: spaces, marks without a letter, characters without a form.
pub fn is_blank(text: &str) -> bool {
    let invisible = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    text.chars().all(|character| {
        let without_form = matches!(
            category(character),
            GeneralCategory::Control
                | GeneralCategory::Format
                | GeneralCategory::Unassigned
                | GeneralCategory::NonspacingMark
                | GeneralCategory::EnclosingMark
                | GeneralCategory::SpaceSeparator
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
        );
        without_form || invisible.contains(character) || character == BLANK_BRAILLE
    })
}

/// Whether a text is free of control characters, line breaks and tabs aside, and of characters that turn its direction.
pub fn is_plain(text: &str) -> bool {
    let control = |character: char| character.is_control() && !matches!(character, '\n' | '\r' | '\t');
    !text.chars().any(|character| control(character) || turns_direction(character))
}

/// The same in one line, by whatever name a line ends.
pub fn is_one_line(text: &str) -> bool {
    let breaks = |character: char| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
    is_plain(text) && !text.chars().any(breaks)
}

/// The value of a decimal digit of any script.
pub fn digit(character: char) -> Option<u32> {
    if character.is_ascii() {
        return character.to_digit(10);
    }
    if category(character) != GeneralCategory::DecimalNumber {
        return None;
    }
    // The digits of a script stand in a row from zero to nine, and rows that touch each other are whole.
    let before = (1..=LONGEST_ROW_OF_DIGITS).take_while(|back| {
        let one = (character as u32).checked_sub(*back).and_then(char::from_u32);
        one.is_some_and(|one| category(one) == GeneralCategory::DecimalNumber)
    });
    u32::try_from(before.count()).ok().map(|place| place % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_every_script_have_their_value() {
        for zero in ['0', '\u{660}', '\u{6f0}', '\u{966}', '\u{e50}', '\u{ff10}', '\u{1d7ce}', '\u{1d7d8}', '\u{1fbf0}']
        {
            let row = (0..10).map(|value| char::from_u32(zero as u32 + value).and_then(digit));
            assert_eq!(row.collect::<Vec<_>>(), (0..10).map(Some).collect::<Vec<_>>(), "{zero}");
        }
        for other in ['a', '\u{b2}', '\u{2460}', '\u{4e09}'] {
            assert_eq!(digit(other), None, "{other}");
        }
    }
}
