//! Stored events: private, sealed by hashes, read for seven years.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::folder::{Folder, behind, key, text};
use crate::now;

/// Every text of an event in the museum.
fn bodies() -> Vec<String> {
    let mut bodies = Vec::new();
    for folder in Folder::all() {
        bodies.extend(folder.lines("events.jsonl"));
        let items = folder.items("orders");
        bodies.extend(
            items.iter().filter(|item| key(item).1.starts_with("EVENT#")).map(|item| text(item, "body").to_owned()),
        );
    }
    bodies
}

/// The stored streams with the item of their order.
pub(crate) fn streams(folder: &Folder) -> Vec<(Value, Vec<String>)> {
    let mut orders = BTreeMap::new();
    let mut streams: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for item in folder.items("orders") {
        let (pk, sk) = key(&item);
        if sk == "ORDER" {
            orders.insert(pk.to_owned(), item);
        } else if sk.starts_with("EVENT#") {
            streams.entry(pk.to_owned()).or_default().push((sk.to_owned(), text(&item, "body").to_owned()));
        }
    }
    let whole = |(pk, order): (String, Value)| {
        let mut stream = streams.remove(&pk).unwrap_or_default();
        stream.sort();
        (order, stream.into_iter().map(|(_, body)| body).collect())
    };
    orders.into_iter().map(whole).collect()
}

#[test]
fn every_event_is_read_and_written_again_to_the_byte() {
    for body in bodies() {
        assert_eq!(now::event_written_again(&body), body);
    }
}

#[test]
fn every_event_that_can_be_stored_is_kept_here() {
    let kept: BTreeSet<String> = bodies().iter().map(|body| now::event_name(body)).collect();
    assert_eq!(kept, now::event_names());
}

#[test]
fn whatever_may_be_left_out_of_an_event_is_kept_with_and_without() {
    let mut seen: BTreeMap<(&str, &str), BTreeSet<bool>> = BTreeMap::new();
    for body in bodies() {
        let event: Value = serde_json::from_str(&body).unwrap();
        for (name, member) in OPTIONAL.iter().filter(|(name, _)| event["type"] == *name) {
            seen.entry((name, member)).or_default().insert(!event["data"][member].is_null());
        }
    }
    for (event, member) in OPTIONAL {
        assert_eq!(seen[&(*event, *member)].len(), 2, "{event}.{member} is kept in one way only");
    }
}

/// Members that an event has or has not, as the first folder knows them.
const OPTIONAL: &[(&str, &str)] = &[
    ("OrderCreated", "promotions"),
    ("OrderCreated", "uses"),
    ("OrderPaymentRequested", "keep"),
    ("OrderProcessingStarted", "note"),
    ("OrderShipped", "note"),
    ("OrderDeliveryFailed", "note"),
    ("OrderDelivered", "note"),
    ("OrderDelivered", "placed_at"),
    ("OrderCancelled", "note"),
    ("OrderRefundInitiated", "for"),
    ("OrderReviewApproved", "note"),
    ("OrderNoteAdded", "id"),
    ("OrderNoteAdded", "visibility"),
    ("OrderNoteAdded", "seller"),
    ("OrderAssigneeChanged", "to"),
];

#[test]
fn every_stream_is_whole_and_folds_into_the_stored_order() {
    for folder in Folder::all() {
        for (order, stream) in streams(&folder) {
            let id = behind(key(&order).0, "ORDER#");
            let folded = now::fold(id, &stream, text(&order, "head"));
            let stored = now::state_written_again(text(&order, "state"));
            assert_eq!(folded, Ok(stored), "{id}");
        }
    }
}

#[test]
fn a_stream_with_one_changed_byte_is_not_whole() {
    let (order, mut stream) = streams(&Folder::first()).pop().unwrap();
    let id = behind(key(&order).0, "ORDER#").to_owned();
    stream[0] = stream[0].replacen("\"cause\":\"", "\"cause\":\"x", 1);
    assert!(now::fold(&id, &stream, text(&order, "head")).is_err());
}

#[test]
fn every_stored_event_is_told_as_it_was() {
    let mut kinds = BTreeSet::new();
    for folder in Folder::all() {
        let streams: BTreeMap<String, Vec<String>> = streams(&folder)
            .into_iter()
            .map(|(order, stream)| (behind(key(&order).0, "ORDER#").to_owned(), stream))
            .collect();
        for told in folder.lines("public_events.jsonl") {
            assert_eq!(now::public_event_written_again(&told), told);
            let event: Value = serde_json::from_str(&told).unwrap();
            let (order, version) = event["id"].as_str().unwrap().split_once('/').unwrap();
            // A folder without a state has its events one by one.
            let stored = match streams.get(order) {
                Some(stream) => vec![stream[version.parse::<usize>().unwrap() - 1].clone()],
                None => folder.lines("events.jsonl"),
            };
            assert!(stored.iter().any(|stored| now::public_event_of(order, stored) == told), "{told}");
            kinds.insert(event["data"]["event"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(kinds, now::public_event_names());
}
