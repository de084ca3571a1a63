//! A page to draw on, in whole hundredths of a millimetre from its top left corner.

use pdf_writer::types::TextRenderingMode;
use pdf_writer::{Buf, Content, Name, Rect, Str};

use super::font::Font;
use super::text::printed;

/// The page: 100 × 150 mm.
pub(super) const WIDTH: i64 = 10_000;
pub(super) const HEIGHT: i64 = 15_000;

/// The same in points, of which an inch has 72.
pub(super) const PAGE_BOX: Rect = Rect { x1: 0.0, y1: 0.0, x2: 283.464_57, y2: 425.196_85 };

/// A hundredth of a millimetre in points.
const SCALE: f32 = 0.028_346_457;

/// The mark lies behind the text at an angle of 20°: its cosine, its sine, and the sine the other way round.
const TILT: [f32; 3] = [0.939_693, 0.342_020, -0.342_020];

const BLACK: f32 = 0.0;
const WHITE: f32 = 1.0;
const PALE: f32 = 0.75;

/// `…`, which stands for what is left out.
const ELLIPSIS: u8 = 0x85;

/// How a line of text looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) font: Font,
    pub(super) size: i64,
    /// How small it may get before text is left out.
    pub(super) smallest: i64,
}

/// Where a line of text may be: its start, its base line, and how wide it is at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) room: i64,
}

pub(super) struct Canvas {
    content: Content,
    respelled: bool,
}

impl Canvas {
    pub(super) fn new() -> Self {
        let mut content = Content::new();
        content.transform([SCALE, 0.0, 0.0, SCALE, 0.0, 0.0]);
        Canvas { content, respelled: false }
    }

    pub(super) fn finish(self) -> Buf {
        self.content.finish()
    }

    /// Whether some text was written in other letters than it has.
    pub(super) const fn respelled(&self) -> bool {
        self.respelled
    }

    /// A black rectangle.
    pub(super) fn fill(&mut self, x: i64, y: i64, width: i64, height: i64) {
        self.bars([(x, width)], y, height);
    }

    /// Black rectangles side by side: where each starts, and how wide it is.
    pub(super) fn bars(&mut self, bars: impl IntoIterator<Item = (i64, i64)>, y: i64, height: i64) {
        self.content.set_fill_gray(BLACK);
        for (x, width) in bars {
            self.content.rect(length(x), from_bottom(y + height), length(width), length(height));
        }
        self.content.fill_nonzero();
    }

    /// A line of text in black.
    pub(super) fn write(&mut self, place: Place, style: Style, text: &str) {
        self.write_with_end(place, style, text, "");
    }

    /// A line of text of which the end is left out last.
    pub(super) fn write_with_end(&mut self, place: Place, style: Style, text: &str, end: &str) {
        let (text, end) = (printed(text), printed(end));
        self.respelled |= text.respelled || end.respelled;
        let gap: &[u8] = if end.bytes.is_empty() { b"" } else { b" " };
        let (bytes, size) = fitted(style, place.room, &text.bytes, &[gap, &end.bytes].concat());
        self.content.set_fill_gray(BLACK);
        self.show(place.x, place.y, style.font, size, &bytes);
    }

    /// A line of text in the middle of its place.
    pub(super) fn write_centred(&mut self, place: Place, style: Style, text: &str, inverted: bool) {
        let (bytes, size) = fitted(style, place.room, &printed(text).bytes, &[]);
        let left = (place.room - style.font.width(&bytes) * size / 1000) / 2;
        self.content.set_fill_gray(if inverted { WHITE } else { BLACK });
        self.show(place.x + left, place.y, style.font, size, &bytes);
    }

    /// A word across the page, in outlines: a printer that knows no grey makes dots of it.
    pub(super) fn mark(&mut self, x: i64, y: i64, style: Style, word: &str) {
        self.content.save_state();
        self.content.set_stroke_gray(PALE).set_line_width(length(LINE));
        self.content.begin_text().set_font(Name(style.font.name()), length(style.size));
        self.content.set_text_rendering_mode(TextRenderingMode::Stroke);
        let [along, up, back] = TILT;
        self.content.set_text_matrix([along, up, back, along, length(x), from_bottom(y)]);
        self.content.show(Str(&printed(word).bytes)).end_text();
        self.content.restore_state();
    }

    fn show(&mut self, x: i64, y: i64, font: Font, size: i64, bytes: &[u8]) {
        self.content.begin_text().set_font(Name(font.name()), length(size));
        self.content.next_line(length(x), from_bottom(y)).show(Str(bytes)).end_text();
    }
}

/// How thick lines are.
pub(super) const LINE: i64 = 25;

/// Nothing on a page is longer than the largest of these.
fn length(length: i64) -> f32 {
    f32::from(i16::try_from(length).unwrap_or(i16::MAX))
}

fn from_bottom(y: i64) -> f32 {
    length(HEIGHT - y)
}

/// The text and its end in a size in which both have room; what has none in the smallest is left out before the end. An end that
/// would leave less than half of the room to the text is part of it.
fn fitted(style: Style, room: i64, text: &[u8], end: &[u8]) -> (Vec<u8>, i64) {
    let width = |bytes: &[u8]| style.font.width(bytes);
    let whole = [text, end].concat();
    let size = style.size.min(room * 1000 / width(&whole).max(1));
    if size >= style.smallest {
        return (whole, size);
    }
    let most = room * 1000 / style.smallest - width(&[ELLIPSIS]);
    let (text, end) = if width(end) * 2 > most { (whole.as_slice(), [].as_slice()) } else { (text, end) };
    let mut free = most - width(end);
    let fits = |byte: &&u8| {
        free -= width(&[**byte]);
        free >= 0
    };
    let shown = &text[..text.iter().take_while(fits).count()];
    ([shown.trim_ascii_end(), &[ELLIPSIS], end].concat(), style.smallest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style = Style { font: Font::Regular, size: 400, smallest: 200 };

    #[test]
    fn a_line_gets_smaller_and_is_then_shortened_before_its_end() {
        let at = |text: &[u8], end: &[u8]| fitted(STYLE, 2000, text, end);
        assert_eq!(at(b"short", b""), (b"short".to_vec(), 400));
        let (whole, smaller) = at(b"a longer line", b" 123");
        assert_eq!(whole, b"a longer line 123");
        assert!((200..400).contains(&smaller), "{smaller}");
        assert_eq!(at(b"a line that is far too long", b" 123"), (b"a line that is far\x85 123".to_vec(), 200));
        assert_eq!(at(b"short", b" an end that is too long"), (b"short an end that is\x85".to_vec(), 200));
    }
}
