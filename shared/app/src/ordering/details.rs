//! Checks what a customer says of an order beside where it goes, and fills in what the shop assumes.

use icu_locale_core::Locale;
use jiff::tz::TimeZone;
use oms_domain::ordering::address::{
    Details, MAX_NOTE_CHARACTERS, MAX_REFERENCE_CHARACTERS, MAX_TAG_CHARACTERS, MAX_TAGS,
};
use oms_domain::text::{is_blank, is_one_line, is_plain};

use crate::error::Field;

/// Longest language tag that is read, in characters.
const MAX_LOCALE_CHARACTERS: usize = 35;

/// What the shop assumes of customers who say nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defaults {
    locale: String,
    time_zone: String,
}

impl Default for Defaults {
    fn default() -> Self {
        Defaults { locale: "en".to_owned(), time_zone: "UTC".to_owned() }
    }
}

impl Defaults {
    /// Nothing if one of them is not what it should be.
    pub fn new(locale: &str, time_zone: &str) -> Option<Self> {
        Some(Defaults { locale: canonical_locale(locale)?, time_zone: known_time_zone(time_zone)? })
    }
}

/// A language tag in its canonical form (BCP 47): `de-ch` is `de-CH`.
pub fn canonical_locale(tag: &str) -> Option<String> {
    let locale = Some(tag).filter(|tag| tag.len() <= MAX_LOCALE_CHARACTERS)?.parse::<Locale>().ok()?;
    (!locale.id.language.is_unknown()).then(|| locale.to_string())
}

/// A time zone as the IANA spells it.
pub(crate) fn known_time_zone(name: &str) -> Option<String> {
    let zone = TimeZone::get(name).ok()?;
    zone.iana_name().map(ToOwned::to_owned)
}

/// The details as they are stored; what is wrong goes to `faults`.
pub(crate) fn checked(given: &Details, assumed: &Defaults, faults: &mut Vec<Field>) -> Details {
    let mut locale = Some(assumed.locale.clone());
    if let Some(tag) = &given.locale {
        locale = canonical_locale(tag.trim());
        if locale.is_none() {
            faults.push(Field::new("/locale", "is not a language tag such as de or de-CH (BCP 47)"));
        }
    }
    let mut time_zone = Some(assumed.time_zone.clone());
    if let Some(name) = &given.time_zone {
        time_zone = known_time_zone(name.trim());
        if time_zone.is_none() {
            faults.push(Field::new("/time_zone", "is not a time zone such as Europe/Berlin (IANA)"));
        }
    }
    let mut note = |field: &str, text: &Option<String>| {
        let text = text.as_deref().map(str::trim).filter(|text| !is_blank(text))?;
        if text.chars().count() > MAX_NOTE_CHARACTERS || !is_plain(text) {
            faults.push(Field::new(
                format!("/{field}"),
                format!("must be plain text of at most {MAX_NOTE_CHARACTERS} characters"),
            ));
        }
        Some(text.to_owned())
    };
    let (customer_note, gift_note) = (note("customer_note", &given.customer_note), note("gift_note", &given.gift_note));
    let external_reference = given.external_reference.as_deref().map(str::trim).filter(|text| !is_blank(text));
    if external_reference.is_some_and(|reference| !is_reference(reference)) {
        let message = format!("must have at most {MAX_REFERENCE_CHARACTERS} visible ASCII characters without spaces");
        faults.push(Field::new("/external_reference", message));
    }
    Details {
        locale,
        time_zone,
        customer_note,
        gift_note,
        external_reference: external_reference.map(ToOwned::to_owned),
        tags: tags(&given.tags, faults),
    }
}

/// A code that a machine made, not a sentence.
fn is_reference(text: &str) -> bool {
    text.len() <= MAX_REFERENCE_CHARACTERS && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Different words; one that stands twice counts once.
pub(crate) fn tags(given: &[String], faults: &mut Vec<Field>) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    if given.len() > MAX_TAGS {
        faults.push(Field::new("/tags", format!("must have at most {MAX_TAGS} entries")));
        return tags;
    }
    for (place, tag) in given.iter().enumerate() {
        let tag = tag.trim();
        if is_blank(tag) || tag.chars().count() > MAX_TAG_CHARACTERS || !is_one_line(tag) {
            let message = format!("must be one line of 1 to {MAX_TAG_CHARACTERS} characters");
            faults.push(Field::new(format!("/tags/{place}"), message));
        } else if !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    tags
}
