//! Any text in the letters of the fonts that every PDF reader has: those of Western Europe (`WinAnsiEncoding`).
//!
//! Letters of other scripts are spelled in Latin ones, and a sign without such a spelling is a question mark: something is printed for
//! whatever can be seen. Real carriers refuse such addresses instead; here nothing is delivered, and a label is better than none.

use icu_normalizer::ComposingNormalizerBorrowed;

/// What the bytes from 0x80 to 0x9f are; the others are as in Latin-1. Five are nothing.
const WINDOWS: [char; 32] = [
    '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘', '’', '“', '”', '•',
    '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
];
const FIRST_WINDOWS: u8 = 0x80;

/// Signs with another spelling than what they mean.
const UNKNOWN: &str = "[?]";

/// A sign that has no form in these letters.
const WITHOUT_FORM: &str = "?";

const SPACE: u8 = b' ';

/// A text as it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Printed {
    pub(super) bytes: Vec<u8>,
    /// Whether some of it stands there otherwise than it was written.
    pub(super) respelled: bool,
}

/// The text in one line, spaces folded.
pub(super) fn printed(text: &str) -> Printed {
    let mut printed = Printed { bytes: Vec::with_capacity(text.len()), respelled: false };
    // Signs that stand for a word are spelled with a space behind them, which is none in front of a comma.
    let mut between_words = false;
    for letter in ComposingNormalizerBorrowed::new_nfc().normalize(text).chars() {
        if between_words && !letter.is_ascii_punctuation() {
            printed.push(SPACE);
        }
        between_words = false;
        if letter.is_whitespace() || letter.is_control() {
            printed.push(SPACE);
        } else if let Some(byte) = byte_of(letter) {
            printed.push(byte);
        } else {
            printed.respelled = true;
            let spelled = spelled(letter);
            between_words = spelled.ends_with(' ');
            for byte in spelled.trim_end().bytes() {
                printed.push(if byte.is_ascii_graphic() { byte } else { SPACE });
            }
        }
    }
    if printed.bytes.last() == Some(&SPACE) {
        printed.bytes.pop();
    }
    if printed.bytes.is_empty() && printed.respelled {
        printed.bytes.extend(WITHOUT_FORM.bytes());
    }
    printed
}

impl Printed {
    fn push(&mut self, byte: u8) {
        let folded = byte == SPACE && self.bytes.last().is_none_or(|last| *last == SPACE);
        if !folded {
            self.bytes.push(byte);
        }
    }
}

fn byte_of(letter: char) -> Option<u8> {
    match letter {
        ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{ff}' => u8::try_from(letter).ok(),
        _ => (FIRST_WINDOWS..).zip(WINDOWS).find(|(_, sign)| *sign == letter).map(|(byte, _)| byte),
    }
}

fn spelled(letter: char) -> &'static str {
    deunicode::deunicode_char(letter).filter(|latin| *latin != UNKNOWN).unwrap_or(WITHOUT_FORM)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latin(text: &str) -> (String, bool) {
        let Printed { bytes, respelled } = printed(text);
        (bytes.into_iter().map(char::from).collect(), respelled)
    }

    #[test]
    fn western_letters_stay_as_they_are() {
        assert_eq!(latin("Jürgen Größ, Køge"), ("Jürgen Größ, Køge".into(), false));
        assert_eq!(latin("u\u{308}ber"), ("über".into(), false));
        assert_eq!(printed("5 € – Š’…").bytes, b"5 \x80 \x96 \x8a\x92\x85");
    }

    #[test]
    fn other_scripts_are_spelled_in_latin_letters() {
        for (text, spelled) in [
            ("Łódź", "Lódz"),
            ("Αθήνα", "Athena"),
            ("Москва", "Moskva"),
            ("北京市, 1号", "Bei Jing Shi, 1Hao"),
            ("Ada 😀", "Ada grinning"),
            ("\u{e000}", "?"),
            ("\u{200d}", "?"),
        ] {
            assert_eq!(latin(text), (spelled.into(), true), "{text}");
        }
    }

    #[test]
    fn a_text_is_one_line_without_double_spaces() {
        assert_eq!(latin("  one\r\n two\u{a0}\u{2003}three\t"), ("one two three".into(), false));
        assert_eq!(latin(""), (String::new(), false));
    }
}
