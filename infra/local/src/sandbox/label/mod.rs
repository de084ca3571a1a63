//! The labels of the sandbox carrier, as a printer takes them: a PDF with a page of 100 × 150 mm for each parcel.
//!
//! A label looks and scans like one of a real carrier, and says twice that it carries nothing. It is a function of the request alone:
//! the numbers come from the label's id, so a label that is printed again is the same to the byte. Whatever stands in an address is
//! printed: `text` spells it in the letters that every PDF reader has, and a line that is too long gets smaller and is then shortened.
//!
//! Lengths are whole hundredths of a millimetre, from the top left corner; `canvas` turns them into those of a PDF.

mod canvas;
mod font;
mod layout;
mod number;
#[cfg(test)]
mod tests;
mod text;

use oms_app::ports::{CarrierDocument, DocumentFormat, LabelRequest};
use pdf_writer::{Finish as _, Name, Pdf, Ref, TextStr};

use canvas::{Canvas, PAGE_BOX};
use font::FONTS;
pub use number::tracking_number;

/// What the objects of the document are called.
const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const INFO: Ref = Ref::new(3);
const FIRST_FONT: i32 = 4;
const FIRST_PAGE: i32 = 10;

/// The labels of a request, one page for each parcel in their order, with the numbers that [`tracking_number`] gives them.
pub fn print(request: &LabelRequest) -> CarrierDocument {
    let mut pdf = Pdf::new();
    let mut catalog = pdf.catalog(CATALOG);
    catalog.pages(PAGES);
    // A label that is scaled to fit another paper has bars that may not scan.
    catalog.viewer_preferences().display_doc_title(true).pair(Name(b"PrintScaling"), Name(b"None"));
    catalog.finish();
    pdf.document_info(INFO).title(TextStr(&format!("Sandbox label {}", request.shipment_number)));
    for (font, id) in FONTS.into_iter().zip(FIRST_FONT..) {
        let mut written = pdf.type1_font(Ref::new(id));
        written.base_font(Name(font.base())).encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    let mut pages = Vec::with_capacity(request.parcels.len());
    for (parcel, id) in (0..request.parcels.len()).zip((FIRST_PAGE..).step_by(2)) {
        let (page, content) = (Ref::new(id), Ref::new(id + 1));
        let mut canvas = Canvas::new();
        layout::draw(&mut canvas, request, parcel);
        pdf.stream(content, &canvas.finish());
        let mut written = pdf.page(page);
        written.parent(PAGES).media_box(PAGE_BOX).contents(content);
        let mut resources = written.resources();
        let mut fonts = resources.fonts();
        for (font, id) in FONTS.into_iter().zip(FIRST_FONT..) {
            fonts.pair(Name(font.name()), Ref::new(id));
        }
        pages.push(page);
    }
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(PAGES).count(count).kids(pages);
    CarrierDocument { format: DocumentFormat::Pdf, bytes: pdf.finish() }
}
