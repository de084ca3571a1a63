//! `docs/review.md` says of every kind of fault that was found what holds instead, and what shows it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::requirements::{is_of_faults, root, rows_of, tests_in};

/// Kinds of faults, and how many rows each has.
const KINDS: [(char, usize); 10] =
    [('M', 17), ('P', 4), ('A', 9), ('W', 10), ('I', 19), ('R', 6), ('F', 7), ('L', 6), ('C', 5), ('S', 17)];

/// How the last cell begins of a row that no test shows.
const UNSHOWN: [&str; 2] = ["Open: ", "Not tested here: "];

/// Row, and what shows it.
fn rows(table: &str) -> Vec<(String, String)> {
    let read = |line: &str| {
        let cells: Vec<&str> = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").collect();
        let (row, how) = (*cells.first()?, *cells.get(2)?);
        (rows_of(&row.to_lowercase()) == [row]).then(|| (row.to_owned(), how.to_owned()))
    };
    table.lines().filter_map(read).collect()
}

/// What stands in backticks.
fn names(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// The functions of Rust and Python beneath these directories: tests, cases of a contract and checks of documents.
fn functions(directory: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "target") {
                functions(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "py") {
            let source = std::fs::read_to_string(&path).unwrap();
            let lines = source.lines().map(str::trim_start);
            let heads = lines.filter_map(|line| {
                let line = line.strip_prefix("pub ").unwrap_or(line);
                let line = line.strip_prefix("async ").unwrap_or(line);
                line.strip_prefix("fn ").or_else(|| line.strip_prefix("def "))
            });
            let name = |head: &str| head.split(['(', '<']).next().unwrap_or_default().to_owned();
            found.extend(heads.map(name));
        }
    }
}

#[test]
fn every_kind_of_fault_says_what_holds_instead_and_what_shows_it() {
    let mut known = BTreeSet::new();
    for directory in ["functions", "infra", "shared", "tests"] {
        functions(&root().join(directory), &mut known);
    }
    let mut wrong = Vec::new();
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    let mut shown = BTreeSet::new();
    for (row, how) in rows(&std::fs::read_to_string(root().join("docs/review.md")).unwrap()) {
        *told.entry(row.clone()).or_default() += 1;
        for name in names(&how) {
            shown.insert(name.to_owned());
            if !known.contains(name) && !root().join(name).is_file() {
                wrong.push(format!("{row} names {name}, which is neither a test nor a file"));
            }
        }
        if names(&how).next().is_none() && !UNSHOWN.iter().any(|word| how.starts_with(word)) {
            wrong.push(format!("{row} names nothing that shows it, and does not say why"));
        }
    }
    for (kind, rows) in KINDS {
        for number in 1..=rows {
            match told.remove(&format!("{kind}{number}")) {
                Some(1) => {}
                lines => wrong.push(format!("{kind}{number} has {} lines", lines.unwrap_or_default())),
            }
        }
    }
    wrong.extend(told.into_keys().map(|row| format!("{row} is no row")));
    let named = tests_in(is_of_faults).into_iter().filter(|test| !rows_of(test).is_empty());
    wrong.extend(named.filter(|test| !shown.contains(test)).map(|test| format!("no row names {test}")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_line_is_read_as_it_is_meant() {
    let table = "| row | holds | shown by |\n|---|---|---|\n| M1 | a holds | `m1_a`, `m1_b` |\n| S17 | b | Open: why |";
    let read = rows(table);
    assert_eq!(read.iter().map(|(row, _)| row.as_str()).collect::<Vec<_>>(), ["M1", "S17"]);
    assert_eq!(names(&read[0].1).collect::<Vec<_>>(), ["m1_a", "m1_b"]);
    assert_eq!(names(&read[1].1).count(), 0);
}
