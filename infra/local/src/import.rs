//! `import FILE`: sends a CSV file of any length through `POST /api/products/import`, in parts that the endpoint takes.
//!
//! Rows keep their numbers of the file. A part that fails as a whole ends the import; what was reported before is done,
//! and running it again is harmless.

use std::path::Path;

use oms_app::catalog::import_products::MAX_ROWS;
use oms_app::catalog::product_file::{Assumed, FileRow, ProductFile};
use oms_app::{Error, Field};
use serde::Deserialize;
use serde_json::json;

/// Largest part, in bytes; what the API takes, with room to spare.
const MAX_PART_BYTES: usize = 60 * 1024;

/// In whose name files are imported.
const IMPORTER: &str = "import";

/// How many rows came to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OrderCount {
    /// New products.
    pub created: usize,
    /// Products that were there.
    pub updated: usize,
    /// Rows that changed nothing.
    pub failed: usize,
}

#[derive(Deserialize)]
struct Answer {
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    status: String,
    errors: Vec<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    pointer: String,
    message: String,
}

/// Imports a file into what listens at `base`; prints every row that failed.
pub async fn import(base: &str, file: &Path, assumed: &Assumed<'_>) -> Result<OrderCount, String> {
    let bytes = std::fs::read(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    let http = reqwest::Client::new();
    let wanted = json!({"user_id": IMPORTER, "role": "admin"});
    let token = http.post(format!("{base}/dev/token")).json(&wanted).send().await.map_err(|error| error.to_string())?;
    let token: serde_json::Value = token.json().await.map_err(|error| error.to_string())?;
    let token = token["access_token"].as_str().ok_or("the identity provider gave no token")?;
    let Parts { parts, refused } = parts(&bytes, assumed)?;
    let mut tally = OrderCount { failed: refused.len(), ..OrderCount::default() };
    for (number, faults) in refused {
        tell(number, &faults);
    }
    for part in parts {
        let call = http.post(format!("{base}/api/products/import")).bearer_auth(token);
        let answer = call.header("content-type", "text/csv").body(part.csv).send().await;
        let answer = answer.map_err(|error| error.to_string())?;
        if !answer.status().is_success() {
            let problem = answer.text().await.unwrap_or_default();
            let from = part.numbers.first().copied().unwrap_or_default();
            let OrderCount { created, updated, failed } = tally;
            return Err(format!(
                "rows from {from} on were not imported ({created} created, {updated} updated, {failed} failed before): {problem}"
            ));
        }
        let answer: Answer = answer.json().await.map_err(|error| error.to_string())?;
        if answer.rows.len() != part.numbers.len() {
            return Err(format!("{} rows were sent and {} told of", part.numbers.len(), answer.rows.len()));
        }
        for (number, row) in part.numbers.into_iter().zip(answer.rows) {
            match row.status.as_str() {
                "created" => tally.created += 1,
                "updated" => tally.updated += 1,
                _ => tally.failed += 1,
            }
            let faults = row.errors.into_iter().map(|Fault { pointer, message }| Field::new(pointer, message));
            tell(number, &faults.collect::<Vec<_>>());
        }
    }
    Ok(tally)
}

fn tell(number: usize, faults: &[Field]) {
    for Field { pointer, message } in faults {
        println!("row {number}: {pointer} {message}");
    }
}

/// Rows that are sent together.
struct Part {
    csv: Vec<u8>,
    /// Which rows of the file they are.
    numbers: Vec<usize>,
}

/// A file, ready to be sent.
struct Parts {
    parts: Vec<Part>,
    /// Rows that cannot be sent, with what is wrong with them.
    refused: Vec<(usize, Vec<Field>)>,
}

/// The file in our own columns and in parts, each with the header.
fn parts(file: &[u8], assumed: &Assumed<'_>) -> Result<Parts, String> {
    let unreadable = |error: &dyn std::fmt::Display| format!("this is not CSV: {error}");
    let line = |cells: &[String]| -> Result<Vec<u8>, String> {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        writer.write_record(cells).map_err(|error| unreadable(&error))?;
        writer.into_inner().map_err(|error| unreadable(&error))
    };
    let file = ProductFile::read(file, assumed).map_err(|error| {
        let Error::Invalid(fields) = &error else { return error.to_string() };
        fields.iter().map(|field| format!("{} {}", field.pointer, field.message)).collect::<Vec<_>>().join("; ")
    })?;
    let header = line(&file.columns)?;
    let mut parts: Vec<Part> = Vec::new();
    let mut refused = Vec::new();
    for FileRow { number, cells } in file.rows {
        let row = match cells {
            Ok(cells) => line(&cells)?,
            Err(faults) => {
                refused.push((number, faults));
                continue;
            }
        };
        if header.len() + row.len() > MAX_PART_BYTES {
            let message = format!("has {} bytes; a row has at most {}", row.len(), MAX_PART_BYTES - header.len());
            refused.push((number, vec![Field::new("", message)]));
            continue;
        }
        let full = parts
            .last()
            .is_none_or(|part| part.numbers.len() == MAX_ROWS || part.csv.len() + row.len() > MAX_PART_BYTES);
        if full {
            parts.push(Part { csv: header.clone(), numbers: Vec::new() });
        }
        if let Some(part) = parts.last_mut() {
            part.csv.extend(row);
            part.numbers.push(number);
        }
    }
    Ok(Parts { parts, refused })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_sent_in_parts_that_each_know_the_columns() {
        let rows: Vec<String> = (0..250).map(|row| format!("SKU-{row},\"a, b\"\n")).collect();
        let rows = rows.concat();
        let parts = parts(format!("sku,name\n{rows}").as_bytes(), &Assumed::default()).unwrap().parts;
        assert_eq!(parts.iter().map(|part| part.numbers.len()).collect::<Vec<_>>(), [100, 100, 50]);
        for part in parts {
            let text = String::from_utf8(part.csv).unwrap();
            assert!(text.starts_with("sku,name\nSKU-"), "{text}");
            assert!(text.contains("\"a, b\""));
        }
    }

    #[test]
    fn rows_of_many_bytes_make_more_parts() {
        let rows: Vec<String> = (0..7).map(|row| format!("SKU-{row},{}\n", "x".repeat(20_000))).collect();
        let rows = rows.concat();
        let parts = parts(format!("sku,description\n{rows}").as_bytes(), &Assumed::default()).unwrap().parts;
        assert_eq!(parts.iter().map(|part| part.numbers.len()).collect::<Vec<_>>(), [3, 3, 1]);
    }

    fn refused(file: &str) -> (Vec<usize>, Vec<usize>) {
        let Parts { parts, refused } = parts(file.as_bytes(), &Assumed::default()).unwrap();
        let sent = parts.into_iter().flat_map(|part| part.numbers).collect();
        (sent, refused.into_iter().map(|(number, _)| number).collect())
    }

    #[test]
    fn i2_a_quote_that_is_not_closed_is_told_with_its_line_and_nothing_is_sent() {
        let error = parts(b"sku,name\nA-1,\"open\nA-2,Mug\nA-3,Cup\n", &Assumed::default()).err().unwrap();
        assert!(error.contains("line 2"), "{error}");
    }

    #[test]
    fn i7_empty_rows_are_skipped_and_only_a_row_that_is_too_large_fails() {
        let large = "x".repeat(70_000);
        let file = format!("sku,name,description\nA-1,Mug,\n,,\nA-2,Cup,{large}\nA-3,Pot,\n,,\n,,\n");
        assert_eq!(refused(&file), (vec![1, 4], vec![3]));
    }

    #[test]
    fn i15_a_sku_that_stands_twice_is_told_across_parts() {
        let rows: Vec<String> = (0..150).map(|row| format!("SKU-{row};Mug;19,90\n")).collect();
        let rows = rows.concat();
        let file = format!("sku;name;price\n{rows}SKU-3;Cup;1,00\n");
        assert_eq!(refused(&file).1, [151]);
        let first = parts(file.as_bytes(), &Assumed { currency: Some("EUR"), ..Assumed::default() })
            .unwrap()
            .parts
            .swap_remove(0);
        assert!(String::from_utf8(first.csv).unwrap().starts_with("sku,name,price,currency\nSKU-0,Mug,19.90,EUR\n"));
    }
}
