//! Files of products as shops have them: our own columns, or an export of Shopify or `WooCommerce`; with commas, semicolons or
//! tabs; with decimal points or commas. Whatever it was, it comes out in our own columns.
//!
//! A file is refused as a whole where its rows cannot be told apart: a quote that is not closed swallows the rows behind it.
//! Everything else is told of its row. Rows without any text are no rows.

mod layout;
mod quotes;

use std::collections::HashMap;

use crate::error::{Error, Field};
use layout::Layout;

/// The columns that a header of ours may name.
pub const COLUMNS: [&str; 14] = [
    "sku",
    "name",
    "category",
    "price",
    "currency",
    "tax_class",
    "weight_grams",
    "regions",
    "low_stock_threshold",
    "max_per_order",
    "description",
    "units",
    "images",
    "seller_id",
];

/// What may stand between cells.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// A file in our own columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductFile {
    /// Each one of [`COLUMNS`].
    pub columns: Vec<String>,
    /// The rows of the file that say something.
    pub rows: Vec<FileRow>,
}

/// What holds of rows that do not say it: exports of other shops name neither.
#[derive(Debug, Clone, Copy, Default)]
pub struct Assumed<'a> {
    /// ISO 4217.
    pub currency: Option<&'a str>,
    /// Whose products they are, where an admin imports.
    pub seller_id: Option<&'a str>,
}

/// One row of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    /// Its number, the first one after the header being 1; empty rows count.
    pub number: usize,
    /// A cell for each column, or what is wrong with it.
    pub cells: Result<Vec<String>, Vec<Field>>,
}

impl ProductFile {
    /// Reads a file; what its rows leave open is as `assumed`.
    pub fn read(csv: &[u8], assumed: &Assumed<'_>) -> Result<Self, Error> {
        let csv = csv.strip_prefix("\u{feff}".as_bytes()).unwrap_or(csv);
        let delimiter = delimiter(csv);
        if let Some(line) = quotes::first_broken(csv, delimiter) {
            let message = format!("line {line}: a quote is not closed, or something stands behind a quoted cell");
            return Err(Error::Malformed(message));
        }
        let mut reader =
            csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).trim(csv::Trim::All).from_reader(csv);
        let unreadable = |error: csv::Error| Error::Malformed(format!("the file is not CSV: {error}"));
        let header = reader.headers().map_err(|error| Error::Malformed(format!("the header is not CSV: {error}")))?;
        let header: Vec<String> = header.iter().map(ToOwned::to_owned).collect();
        let layout = Layout::of(&header);
        if layout == Layout::Own {
            check(&header)?;
        }
        let mut rows = Vec::new();
        for (number, record) in (1..).zip(reader.byte_records()) {
            let record = record.map_err(unreadable)?;
            if !record.iter().all(<[u8]>::is_empty) {
                rows.push(FileRow { number, cells: cells(&header, &record) });
            }
        }
        let mut file = layout.translated(header, rows);
        file.tidy(assumed);
        file.refuse_repeats();
        Ok(file)
    }

    fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|known| known == column)
    }

    /// Writes amounts with a point, and what is assumed of rows that leave it open.
    fn tidy(&mut self, assumed: &Assumed<'_>) {
        if let Some(price) = self.place("price") {
            self.cells_of(price).for_each(|cell| *cell = with_point(cell));
        }
        for (column, value) in [("currency", assumed.currency), ("seller_id", assumed.seller_id)] {
            let Some(value) = value else { continue };
            let place = self.place(column).unwrap_or_else(|| {
                self.columns.push(column.to_owned());
                self.rows.iter_mut().filter_map(|row| row.cells.as_mut().ok()).for_each(|row| row.push(String::new()));
                self.columns.len() - 1
            });
            self.cells_of(place).filter(|cell| cell.is_empty()).for_each(|cell| value.clone_into(cell));
        }
    }

    fn cells_of(&mut self, place: usize) -> impl Iterator<Item = &mut String> {
        let rows = self.rows.iter_mut().filter_map(|row| row.cells.as_mut().ok());
        rows.filter_map(move |cells| cells.get_mut(place))
    }

    /// Of two rows for one product neither is better: the first counts and the second is told.
    fn refuse_repeats(&mut self) {
        let (Some(sku), seller) = (self.place("sku"), self.place("seller_id")) else { return };
        let mut seen: HashMap<(String, String), usize> = HashMap::new();
        for row in &mut self.rows {
            let Ok(cells) = &row.cells else { continue };
            let text = |place: usize| cells.get(place).cloned().unwrap_or_default();
            let key = (text(sku), seller.map(text).unwrap_or_default());
            if key.0.is_empty() {
                continue;
            }
            match seen.get(&key) {
                Some(first) => {
                    let message = format!("stands in row {first} already");
                    row.cells = Err(vec![Field::new("/sku", message)]);
                }
                None => {
                    seen.insert(key, row.number);
                }
            }
        }
    }
}

/// What stands most often between the names of the header.
fn delimiter(csv: &[u8]) -> u8 {
    let header = csv.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: &u8| quotes::outside(header).filter(|byte| byte == delimiter).count();
    // Of equal counts the last one is taken, so the usual one stands last.
    DELIMITERS.into_iter().rev().max_by_key(count).unwrap_or(b',')
}

fn cells(header: &[String], record: &csv::ByteRecord) -> Result<Vec<String>, Vec<Field>> {
    if record.len() != header.len() {
        let message = format!("has {} cells, the header has {}", record.len(), header.len());
        return Err(vec![Field::new("", message)]);
    }
    let (mut cells, mut faults) = (Vec::with_capacity(record.len()), Vec::new());
    for (column, cell) in header.iter().zip(record) {
        match std::str::from_utf8(cell) {
            Ok(text) => cells.push(text.to_owned()),
            Err(_) => faults.push(Field::new(format!("/{column}"), "is not UTF-8")),
        }
    }
    if faults.is_empty() { Ok(cells) } else { Err(faults) }
}

/// An unknown or repeated column is a mistake, not a thing to skip.
fn check(header: &[String]) -> Result<(), Error> {
    let mut faults = Vec::new();
    for (place, name) in header.iter().enumerate() {
        if !COLUMNS.contains(&name.as_str()) {
            let message = format!("`{name}` is not one of {}", COLUMNS.join(", "));
            faults.push(Field::new(format!("/header/{place}"), message));
        } else if header[..place].contains(name) {
            faults.push(Field::new(format!("/header/{place}"), format!("`{name}` is listed twice")));
        }
    }
    if !header.iter().any(|name| name == "sku") {
        faults.push(Field::new("/header", "column `sku` is missing"));
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

/// `19,90`, `1.234,50` and `1,234.50` with a point and nothing else between the digits; other texts as they are.
fn with_point(text: &str) -> String {
    let (point, comma) = (text.rfind('.'), text.rfind(','));
    let (decimal, thousands) = match (point, comma) {
        (None, Some(_)) if text.matches(',').count() == 1 => (',', '.'),
        (Some(point), Some(comma)) if comma > point => (',', '.'),
        (Some(_), Some(_)) => ('.', ','),
        _ => return text.to_owned(),
    };
    let Some((whole, fraction)) = text.rsplit_once(decimal) else { return text.to_owned() };
    let mut groups = whole.split(thousands);
    let first = groups.next().unwrap_or_default();
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let grouped = groups.all(|group| group.len() == 3 && digits(group));
    let plain = digits(first) && !first.is_empty() && digits(fraction);
    if grouped && plain { format!("{}.{fraction}", whole.replace(thousands, "")) } else { text.to_owned() }
}
