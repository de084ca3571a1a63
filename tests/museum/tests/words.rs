//! The words that are stored: none of them may be missing here, so that none is renamed unseen.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, iter};

use serde_json::Value;

use crate::events::streams;
use crate::folder::{Folder, key, text};
use crate::now;

/// What the adapters write in capitals and is no part of a key.
const NOT_STORED: [&str; 2] = ["SES", "SNS"];

/// Attributes that are keys of an index.
const INDEX_KEYS: [&str; 2] = ["due", "list"];

/// What is followed by a code, which is in capitals too.
const BEFORE_A_CODE: &str = "PROMOTION";

/// The words in capitals that a key begins with: `PRODUCT#SHARD#07` has `PRODUCT` and `SHARD`.
fn words_of(key: &str) -> Vec<String> {
    let is_word = |part: &&str| part.len() > 1 && part.chars().all(|letter| letter.is_ascii_uppercase());
    let mut words: Vec<String> = key.split('#').take_while(is_word).map(ToOwned::to_owned).collect();
    if words.first().is_some_and(|word| word == BEFORE_A_CODE) {
        words.truncate(1);
    }
    words
}

/// Every literal in a text that begins as a key does.
fn literals(source: &str) -> impl Iterator<Item = &str> {
    source.split('"').skip(1).step_by(2)
}

fn sources(folder: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            texts.push(fs::read_to_string(path).unwrap());
        }
    }
    texts
}

#[test]
fn every_word_of_a_key_that_the_adapters_write_is_kept_here() {
    let code = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/adapters/src/dynamodb");
    let code = sources(&code);
    let lines = code.iter().flat_map(|text| text.lines());
    let written: BTreeSet<String> = lines
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(literals)
        .flat_map(words_of)
        .filter(|word| !NOT_STORED.contains(&word.as_str()))
        .collect();
    let mut kept = BTreeSet::new();
    for folder in Folder::all() {
        for item in ["orders", "catalog"].iter().flat_map(|table| folder.items(table)) {
            let (pk, sk) = key(&item);
            let indexed = INDEX_KEYS.iter().filter_map(|attribute| item[attribute]["S"].as_str());
            kept.extend(iter::once(pk).chain([sk]).chain(indexed).flat_map(words_of));
        }
    }
    assert_eq!(written, kept);
}

#[test]
fn every_word_that_an_order_s_state_can_hold_is_kept_here() {
    let mut kept = BTreeSet::new();
    for folder in Folder::all() {
        for (order, stream) in streams(&folder) {
            kept.insert(text(&order, "status").to_owned());
            for body in iter::once(text(&order, "state").to_owned()).chain(stream) {
                collect(&serde_json::from_str(&body).unwrap(), &mut kept);
            }
        }
        for body in folder.lines("events.jsonl") {
            collect(&serde_json::from_str(&body).unwrap(), &mut kept);
        }
    }
    for (what, names) in now::names_of_closed_sets() {
        let missing: Vec<_> = names.difference(&kept).collect();
        assert!(missing.is_empty(), "{what}: {missing:?}");
    }
}

/// All texts of a value.
fn collect(value: &Value, texts: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            texts.insert(text.clone());
        }
        Value::Array(entries) => entries.iter().for_each(|entry| collect(entry, texts)),
        Value::Object(members) => members.values().for_each(|member| collect(member, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
