//! What stands where on a label.

use code128::Code128;
use oms_app::ports::LabelRequest;
use oms_domain::ordering::address::Address;

use super::canvas::{Canvas, LINE, Place, Style, WIDTH};
use super::font::Font;
use super::tracking_number;

/// No printer prints to the very edge.
const MARGIN: i64 = 400;
const INNER: i64 = WIDTH - 2 * MARGIN;

/// Where the narrow column on the right starts.
const COLUMN: i64 = 6_600;

const MARK: &str = "SANDBOX – NOT FOR SHIPPING";
const NOTHING: &str = "Made by the sandbox carrier for tests. It carries nothing.";
const RESPELLED: &str = "Other scripts are spelled in Latin letters: this printer has no others.";

const CAPTION: Style = Style { font: Font::Bold, size: 210, smallest: 210 };
const SENDER: Style = Style { font: Font::Regular, size: 290, smallest: 180 };
const RECIPIENT: Style = Style { font: Font::Regular, size: 480, smallest: 250 };
const RECIPIENT_STRONG: Style = Style { font: Font::Bold, ..RECIPIENT };
const FACT: Style = Style { font: Font::Bold, size: 370, smallest: 200 };
const SERVICE: Style = Style { font: Font::Bold, size: 620, smallest: 250 };
const BAND: Style = Style { font: Font::Bold, size: 560, smallest: 250 };
const NUMBER: Style = Style { font: Font::Bold, size: 440, smallest: 250 };
const SMALL: Style = Style { font: Font::Regular, size: 230, smallest: 190 };
const BEHIND: Style = Style { font: Font::Bold, size: 1_500, smallest: 1_500 };

const SENDER_LEADING: i64 = 340;
const RECIPIENT_LEADING: i64 = 570;

/// A module of the barcode: four dots of a label printer with 203 dots to the inch, six of one with 300. Readers ask for 25.
pub(super) const MODULE: i64 = 50;
pub(super) const BARCODE_HEIGHT: i64 = 2_500;

/// The label of one parcel, counted from nought.
pub(super) fn draw(canvas: &mut Canvas, request: &LabelRequest, parcel: usize) {
    canvas.mark(1_700, 7_800, BEHIND, "SANDBOX");
    band(canvas, 400);
    sender(canvas, &request.from.address);
    facts(canvas, request, parcel);
    rule(canvas, 3_950);
    recipient(canvas, &request.to.address);
    rule(canvas, 8_150);
    service(canvas, request);
    rule(canvas, 9_550);
    barcode(canvas, &tracking_number(request.label_id, parcel));
    if canvas.respelled() {
        canvas.write(Place { x: MARGIN, y: 13_320, room: INNER }, SMALL, RESPELLED);
    }
    band(canvas, 13_450);
    canvas.write_centred(Place { x: MARGIN, y: 14_600, room: INNER }, SMALL, NOTHING, false);
}

/// What nobody can take for a label that was bought.
fn band(canvas: &mut Canvas, y: i64) {
    canvas.fill(MARGIN, y, INNER, 850);
    let place = Place { x: MARGIN + 200, y: y + 620, room: INNER - 400 };
    canvas.write_centred(place, BAND, MARK, true);
}

fn rule(canvas: &mut Canvas, y: i64) {
    canvas.fill(MARGIN, y, INNER, LINE);
}

fn sender(canvas: &mut Canvas, from: &Address) {
    let place = Place { x: MARGIN, y: 1_620, room: COLUMN - MARGIN - 300 };
    canvas.write(place, CAPTION, "FROM");
    for (line, step) in from.lines().iter().zip(1..) {
        let place = Place { y: place.y + 20 + step * SENDER_LEADING, ..place };
        canvas.write_with_end(place, SENDER, &line.text, &line.end);
    }
}

fn recipient(canvas: &mut Canvas, to: &Address) {
    let place = Place { x: MARGIN, y: 4_300, room: INNER };
    canvas.write(place, CAPTION, "TO");
    let lines = to.lines();
    for (index, (line, step)) in lines.iter().zip(1..).enumerate() {
        let strong = index == 0 || index + 1 == lines.len();
        let style = if strong { RECIPIENT_STRONG } else { RECIPIENT };
        let place = Place { x: MARGIN + 200, y: place.y + 100 + step * RECIPIENT_LEADING, room: INNER - 200 };
        canvas.write_with_end(place, style, &line.text, &line.end);
    }
}

/// The parcel, its weight and its day, on the right.
fn facts(canvas: &mut Canvas, request: &LabelRequest, parcel: usize) {
    let grams = request.parcels.get(parcel).map_or(0, |measures| measures.weight_grams);
    let facts = [
        ("PARCEL", format!("{} of {}", parcel + 1, request.parcels.len())),
        ("WEIGHT", format!("{}.{:03} kg", grams / 1000, grams % 1000)),
        ("SHIP DATE", request.ship_date.strftime("%-d %b %Y").to_string()),
    ];
    for ((caption, fact), row) in facts.iter().zip(0..) {
        let place = Place { x: COLUMN, y: 1_620 + row * 800, room: WIDTH - MARGIN - COLUMN };
        named(canvas, place, 420, FACT, (caption, fact));
    }
}

fn service(canvas: &mut Canvas, request: &LabelRequest) {
    let name = request.service.replace('_', " ").to_uppercase();
    named(canvas, Place { x: MARGIN, y: 8_500, room: 4_700 }, 700, SERVICE, ("SERVICE", &name));
    let reference = Place { x: 5_400, y: 8_500, room: WIDTH - MARGIN - 5_400 };
    named(canvas, reference, 700, NUMBER, ("REFERENCE", &request.shipment_number));
}

/// A value, so much below what it is called.
fn named(canvas: &mut Canvas, place: Place, below: i64, style: Style, (caption, value): (&str, &str)) {
    canvas.write(place, CAPTION, caption);
    canvas.write(Place { y: place.y + below, ..place }, style, value);
}

/// The number for readers, with the blank that they need on both sides, and for people.
fn barcode(canvas: &mut Canvas, number: &str) {
    let code = Code128::encode(number.as_bytes());
    let width = i64::try_from(code.len()).unwrap_or(i64::MAX).saturating_mul(MODULE);
    let left = (WIDTH - width) / 2;
    let bars = code.bar_coordinates().map(|bar| (left + i64::from(bar.x) * MODULE, i64::from(bar.width) * MODULE));
    canvas.bars(bars, 9_850, BARCODE_HEIGHT);
    canvas.write_centred(Place { x: MARGIN, y: 12_850, room: INNER }, NUMBER, &grouped(number), false);
}

/// In fours behind the three letters, as people read numbers out.
fn grouped(number: &str) -> String {
    let (letters, digits) = number.split_at_checked(3).unwrap_or((number, ""));
    digits.chars().enumerate().fold(letters.to_owned(), |mut grouped, (index, digit)| {
        if index % 4 == 0 {
            grouped.push(' ');
        }
        grouped.push(digit);
        grouped
    })
}
