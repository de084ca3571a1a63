//! `import FILE`: sends a CSV file of any length through `POST /api/products/import`, in parts that the endpoint takes.
//!
//! Rows keep their numbers of the file. A part that fails as a whole ends the import; what was reported before is done,
//! and running it again is harmless.

use std::path::Path;

use oms_app::catalog::import_products::MAX_ROWS;
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
    #[serde(rename = "row")]
    number: usize,
    status: String,
    errors: Vec<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    pointer: String,
    message: String,
}

/// Imports a file into what listens at `base`; prints every row that failed.
pub async fn import(base: &str, file: &Path) -> Result<OrderCount, String> {
    let bytes = std::fs::read(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    let http = reqwest::Client::new();
    let wanted = json!({"user_id": IMPORTER, "role": "admin"});
    let token = http.post(format!("{base}/dev/token")).json(&wanted).send().await.map_err(|error| error.to_string())?;
    let token: serde_json::Value = token.json().await.map_err(|error| error.to_string())?;
    let token = token["access_token"].as_str().ok_or("the identity provider gave no token")?;
    let mut tally = OrderCount::default();
    let mut before = 0;
    for part in parts(&bytes)? {
        let call = http.post(format!("{base}/api/products/import")).bearer_auth(token);
        let answer = call.header("content-type", "text/csv").body(part.csv).send().await;
        let answer = answer.map_err(|error| error.to_string())?;
        if !answer.status().is_success() {
            let problem = answer.text().await.unwrap_or_default();
            return Err(format!("rows from {} on were not imported: {problem}", before + 1));
        }
        let answer: Answer = answer.json().await.map_err(|error| error.to_string())?;
        for row in answer.rows {
            match row.status.as_str() {
                "created" => tally.created += 1,
                "updated" => tally.updated += 1,
                _ => tally.failed += 1,
            }
            for Fault { pointer, message } in row.errors {
                println!("row {}: {pointer} {message}", before + row.number);
            }
        }
        before += part.rows;
    }
    Ok(tally)
}

struct Part {
    csv: Vec<u8>,
    rows: usize,
}

/// The file in parts, each with the header.
fn parts(file: &[u8]) -> Result<Vec<Part>, String> {
    let unreadable = |error: &dyn std::fmt::Display| format!("this is not CSV: {error}");
    let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(file);
    let mut records = reader.byte_records();
    let Some(header) = records.next() else { return Err("the file is empty".to_owned()) };
    let line = |record: &csv::ByteRecord| -> Result<Vec<u8>, String> {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        writer.write_byte_record(record).map_err(|error| unreadable(&error))?;
        writer.into_inner().map_err(|error| unreadable(&error))
    };
    let header = line(&header.map_err(|error| unreadable(&error))?)?;
    let mut parts = vec![Part { csv: header.clone(), rows: 0 }];
    for record in records {
        let row = line(&record.map_err(|error| unreadable(&error))?)?;
        let full = parts.last().is_none_or(|part| part.rows == MAX_ROWS || part.csv.len() + row.len() > MAX_PART_BYTES);
        if full {
            parts.push(Part { csv: header.clone(), rows: 0 });
        }
        if let Some(part) = parts.last_mut() {
            part.csv.extend(row);
            part.rows += 1;
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_sent_in_parts_that_each_know_the_columns() {
        let rows: Vec<String> = (0..250).map(|row| format!("SKU-{row},\"a, b\"\n")).collect();
        let rows = rows.concat();
        let parts = parts(format!("sku,name\n{rows}").as_bytes()).unwrap();
        assert_eq!(parts.iter().map(|part| part.rows).collect::<Vec<_>>(), [100, 100, 50]);
        for part in parts {
            let text = String::from_utf8(part.csv).unwrap();
            assert!(text.starts_with("sku,name\nSKU-"), "{text}");
            assert!(text.contains("\"a, b\""));
        }
    }

    #[test]
    fn rows_of_many_bytes_make_more_parts() {
        let rows = format!("SKU,{}\n", "x".repeat(20_000)).repeat(7);
        let parts = parts(format!("sku,description\n{rows}").as_bytes()).unwrap();
        assert_eq!(parts.iter().map(|part| part.rows).collect::<Vec<_>>(), [3, 3, 1]);
    }
}
