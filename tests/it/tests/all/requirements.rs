//! Every row of "creating an order", and those of its errors, has a test that bears its name: `a10_…`, or `a9_a11_…` for
//! several. And what the template has to say to one of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use oms_it::Template;
use serde_json::json;

/// The rows that must have a test.
const ROWS: [(&str, &str); 28] = [
    ("A1", "a cart becomes an order; the cart is validated"),
    ("A2", "an invalid cart can be corrected"),
    ("A3", "order summary and payment options"),
    ("A4", "a unique order id (UUID)"),
    ("A5", "customer, contact, address, items"),
    ("A6", "billing and shipping address"),
    ("A7", "lines with product, name, SKU, quantity, price, subtotal; at least one"),
    ("A8", "sums computed by the server"),
    ("A9", "the product exists and is active"),
    ("A10", "stock is available"),
    ("A11", "sold in the region"),
    ("A12", "account in good standing"),
    ("A13", "the address is valid"),
    ("A14", "fraud check"),
    ("A15", "the payment method is valid"),
    ("A16", "sufficient funds"),
    ("A17", "the sequence: availability, price, address, authorise, confirm"),
    ("A18", "immediate confirmation"),
    ("A19", "idempotency keys"),
    ("A20", "duplicates of a pending order are detected"),
    ("A21", "impatient clients and lost answers"),
    ("A22", "a limit of orders per customer and minute"),
    ("A23", "a stale price is refreshed, discounts with it"),
    ("A24", "created_at, updated_at, first status"),
    ("L1", "ORD-1001 with alternatives"),
    ("L2", "ORD-1002 asks for a correction"),
    ("L4", "ORD-2002 after a race for stock"),
    ("L7", "inventory is tried again every minute"),
];

/// Whether the tests in a file are named after rows of `docs/review.md`, which has an `A1` of its own.
pub(crate) fn is_of_faults(path: &Path) -> bool {
    path.strip_prefix(root()).unwrap_or(path).iter().any(|part| part.to_string_lossy().starts_with("faults"))
}

/// Directories of the repository that hold tests.
const SOURCES: [&str; 4] = ["functions", "infra/local", "shared", "tests"];

/// The names of the tests in those files of the repository of which `wanted` says so.
pub(crate) fn tests_in(wanted: impl Fn(&Path) -> bool) -> Vec<String> {
    let root = root();
    let mut names = Vec::new();
    for source in SOURCES {
        tests_beneath(&root.join(source), &wanted, &mut names);
    }
    names
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn tests_beneath(directory: &Path, wanted: &impl Fn(&Path) -> bool, names: &mut Vec<String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            tests_beneath(&path, wanted, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") && wanted(&path) {
            tests_of(&std::fs::read_to_string(&path).unwrap(), names);
        }
    }
}

/// The functions behind `#[test]` and `#[tokio::test]`; other attributes may stand between.
fn tests_of(source: &str, names: &mut Vec<String>) {
    let mut is_test = false;
    for line in source.lines().map(str::trim) {
        if line == "#[test]" || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some(rest) = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn ")) {
            if std::mem::take(&mut is_test) {
                names.push(rest.split('(').next().unwrap_or_default().to_owned());
            }
        } else if !line.starts_with("#[") && !line.starts_with("//") {
            is_test = false;
        }
    }
}

/// The rows at the head of a name: `A9` and `A11` of `a9_a11_what_is_missing`.
pub(crate) fn rows_of(name: &str) -> Vec<String> {
    let is_row = |part: &&str| {
        let number = part.strip_prefix(|first: char| first.is_ascii_lowercase()).unwrap_or_default();
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    };
    name.split('_').take_while(is_row).map(str::to_uppercase).collect()
}

#[test]
fn every_row_has_a_test_and_every_test_a_row_that_exists() {
    let mut tested: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for name in tests_in(|path| !is_of_faults(path)) {
        for row in rows_of(&name) {
            tested.entry(row).or_default().insert(name.clone());
        }
    }
    let missing: Vec<String> = ROWS
        .iter()
        .filter(|(row, _)| !tested.contains_key(*row))
        .map(|(row, what)| format!("{row} ({what}) has no test"))
        .collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    let known: BTreeSet<&str> = ROWS.iter().map(|(row, _)| *row).collect();
    let unknown: Vec<&String> =
        tested.keys().filter(|row| row.starts_with('A') && !known.contains(row.as_str())).collect();
    assert!(unknown.is_empty(), "tests are named after rows that do not exist: {unknown:?}");
}

#[test]
fn names_are_read_as_they_are_meant() {
    let source =
        "#[tokio::test(flavor = \"multi_thread\")]\n#[ignore]\nasync fn a9_a11_what() {}\nfn a1_no_test() {}\n";
    let mut names = Vec::new();
    tests_of(source, &mut names);
    assert_eq!(names, ["a9_a11_what"]);
    assert_eq!(rows_of("a9_a11_what"), ["A9", "A11"]);
    assert!(rows_of("a_cart").is_empty() && rows_of("all_10").is_empty());
}

#[test]
fn l7_the_template_gives_stock_back_every_minute() {
    let template = Template::read();
    let functions = template.functions();
    let schedule = &functions["sweep"]["Events"]["EveryMinute"]["Properties"];
    // The next minute is the retry: one run never overlaps another, and none is repeated beside it.
    assert_eq!(schedule["Schedule"], "rate(1 minute)");
    assert_eq!(schedule["RetryPolicy"], json!({ "MaximumRetryAttempts": 0 }));
    assert!(functions["sweep"]["Timeout"].as_u64().unwrap() < 60);
}
