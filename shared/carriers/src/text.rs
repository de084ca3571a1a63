//! Addresses as carriers can print them: with letters that they know, in lines that are not longer than theirs.
//!
//! Nothing is cut. What does not fit, or has letters that have no Latin form, is named before a label is bought.

use oms_app::ports::AddressFault;
use oms_domain::ordering::address::Address;

/// Which letters a carrier prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alphabet {
    /// Nothing beyond ASCII.
    Ascii,
    /// Western European letters as they are.
    Latin1,
}

/// What a carrier can print of an address: for each field of [`Address`] its longest text, in characters.
pub(crate) struct Limits {
    pub(crate) carrier: &'static str,
    pub(crate) alphabet: Alphabet,
    pub(crate) fields: &'static [(&'static str, usize)],
}

impl Limits {
    /// Everything that is wrong for this carrier.
    pub(crate) fn faults(&self, address: &Address) -> Vec<AddressFault> {
        let fault = |(field, most): &(&'static str, usize)| {
            let text = value(address, field)?;
            let why = match self.alphabet.write(text) {
                None => format!("has signs that {} cannot print: Latin letters are needed", self.carrier),
                Some(written) if counted(field, &written) > *most => {
                    format!("is longer than the {most} characters that {} prints", self.carrier)
                }
                Some(_) => return None,
            };
            Some(AddressFault { field, why })
        };
        self.fields.iter().filter_map(fault).collect()
    }

    /// A field as it is sent; one that has a fault is not sent at all.
    pub(crate) fn write(&self, text: &str) -> String {
        self.alphabet.write(text).unwrap_or_default()
    }
}

/// Signs within postal codes are left out by carriers that have no room for them.
fn counted(field: &str, written: &str) -> usize {
    if field == "postal_code" {
        written.chars().filter(char::is_ascii_alphanumeric).count()
    } else {
        written.chars().count()
    }
}

fn value<'a>(address: &'a Address, field: &str) -> Option<&'a str> {
    match field {
        "recipient_name" => Some(&address.recipient_name),
        "company" => address.company.as_deref(),
        "street_address" => Some(&address.street_address),
        "street_address_2" => address.street_address_2.as_deref(),
        "city" => Some(&address.city),
        "state" => address.state.as_deref(),
        "postal_code" => address.postal_code.as_deref(),
        _ => None,
    }
}

/// German letters, which have a spelling of their own without dots.
const GERMAN: [(char, &str, &str); 6] =
    [('ä', "ae", "ae"), ('ö', "oe", "oe"), ('ü', "ue", "ue"), ('Ä', "Ae", "AE"), ('Ö', "Oe", "OE"), ('Ü', "Ue", "UE")];

/// Letters with two dots in one sign; some keyboards write them as two.
const DOTTED: [(char, char); 6] = [('a', 'ä'), ('o', 'ö'), ('u', 'ü'), ('A', 'Ä'), ('O', 'Ö'), ('U', 'Ü')];

const TWO_DOTS: char = '\u{308}';

/// Blocks whose letters have a Latin form that a postman reads: Latin, Greek, Cyrillic, and punctuation. Chinese signs have one
/// too, which is another one in Japan.
const READABLE: [std::ops::RangeInclusive<char>; 6] = [
    '\u{a0}'..='\u{24f}',
    '\u{1e00}'..='\u{1eff}',
    '\u{370}'..='\u{3ff}',
    '\u{1f00}'..='\u{1fff}',
    '\u{400}'..='\u{52f}',
    '\u{2000}'..='\u{206f}',
];

impl Alphabet {
    /// The text in letters of this alphabet; nothing if that is not possible.
    pub(crate) fn write(self, text: &str) -> Option<String> {
        let letters = composed(text);
        let mut written = String::with_capacity(text.len());
        for (at, letter) in letters.iter().copied().enumerate() {
            match letter {
                ' '..='~' => written.push(letter),
                '\u{a1}'..='\u{ff}' if self == Alphabet::Latin1 => written.push(letter),
                '\u{300}'..='\u{36f}' => {}
                _ => written.push_str(spelled(letter, shouted(&letters, at))?),
            }
        }
        Some(written)
    }
}

/// The letters, with dots that stand behind their letter put on it.
fn composed(text: &str) -> Vec<char> {
    let mut letters: Vec<char> = Vec::with_capacity(text.len());
    for letter in text.chars() {
        let dotted = letters.last().and_then(|last| DOTTED.iter().find(|(plain, _)| plain == last));
        match (dotted, letters.last_mut()) {
            (Some((_, dotted)), Some(last)) if letter == TWO_DOTS => *last = *dotted,
            _ => letters.push(letter),
        }
    }
    letters
}

/// Whether a letter stands in a word of capitals.
fn shouted(letters: &[char], at: usize) -> bool {
    let next = letters.get(at + 1).filter(|letter| letter.is_alphabetic());
    let before = at.checked_sub(1).and_then(|before| letters.get(before)).filter(|letter| letter.is_alphabetic());
    next.or(before).is_some_and(|letter| letter.is_uppercase())
}

fn spelled(letter: char, shouted: bool) -> Option<&'static str> {
    if let Some((_, mild, loud)) = GERMAN.iter().find(|(german, ..)| *german == letter) {
        return Some(if shouted { loud } else { mild });
    }
    let readable = READABLE.iter().any(|block| block.contains(&letter));
    deunicode::deunicode_char(letter).filter(|latin| readable && !latin.is_empty() && *latin != "[?]")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NARROW: Limits = Limits {
        carrier: "a carrier",
        alphabet: Alphabet::Ascii,
        fields: &[
            ("recipient_name", 35),
            ("street_address", 35),
            ("street_address_2", 35),
            ("city", 35),
            ("postal_code", 9),
        ],
    };

    fn address() -> Address {
        Address {
            recipient_name: "Zoë Łukasz-Müller".into(),
            street_address: "Große Straße 1".into(),
            city: "Køge".into(),
            postal_code: Some("12345-6789".into()),
            country: "DK".into(),
            ..Address::default()
        }
    }

    #[test]
    fn letters_are_written_as_people_there_spell_them() {
        for (text, written) in [
            ("Jürgen Größ", "Juergen Groess"),
            ("MÜLLER & SÖHNE", "MUELLER & SOEHNE"),
            ("Ärger", "Aerger"),
            ("René Ångström", "Rene Angstroem"),
            ("Łódź", "Lodz"),
            ("u\u{308}ber e\u{301}", "ueber e"),
            ("Αθήνα", "Athena"),
            ("O’Neill – 2\u{a0}b", "O'Neill - 2 b"),
        ] {
            assert_eq!(Alphabet::Ascii.write(text).as_deref(), Some(written), "{text}");
        }
        assert_eq!(Alphabet::Latin1.write("Jürgen Größ in Łódź").as_deref(), Some("Jürgen Größ in Lódz"));
        assert_eq!(Alphabet::Latin1.write("u\u{308}ber").as_deref(), Some("über"));
    }

    #[test]
    fn what_has_no_latin_form_is_not_guessed() {
        for text in ["東京都", "Ada 😀", "שלום", "line\nbreak"] {
            assert_eq!(Alphabet::Ascii.write(text), None, "{text}");
            let faults = NARROW.faults(&Address { city: text.into(), ..address() });
            assert_eq!(faults.iter().map(|fault| fault.field).collect::<Vec<_>>(), ["city"]);
            assert!(!faults[0].why.contains(text));
        }
    }

    #[test]
    fn a_line_is_measured_as_it_will_be_written() {
        assert_eq!(NARROW.faults(&address()), []);
        let fits = Address { street_address: format!("{}ü", "a".repeat(33)), ..address() };
        assert_eq!(NARROW.faults(&fits), []);
        let long = Address {
            street_address: format!("{}ü", "a".repeat(34)),
            street_address_2: Some("b".repeat(36)),
            postal_code: Some("1234567890".into()),
            ..address()
        };
        let faults: Vec<(&str, String)> =
            NARROW.faults(&long).into_iter().map(|fault| (fault.field, fault.why)).collect();
        let too_long = |most: usize| format!("is longer than the {most} characters that a carrier prints");
        assert_eq!(
            faults,
            [("street_address", too_long(35)), ("street_address_2", too_long(35)), ("postal_code", too_long(9))]
        );
    }
}
