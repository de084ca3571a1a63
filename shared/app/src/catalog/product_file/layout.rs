//! The columns that other shops export, and what they are with us.

use std::collections::HashMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::{FileRow, ProductFile, with_point};

/// Whose columns a header has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Own,
    Shopify,
    WooCommerce,
}

/// The columns that an export fills.
const FILLED: [&str; 10] = [
    "sku",
    "name",
    "category",
    "price",
    "tax_class",
    "weight_grams",
    "low_stock_threshold",
    "description",
    "units",
    "images",
];

/// What one variant of a product has no other name for.
const ONLY_VARIANT: &str = "Default Title";

/// A row of an export by the names of its columns.
struct Named<'a> {
    header: &'a [String],
    cells: &'a [String],
}

impl<'a> Named<'a> {
    fn get(&self, column: &str) -> &'a str {
        let place = self.header.iter().position(|known| known.eq_ignore_ascii_case(column));
        place.and_then(|place| self.cells.get(place)).map_or("", String::as_str)
    }

    /// The first of these columns that says something.
    fn first(&self, columns: &[&str]) -> &'a str {
        columns.iter().map(|column| self.get(column)).find(|text| !text.is_empty()).unwrap_or_default()
    }
}

/// What Shopify says once of all variants of a product.
#[derive(Default)]
struct Shared {
    title: String,
    category: String,
    description: String,
    images: Vec<String>,
}

impl Layout {
    /// By the columns that only one of them has.
    pub(super) fn of(header: &[String]) -> Self {
        let has = |column: &str| header.iter().any(|known| known.eq_ignore_ascii_case(column));
        match () {
            () if has("Handle") && has("Variant SKU") => Layout::Shopify,
            () if has("SKU") && has("Regular price") => Layout::WooCommerce,
            () => Layout::Own,
        }
    }

    /// The rows in our columns.
    pub(super) fn translated(self, header: Vec<String>, rows: Vec<FileRow>) -> ProductFile {
        let filled = || FILLED.iter().map(|column| (*column).to_owned()).collect();
        match self {
            Layout::Own => ProductFile { columns: header, rows },
            Layout::Shopify => ProductFile { columns: filled(), rows: shopify(&header, &rows) },
            Layout::WooCommerce => {
                let rows = rows.iter().filter_map(|row| translate(&header, row, woocommerce));
                ProductFile { columns: filled(), rows: rows.collect() }
            }
        }
    }
}

/// Faults stay as they are; nothing for a row that is no product.
fn translate(header: &[String], row: &FileRow, read: impl Fn(&Named<'_>) -> Option<Vec<String>>) -> Option<FileRow> {
    let cells = match &row.cells {
        Ok(cells) => Ok(read(&Named { header, cells })?),
        Err(faults) => Err(faults.clone()),
    };
    Some(FileRow { number: row.number, cells })
}

/// Variants of a product stand in rows of their own behind it, and so do its further images.
fn shopify(header: &[String], rows: &[FileRow]) -> Vec<FileRow> {
    let mut products: HashMap<String, Shared> = HashMap::new();
    for cells in rows.iter().filter_map(|row| row.cells.as_ref().ok()) {
        let row = Named { header, cells };
        let shared = products.entry(row.get("Handle").to_owned()).or_default();
        for (known, told) in [
            (&mut shared.title, row.get("Title")),
            (&mut shared.category, row.first(&["Type", "Product Category"])),
            (&mut shared.description, row.get("Body (HTML)")),
        ] {
            if known.is_empty() {
                told.clone_into(known);
            }
        }
        let image = row.get("Image Src");
        if !image.is_empty() && !shared.images.iter().any(|known| known == image) {
            shared.images.push(image.to_owned());
        }
    }
    let nobody = Shared::default();
    let variant = |row: &Named<'_>| {
        if row.get("Variant SKU").is_empty() && row.get("Variant Price").is_empty() {
            return None;
        }
        let shared = products.get(row.get("Handle")).unwrap_or(&nobody);
        let options = ["Option1 Value", "Option2 Value", "Option3 Value"].map(|column| row.get(column));
        let options: Vec<&str> =
            options.into_iter().filter(|option| !option.is_empty() && *option != ONLY_VARIANT).collect();
        let name = format!("{} {}", shared.title, options.join(" / "));
        Some(vec![
            row.get("Variant SKU").to_owned(),
            name.trim().to_owned(),
            last_of(&shared.category),
            row.get("Variant Price").to_owned(),
            String::new(),
            scaled(row.get("Variant Grams"), Decimal::ONE),
            String::new(),
            without_tags(&shared.description),
            stocked(row.get("Variant Inventory Qty")),
            shared.images.join(";"),
        ])
    };
    rows.iter().filter_map(|row| translate(header, row, variant)).collect()
}

/// A product with variations stands before them and is not sold itself.
fn woocommerce(row: &Named<'_>) -> Option<Vec<String>> {
    if matches!(row.get("Type"), "variable" | "grouped") {
        return None;
    }
    let (grams, kilograms) = (Decimal::ONE, Decimal::ONE_THOUSAND);
    let weight = match (row.get("Weight (kg)"), row.get("Weight (g)")) {
        ("", in_grams) => scaled(in_grams, grams),
        (in_kilograms, _) => scaled(in_kilograms, kilograms),
    };
    Some(vec![
        row.get("SKU").to_owned(),
        row.get("Name").to_owned(),
        last_of(row.get("Categories").split(',').next().unwrap_or_default()),
        row.get("Regular price").to_owned(),
        row.get("Tax class").to_lowercase(),
        weight,
        stocked(row.get("Low stock amount")),
        without_tags(row.first(&["Description", "Short description"])),
        stocked(row.get("Stock")),
        row.get("Images").to_owned(),
    ])
}

/// `Home > Kitchen > Mugs` is a path; its last part says most.
fn last_of(path: &str) -> String {
    path.rsplit('>').next().unwrap_or_default().trim().to_owned()
}

/// A weight in whole grams; a text that is no number stays, and is told of.
fn scaled(text: &str, grams: Decimal) -> String {
    let exact = with_point(text).parse::<Decimal>().ok().and_then(|weight| weight.checked_mul(grams));
    exact.and_then(|exact| exact.round().to_u32()).map_or_else(|| text.to_owned(), |grams| grams.to_string())
}

/// A count; fewer than nothing have been sold already.
fn stocked(text: &str) -> String {
    match text.parse::<Decimal>() {
        Ok(count) if count.is_sign_negative() => "0".to_owned(),
        Ok(count) => count.normalize().to_string(),
        Err(_) => text.to_owned(),
    }
}

/// The text of a description without its markup.
fn without_tags(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        let Some((name, after)) = tag.split_once('>') else {
            // An inequality, not a tag.
            text.push('<');
            rest = tag;
            continue;
        };
        if name.starts_with("br") || name.starts_with("/p") || name.starts_with("/li") {
            text.push('\n');
        }
        rest = after;
    }
    text.push_str(rest);
    let named = [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    named.into_iter().fold(text, |text, (name, sign)| text.replace(name, sign)).trim().to_owned()
}
