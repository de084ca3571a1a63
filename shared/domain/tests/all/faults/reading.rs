//! Texts that come in: addresses of mail, phone numbers, names, card-like numbers, currencies.

use std::time::{Duration, Instant};

use oms_domain::card::card_like;
use oms_domain::fulfilment::Tracking;
use oms_domain::link::{has_link, names_site};
use oms_domain::money::{Amount, Currency, Money};
use oms_domain::ordering::address::{Address, AddressError, Checked, Contact, ContactError, Destination};
use oms_domain::ordering::{Event, Record, RefundEvent};
use oms_domain::text::{is_blank, is_one_line, is_plain};

use crate::support::events::{every_event, recorded};

fn contact(name: &str, email: &str, phone: Option<&str>) -> Result<Checked<Contact>, Vec<ContactError>> {
    Contact { name: name.into(), email: email.into(), phone: phone.map(Into::into) }.checked()
}

fn email(given: &str) -> Option<String> {
    contact("Ada", given, None).ok().map(|contact| contact.email.clone())
}

fn phone(given: &str) -> Result<Option<String>, Vec<ContactError>> {
    contact("Ada", "ada@example.com", Some(given)).map(|contact| contact.phone.clone())
}

fn address() -> Address {
    Address {
        recipient_name: "Ada Lovelace".into(),
        street_address: "Rr. Agim Ramadani 1".into(),
        city: "Prishtina".into(),
        country: "XK".into(),
        ..Address::default()
    }
}

#[test]
fn i1_an_email_is_exactly_one_address() {
    for good in ["ada@example.com", "ada.l+shop@mail.example.co.uk", "o'neill@example.org", "a@b.io", "1@2.example"] {
        assert_eq!(email(good).as_deref(), Some(good));
    }
    assert_eq!(email(" ada@Example.COM ").as_deref(), Some("ada@example.com"));
    for bad in [
        "Ada\r\nBcc: victim@evil.example\r\n <ada@example.com>",
        "Ada <ada@example.com>",
        "<ada@example.com>",
        "ada@example.com\r\nBcc: victim@evil.example",
        "ada@example.com\u{2028}x",
        "ada@example.com,bob@example.com",
        "ada@example.com;bob@example.com",
        "ada@bob@example.com",
        "\"ada b\"@example.com",
        "\"ada@b\"@example.com",
        "ada b@example.com",
        "ada(comment)@example.com",
        "ada@[127.0.0.1]",
        "ada@127.0.0.1",
        "ada@localhost",
        "ada@example",
        "ada@example.c",
        "ada@.example.com",
        "ada@example..com",
        "ada@-example.com",
        "ada@exa_mple.com",
        ".ada@example.com",
        "ada.@example.com",
        "@example.com",
        "ada@",
        "ad\u{e4}@example.com",
        "ada\0@example.com",
        "ada@example.com\u{202e}",
    ] {
        assert_eq!(email(bad), None, "{bad:?}");
    }
    let long = format!("{}@example.com", "a".repeat(65));
    assert_eq!(email(&long), None);
}

#[test]
fn i13_what_people_write_correctly_is_taken() {
    assert_eq!(email("ada@b\u{fc}cher.example").as_deref(), Some("ada@xn--bcher-kva.example"));
    assert_eq!(email("ada@B\u{dc}CHER.example").as_deref(), Some("ada@xn--bcher-kva.example"));
    for (given, written) in [
        ("+49 170 1234567", "+491701234567"),
        ("+49 (0)170 / 123-45.67", "+491701234567"),
        ("0049 170 1234567", "+491701234567"),
        ("+1 (212) 555\u{2013}0100", "+12125550100"),
        ("+\u{664}\u{669}1701234567", "+491701234567"),
    ] {
        assert_eq!(phone(given), Ok(Some(written.into())), "{given}");
    }
    for none in ["", " ", "\u{200b}"] {
        assert_eq!(phone(none), Ok(None), "{none:?}");
    }
    for bad in
        ["0170 1234567", "+0123456789", "+49 170", "+4917012345678901", "+49 170 ABC", "49+1701234567", "call me"]
    {
        assert_eq!(phone(bad), Err(vec![ContactError::Phone]), "{bad}");
    }
    assert_eq!(address().checked().unwrap().country, "XK");
    for carrier in ["A&B", "DHL Express (EU)", "J\u{f6}rg's Kurier", "B/C + D", "\u{4f50}\u{5ddd}\u{6025}\u{4fbf}"] {
        assert_eq!(Tracking::checked(carrier, "1").unwrap().carrier, carrier);
    }
}

#[test]
fn i13_everything_that_is_wrong_with_a_contact_is_told_at_once() {
    let expected = vec![ContactError::Name, ContactError::Email, ContactError::Phone];
    assert_eq!(contact(" ", "ada", Some("12")), Err(expected));
}

#[test]
fn i8_a_name_has_something_to_read_in_one_line_and_in_one_direction() {
    for blank in
        ["", " ", "\u{200b}", "\u{2060}\u{feff}", "\u{3164}", "\u{115f}", "\u{2800}", "\u{ad}", "\u{301}", "\u{a0}"]
    {
        assert!(is_blank(blank), "{blank:?}");
        assert_eq!(contact(blank, "ada@example.com", None), Err(vec![ContactError::Name]), "{blank:?}");
        let nobody = Address { recipient_name: blank.into(), ..address() };
        assert_eq!(nobody.checked(), Err(vec![AddressError::Missing("recipient_name")]), "{blank:?}");
        let company = Address { company: Some(blank.into()), ..address() };
        assert_eq!(company.checked().unwrap().company, None, "{blank:?}");
    }
    for name in
        ["Ada", "J", "\u{5b6b}", "e\u{301}", "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}", "\u{1f600}"]
    {
        assert!(!is_blank(name) && is_one_line(name), "{name:?}");
        assert!(contact(name, "ada@example.com", None).is_ok(), "{name:?}");
    }
    for odd in [
        "Ada\u{2028}Lovelace",
        "Ada\u{2029}x",
        "Ada\u{85}x",
        "Ada\u{202e}ecalevoL",
        "Ada\u{2066}x",
        "Ada\u{200f}x",
        "a\0b",
    ] {
        assert!(!is_one_line(odd), "{odd:?}");
        assert_eq!(contact(odd, "ada@example.com", None), Err(vec![ContactError::Name]), "{odd:?}");
        let street = Address { street_address_2: Some(odd.into()), ..address() };
        assert_eq!(street.checked(), Err(vec![AddressError::NotOneLine("street_address_2")]), "{odd:?}");
    }
    assert!(is_plain("first line\r\n\tsecond line\u{2028}third"), "a note has lines");
    assert!(!is_plain("x\u{202d}y") && !is_plain("x\u{7}y"));
}

#[test]
fn i6_a_tracking_number_is_the_same_in_link_and_text() {
    for bad in ["---", "\u{ff11}\u{ff12}\u{ff13}\u{ff14}", "", " ", "...", "12\u{200b}34", "12\n34", "1/2", "<b>"] {
        assert!(Tracking::checked("DHL", bad).is_err(), "{bad:?}");
    }
    for bad in ["", "---", "\u{200b}", "A\nB", "<b>", "A\u{202e}B"] {
        assert!(Tracking::checked(bad, "1").is_err(), "{bad:?}");
    }
    for (given, number) in
        [("1Z 999-AA1", "1Z999AA1"), ("AB_1.2", "AB_1.2"), ("00340434161094042557", "00340434161094042557")]
    {
        let url = Tracking::checked("ups", given).unwrap().url().unwrap();
        assert_eq!(url.rsplit('=').next(), Some(number));
    }
    // As an earlier version stored it.
    let old = Tracking { carrier: "DHL".into(), tracking_number: "---".into(), page: None };
    assert_eq!(old.url(), None);
}

#[test]
fn w7_a_card_number_is_found_in_any_digits_with_anything_between_them() {
    for text in [
        "4242_4242_4242_4242",
        "4242.4242.4242.4242",
        "4242/4242/4242/4242",
        "4242 -_ 4242 -_ 4242 -_ 4242",
        "4242\u{200b}4242\u{200b}4242\u{200b}4242",
        "4242*4242|4242~4242",
        "\u{ff14}\u{ff12}\u{ff14}\u{ff12}4242\u{ff14}\u{ff12}\u{ff14}\u{ff12}4242",
        "\u{664}\u{662}\u{664}\u{662} \u{664}\u{662}\u{664}\u{662} 4242 4242",
        "\u{96a}\u{968}424242424242\u{96a}\u{968}",
        "\u{1d7d2}\u{1d7d0}42424242424242",
        "5555,5555,5555,4444",
        "37.82.82.24.63.10.00.5",
    ] {
        assert!(card_like(text), "{text}");
    }
    assert!(!card_like("4242     4242     4242     4242"), "five spaces are a table, not a number");
}

#[test]
fn i3_only_numbers_that_an_issuer_uses_are_like_a_card_s() {
    for text in [
        "ACME SARL SIRET 73282932000074",
        "5901234123457",
        "EAN 4006381333931",
        "4012345678901",
        "9780306406157",
        "please call +4917012345678",
        "IMEI 356938035643809",
        "DE89 3704 0044 0532 0130 00",
        "1Z9999999999999999",
        "00340434161094042557",
        "2026-11-26 20:28:58",
        "0000000000000000",
        "1111111111111117",
        "42424242424242",
        "55555555555554444",
    ] {
        assert!(!card_like(text), "{text}");
    }
    // A hundred codes of goods from Germany, whose numbers begin as Visa's do.
    let ean = |number: u32| {
        let twelve = format!("40{number:010}");
        let sum: u32 =
            twelve.bytes().zip([1, 3].into_iter().cycle()).map(|(digit, by)| u32::from(digit - b'0') * by).sum();
        format!("{twelve}{}", (10 - sum % 10) % 10)
    };
    assert!((0..100).all(|number| !card_like(&ean(number * 7_919))));
}

#[test]
fn a3_a_text_is_looked_at_in_time_that_grows_with_it() {
    // Quadratic, these took minutes.
    let took = |part: &str| {
        let text = part.repeat(320_000 / part.len());
        let begun = Instant::now();
        assert!(!card_like(&text));
        begun.elapsed()
    };
    for part in ["1 1 1 ", "4 0 1 ", "4", "40000 ", "01990000-0000-7000-8000-00000000000", "4\u{200b}"] {
        let took = took(part);
        println!("{part:?}: 320 KB in {took:?}");
        assert!(took < Duration::from_secs(5), "{part:?} took {took:?}");
    }
}

#[test]
fn m11_currencies_are_those_in_use_with_the_digits_of_iso_4217() {
    for (code, digits) in
        [("EUR", 2), ("HUF", 2), ("JPY", 0), ("KWD", 3), ("ISK", 0), ("MGA", 2), ("XCG", 2), ("ZWG", 2), ("VES", 2)]
    {
        assert_eq!(code.parse::<Currency>().map(Currency::minor_digits), Ok(digits), "{code}");
    }
    assert_eq!(Money::parse("999.50", "HUF".parse().unwrap()).unwrap().decimal(), "999.50");
    for dead in
        ["XAU", "XAG", "XXX", "XTS", "XDR", "ZWL", "HRK", "BGN", "ANG", "SLL", "DEM", "CHE", "UYI", "eur", "HUF.2", ""]
    {
        assert!(dead.parse::<Currency>().is_err(), "{dead}");
    }
}

#[test]
fn m11_stored_amounts_keep_the_meaning_they_were_stored_with() {
    let stored = |word: &str| serde_json::from_str::<Currency>(&format!("\"{word}\"")).unwrap();
    let money = |minor, currency| Money::new(Amount::from_minor(minor), currency);
    for (word, minor, decimal) in [
        ("HUF", 999, "999"),
        ("HUF.2", 99_950, "999.50"),
        ("MGA", 10, "1.0"),
        ("XAU", 3, "3"),
        ("ANG", 100, "1.00"),
        ("BGN", 100, "1.00"),
    ] {
        let currency = stored(word);
        assert_eq!(money(minor, currency).decimal(), decimal, "{word}");
        assert_eq!(serde_json::to_string(&currency).unwrap(), format!("\"{word}\""));
        assert_eq!(currency.code(), &word[..3]);
    }
    let (old, new): (Currency, Currency) = (stored("HUF"), "HUF".parse().unwrap());
    assert_eq!(serde_json::to_string(&new).unwrap(), "\"HUF.2\"");
    assert_eq!(money(99_900, new).counted_in(old), Some(Amount::from_minor(999)));
    assert_eq!(money(999, old).counted_in(new), Some(Amount::from_minor(99_900)));
    assert_eq!(money(99_950, new).counted_in(old), None, "half a forint is none of an old order");
    // A provider tells of an order in a currency that is gone.
    assert_eq!(Currency::known("BGN").map(Currency::minor_digits), Some(2));
    assert_eq!(Currency::known("HUF"), Some(new));
}

#[test]
fn i19_a_destination_in_an_event_is_a_code_and_no_free_text() {
    let somewhere = |state: &str| Destination {
        state: Some(state.into()),
        postal_code: Some("35001".into()),
        ..Destination::somewhere_in("ES".into())
    };
    assert_eq!(somewhere("ct").coded().state.as_deref(), Some("CT"));
    for free in ["my free text", "Catalunya", "\u{e4}", ""] {
        assert_eq!(somewhere(free).coded().state, None, "{free}");
    }
    assert_eq!(somewhere("CT").coded().postal_code, None);
    let written = serde_json::to_string(&somewhere("CT")).unwrap();
    assert!(!written.contains("35001"), "{written}");
}

#[test]
fn i14_an_address_has_a_second_line_a_company_and_a_vat_id() {
    let full = Address {
        company: Some(" ACME SARL ".into()),
        vat_id: Some("de 123.456.789".into()),
        street_address_2: Some("3rd floor".into()),
        ..address()
    };
    let checked = full.clone().checked().unwrap();
    assert_eq!(checked.company.as_deref(), Some("ACME SARL"));
    assert_eq!(checked.vat_id.as_deref(), Some("DE123456789"));
    assert_eq!(checked.street_address_2.as_deref(), Some("3rd floor"));
    for bad in ["DE", "123456789012345678901", "DE12345678\u{e4}", "ABCDE"] {
        let wrong = Address { vat_id: Some(bad.into()), ..full.clone() };
        assert_eq!(wrong.checked(), Err(vec![AddressError::VatId]), "{bad}");
    }
    // As an earlier version stored it.
    let old = r#"{"recipient_name":"Ada","street_address":"1","city":"X","country":"DE"}"#;
    let read: Address = serde_json::from_str(old).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), old);
}

#[test]
fn a2_a_name_is_no_web_address() {
    for name in [
        "Win 500 EUR: https://evil.example/x",
        "HTTPS://evil.example",
        "http:evil.example",
        "https:\\\\evil.example",
        "hxxp://evil.example",
        "www.evil.example",
        "Ada (www.evil.example)",
        "WWW.evil.museum",
        "w\u{200b}ww.evil.example",
        "ｗｗｗ．evil．example",
        "evil.com",
        "Evil.COM",
        "win at evil.com!",
        "evil.com/win",
        "evil.museum/win",
        "evil.museum:8080",
        "t.co/abc",
        "sub.evil.co.uk",
        "evil。com",
        "e-v-i-l.shop",
        "ada@evil.com",
        "evil.xn--p1ai",
        "пример.рф",
    ] {
        assert!(names_site(name), "{name}");
        assert_eq!(contact(name, "ada@example.com", None), Err(vec![ContactError::Link]), "{name}");
        let told = Address { recipient_name: name.into(), ..address() }.checked();
        assert_eq!(told, Err(vec![AddressError::Link("recipient_name")]), "{name}");
    }
    for name in [
        "St. Mary's",
        "St.Mary's Church",
        "D.O.B. Ltd.",
        "J.R.R. Tolkien",
        "J.R.R.Tolkien",
        "Dr.De Vries",
        "Prof.Dr. Müller",
        "Dr.med. Ada",
        "A.de Boer",
        "Müller GmbH & Co.KG",
        "Ada c/o Bob",
        "Ada/Bob",
        "Jr.",
        "O'Brien \"the\" `Boss` \\ /",
        "Ada... and Bob",
        "Jimmy.Page",
        "Awww. Sweet",
        "Ada 3.5",
        "عائشة محمد",
        "Zoë ﷽",
    ] {
        assert!(!names_site(name), "{name}");
        assert!(contact(name, "ada@example.com", None).is_ok(), "{name}");
    }
}

#[test]
fn a2_no_field_of_an_address_is_a_link() {
    let with = |field: &str, text: &str| {
        let mut address = address();
        match field {
            "company" => address.company = Some(text.into()),
            "street_address" => address.street_address = text.into(),
            "street_address_2" => address.street_address_2 = Some(text.into()),
            "city" => address.city = text.into(),
            "state" => address.state = Some(text.into()),
            _ => address.postal_code = Some(text.into()),
        }
        address.checked().map(|_| ())
    };
    for field in ["company", "street_address", "street_address_2", "city", "state", "postal_code"] {
        for text in ["https://evil.example", "www.evil.example", "Win: HTTP://evil.example/x"] {
            assert!(has_link(text));
            assert_eq!(with(field, text), Err(vec![AddressError::Link(field)]), "{text}");
        }
        for text in
            ["Amazon.de GmbH", "Booking.com B.V.", "D.O.B. Ltd.", "St. Mary's", "Str. d. 17. Juni 135", "Apt. 3/4"]
        {
            assert_eq!(with(field, text), Ok(()), "{field}: {text}");
        }
    }
}

#[test]
fn i19_an_event_holds_the_place_of_what_was_written_and_reads_what_was_written_before() {
    // What providers say in their codes, and how a parcel is followed, is nobody's free text.
    let of_machines = |event: &Event| {
        matches!(
            event,
            Event::Payment(_)
                | Event::Dispute(_)
                | Event::Refund(RefundEvent::OrderRefundCompleted { .. } | RefundEvent::OrderRefundFailed { .. })
        )
    };
    let mut written = 0;
    for mut event in every_event("Ada is ill") {
        let before = serde_json::to_string(&recorded(event.clone())).unwrap();
        assert_eq!(serde_json::from_str::<Record>(&before).unwrap().event, event, "as it was stored before");
        let text = event.set_apart(7);
        let after = serde_json::to_string(&recorded(event.clone())).unwrap();
        assert_eq!(serde_json::from_str::<Record>(&after).unwrap().event, event);
        assert!(!after.contains("Ada is ill") || of_machines(&event), "{after}");
        if let Some(text) = text {
            assert_eq!(text, "Ada is ill");
            // A text in any case: releases that know nothing of places can read it.
            let place = ["note", "reason", "tags", "written"].map(|field| format!(r#""{field}":"\u00017""#));
            assert!(place.iter().any(|place| after.contains(place.as_str())), "{after}");
            assert_eq!(event.set_apart(8), None, "once");
            written += 1;
        }
    }
    assert!(written >= 11, "{written}");
}
