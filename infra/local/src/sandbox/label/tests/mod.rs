mod reader;

use jiff::civil::date;
use oms_app::ports::Party;
use oms_domain::fulfilment::parcel::{MAX_PARCELS, Measures};
use oms_domain::ids::LabelId;
use oms_domain::ordering::address::{Address, MAX_FIELD_CHARACTERS};
use proptest::prelude::*;
use uuid::Uuid;

use super::canvas::{HEIGHT, WIDTH};
use super::layout::{BARCODE_HEIGHT, MODULE};
use super::*;
use reader::{Page, pages};

/// Narrowest module that readers are sure of, in hundredths of a millimetre.
const NARROWEST_MODULE: i64 = 25;

/// Blank modules on both sides that Code 128 asks for.
const QUIET_MODULES: i64 = 10;

/// What a printer may not reach, on every side.
const EDGE: i64 = 300;

fn party(address: Address) -> Party {
    Party { address, phone: Some("+4930123456".into()), email: None }
}

fn shop() -> Address {
    Address {
        recipient_name: "Warehouse 1".into(),
        company: Some("Müller & Söhne GmbH".into()),
        street_address: "Große Straße 1".into(),
        city: "Berlin".into(),
        postal_code: Some("10117".into()),
        country: "DE".into(),
        ..Address::default()
    }
}

fn ada() -> Address {
    Address {
        recipient_name: "Ada Lovelace".into(),
        company: Some("Analytical Engines (New York) Inc.".into()),
        street_address: "350 Fifth Avenue".into(),
        street_address_2: Some("Floor 21, door \\7".into()),
        city: "New York".into(),
        state: Some("NY".into()),
        postal_code: Some("10118-0110".into()),
        country: "US".into(),
        ..Address::default()
    }
}

fn request(to: Address, parcels: usize) -> LabelRequest {
    LabelRequest {
        label_id: LabelId::new(Uuid::from_u128(0x0190_a5b0_7c3e_7000_8000_0000_0000_0001)),
        shipment_number: "S-1001".into(),
        service: "next_day".into(),
        from: party(shop()),
        to: party(to),
        parcels: vec![Measures { weight_grams: 1_250, length_mm: 300, width_mm: 200, height_mm: 100 }; parcels],
        ship_date: date(2026, 11, 27),
    }
}

fn printed(request: &LabelRequest) -> Vec<Page> {
    let document = print(request);
    assert_eq!(document.format, DocumentFormat::Pdf);
    pages(&document.bytes)
}

/// Every field as long as an address takes it, of the widest letters.
fn longest() -> Address {
    let long = || "W".repeat(MAX_FIELD_CHARACTERS);
    Address {
        recipient_name: long(),
        company: Some(long()),
        street_address: long(),
        street_address_2: Some(long()),
        city: long(),
        state: Some(long()),
        postal_code: Some(long()),
        country: "GB".into(),
        ..Address::default()
    }
}

fn assert_fits(page: &Page) {
    for line in &page.lines {
        assert!(line.x >= EDGE && line.x + line.width <= WIDTH - EDGE, "{line:?}");
        assert!(line.y >= EDGE && line.y <= HEIGHT - EDGE, "{line:?}");
    }
    for [left, bottom, width, height] in &page.rectangles {
        assert!(*left >= EDGE && left + width <= WIDTH - EDGE, "{left} {width}");
        assert!(*bottom >= EDGE && bottom + height <= HEIGHT - EDGE, "{bottom} {height}");
    }
}

#[test]
fn each_parcel_has_a_page_of_its_own() {
    for parcels in [1, 3, MAX_PARCELS] {
        let request = request(ada(), parcels);
        let pages = printed(&request);
        assert_eq!(pages.len(), parcels);
        for (index, page) in pages.iter().enumerate() {
            assert_eq!(page.media_box, [0.0, 0.0, 283.464_57, 425.196_85]);
            assert!(page.says(&format!("{} of {parcels}", index + 1)));
            assert_eq!(page.barcode(BARCODE_HEIGHT, MODULE), tracking_number(request.label_id, index));
            assert_fits(page);
        }
    }
}

#[test]
fn a_label_says_from_whom_to_whom_and_that_it_carries_nothing() {
    let request = LabelRequest { label_id: LabelId::new(Uuid::from_u128(1)), ..request(ada(), 1) };
    let page = printed(&request).remove(0);
    for text in [
        "Warehouse 1",
        "Müller & Söhne GmbH",
        "Große Straße 1",
        "10117 Berlin",
        "GERMANY",
        "Ada Lovelace",
        "Analytical Engines (New York) Inc.",
        "350 Fifth Avenue",
        "Floor 21, door \\7",
        "New York, NY 10118-0110",
        "UNITED STATES",
        "NEXT DAY",
        "S-1001",
        "1 of 1",
        "1.250 kg",
        "27 Nov 2026",
    ] {
        assert!(page.says(text), "{text} in {:?}", page.lines);
    }
    let marks = page.lines.iter().filter(|line| line.text == "SANDBOX – NOT FOR SHIPPING").count();
    assert_eq!(marks, 2);
    let number = tracking_number(request.label_id, 0);
    assert!(page.lines.iter().any(|line| line.text.replace(' ', "") == number), "{number} in {:?}", page.lines);
    assert!(!page.lines.iter().any(|line| line.text.contains("Other scripts")));
}

#[test]
fn readers_find_the_bars_wide_enough_and_blank_on_both_sides() {
    const { assert!(MODULE >= NARROWEST_MODULE) };
    let page = printed(&request(longest(), 1)).remove(0);
    let bars = page.bars(BARCODE_HEIGHT);
    let (first, last) = (bars[0], bars[bars.len() - 1]);
    let (left, right) = (first[0], last[0] + last[2]);
    let quiet = MODULE * QUIET_MODULES;
    assert!(left >= quiet && WIDTH - right >= quiet, "{left} {right}");
    let (bottom, top) = (first[1], first[1] + BARCODE_HEIGHT);
    assert!(bars.iter().all(|bar| bar[1] == bottom));
    let beside = |from: i64, to: i64| to > bottom && from < top;
    assert!(page.lines.iter().all(|line| !beside(line.y, line.y + MODULE)));
    assert!(
        page.rectangles
            .iter()
            .filter(|other| other[3] != BARCODE_HEIGHT)
            .all(|other| !beside(other[1], other[1] + other[3]))
    );
}

#[test]
fn what_has_no_room_ends_in_dots_and_postal_codes_have_room() {
    let mut request = request(Address { postal_code: Some("SW1A 1AA".into()), ..longest() }, 1);
    request.from = party(longest());
    request.service = "W".repeat(100);
    request.shipment_number = "W".repeat(100);
    let page = printed(&request).remove(0);
    assert_fits(&page);
    let shortened = |line: &&reader::Line| line.text.starts_with("WW") && line.text.ends_with('…');
    assert_eq!(page.lines.iter().filter(shortened).count(), 11);
    assert!(page.lines.iter().any(|line| line.text.ends_with("W… SW1A 1AA")), "{:?}", page.lines);
}

#[test]
fn names_of_any_script_are_spelled_and_the_label_says_so() {
    for (name, spelled) in [
        ("Αθηνά Παπαδοπούλου", "Athena Papadopoulou"),
        ("Пётр Чайковский", "Piotr Chaikovskii"),
        ("王小明", "Wang Xiao Ming"),
        ("Ada 😀", "Ada grinning"),
    ] {
        let page = printed(&request(Address { recipient_name: name.into(), ..ada() }, 1)).remove(0);
        assert!(page.says(spelled), "{spelled} in {:?}", page.lines);
        assert!(page.lines.iter().any(|line| line.text.contains("Other scripts are spelled in Latin letters")));
    }
}

#[test]
fn addresses_are_written_as_they_are_at_home() {
    let at = |country: &str, state: Option<&str>, code: Option<&str>| {
        let (state, postal_code) = (state.map(ToOwned::to_owned), code.map(ToOwned::to_owned));
        let to = Address { city: "City".into(), state, postal_code, country: country.into(), ..ada() };
        let page = printed(&request(to, 1)).remove(0);
        page.lines.into_iter().map(|line| line.text).find(|line| line.contains("City")).unwrap()
    };
    assert_eq!(at("AU", Some("NSW"), Some("2000")), "City, NSW 2000");
    assert_eq!(at("GB", None, Some("SW1A 1AA")), "City SW1A 1AA");
    assert_eq!(at("IN", Some("Tamil Nadu"), Some("600001")), "City, Tamil Nadu 600001");
    assert_eq!(at("FR", None, Some("75001")), "75001 City");
    assert_eq!(at("IT", Some("RM"), Some("00184")), "00184 City, RM");
    assert_eq!(at("IE", None, None), "City");
    assert_eq!(at("HK", None, None), "City");
}

#[test]
fn every_country_has_a_name_that_has_room() {
    for country in rust_iso3166::ALL {
        let mut request = request(Address { country: country.alpha2.into(), ..ada() }, 1);
        request.from = request.to.clone();
        let page = printed(&request).remove(0);
        assert!(!page.lines.iter().any(|line| line.text.ends_with('…')), "{}", country.name);
    }
}

/// Signs that are spelled as whole words, so that a text gets much longer than it is.
const WORDS: &str = "[\u{1f600}-\u{1f64f}\u{3300}-\u{33ff} ]{0,200}";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever stands in an address: it is printed, in its place, and the same again.
    #[test]
    fn any_text_is_printed_within_the_page(
        texts in prop::collection::vec(prop_oneof!["\\PC{0,200}", WORDS], 7),
        reference in any::<String>(),
        country in prop_oneof!["[A-Z]{2}", "(GB|US)"],
    ) {
        let [name, company, street, more, city, state, code] = texts.try_into().unwrap();
        let to = Address {
            recipient_name: name.clone(),
            company: Some(company),
            vat_id: None,
            street_address: street,
            street_address_2: Some(more),
            city,
            state: Some(state),
            postal_code: Some(code),
            country,
        };
        let mut request = request(to.clone(), 1);
        request.from = party(to);
        request.service.clone_from(&reference);
        request.shipment_number = reference;
        prop_assert_eq!(print(&request), print(&request));
        let page = printed(&request).remove(0);
        assert_fits(&page);
        prop_assert_eq!(page.barcode(BARCODE_HEIGHT, MODULE), tracking_number(request.label_id, 0));
        if name.contains(|letter: char| letter.is_alphanumeric()) {
            let first = page.lines.iter().find(|line| line.x == 600).unwrap();
            prop_assert!(!first.text.is_empty());
        }
    }
}
