//! What is stored is a contract with ourselves of years ago: it is read for seven years (O16), and it must stay small.
//!
//! A changed snapshot here means that old streams are no longer written, and perhaps no longer read, as they were.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::support::events::{every_event, name, recorded};
use crate::support::{Story, deliver, fail_delivery, new_order, product, request, ship_all, usual_lines};
use oms_domain::actor::{Actor, Role};
use oms_domain::catalog::Product;
use oms_domain::catalog::stock::Stock;
use oms_domain::money::Amount;
use oms_domain::ordering::{Command, Event, Line, NewOrder, Order, Record, ShipmentEvent, Status};
use oms_domain::payments::{MAX_REFUND_REASON_CHARACTERS, RefundPart};

/// Most bytes of one stored event of a three-line order: with 96 bytes of keys and attribute names, 1 KB (DESIGN §4).
const EVENT_BYTES: usize = 1_024 - 96;

/// Most bytes of the state of a three-line order; with its keys the item stays below 4 KB (DESIGN §4).
const STATE_BYTES: usize = 3_584;

#[test]
fn every_event_is_stored_as_it_always_was() {
    let mut stored = String::new();
    for event in every_event("free text") {
        writeln!(stored, "{}", serde_json::to_string(&recorded(event)).unwrap()).unwrap();
    }
    insta::assert_snapshot!(stored);
}

#[test]
fn the_list_of_events_is_complete_and_each_is_stored_under_its_name() {
    let mut seen = BTreeSet::new();
    for event in every_event("free text") {
        let stored = serde_json::to_value(recorded(event.clone())).unwrap();
        assert_eq!(stored["type"], name(&event));
        seen.insert(name(&event));
    }
    // As many as `name` knows; its match has no `_`.
    assert_eq!(seen.len(), 60);
}

#[test]
fn every_event_is_read_back_as_it_was_written() {
    for event in every_event("a \"quoted\" ünïcode\nline") {
        let record = recorded(event);
        let stored = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<Record>(&stored).unwrap(), record);
    }
}

#[test]
fn notes_that_were_not_given_take_no_room() {
    for event in [
        Event::Shipment(ShipmentEvent::OrderProcessingStarted { note: None }),
        Event::Shipment(ShipmentEvent::OrderDelivered { note: None, paid_at: None }),
    ] {
        let stored = serde_json::to_string(&recorded(event.clone())).unwrap();
        assert!(!stored.contains("note"), "{stored}");
        assert_eq!(serde_json::from_str::<Record>(&stored).unwrap().event, event);
    }
}

#[test]
fn the_state_is_stored_as_it_always_was() {
    let story = Story::at(Status::Shipped).given(fail_delivery()).given(ship_all()).paid(1).refund_completed(0);
    let stored = serde_json::to_string_pretty(&story.order).unwrap();
    assert_eq!(serde_json::from_str::<Order>(&stored).unwrap(), story.order);
    insta::assert_snapshot!(stored);
}

#[test]
fn fields_that_were_left_out_are_read_as_nothing() {
    let fresh: Line = usual_lines().remove(0);
    let stored = serde_json::to_string(&fresh).unwrap();
    assert!(["discount", "shipped", "returned", "refunded"].iter().all(|field| !stored.contains(field)), "{stored}");
    assert_eq!(serde_json::from_str::<Line>(&stored).unwrap(), fresh);
}

#[test]
fn a_product_is_stored_as_it_always_was() {
    let notebook = Product {
        id: product(1),
        sku: "NW-BOOK-0001".into(),
        name: "Northwind notebook".into(),
        category: "paper".into(),
        seller_id: "northwind-books".parse().unwrap(),
        price: Amount::from_minor(1_990),
        currency: "EUR".parse().unwrap(),
        currency_since: None,
        tax_class: "standard".into(),
        active: true,
        regions: vec!["DE".into(), "AT".into()],
        stock: Stock::received(7),
        version: 3,
        weight_grams: 250,
        low_stock_threshold: Some(5),
        max_per_order: None,
        hot: false,
    };
    let stored = serde_json::to_string_pretty(&notebook).unwrap();
    assert_eq!(serde_json::from_str::<Product>(&stored).unwrap(), notebook);
    insta::assert_snapshot!(stored);
}

#[test]
fn a_usual_order_fits_its_budget() {
    let at_once = NewOrder { draft: false, ..new_order(usual_lines()) };
    let mut delivered = Story::of(at_once).given(request("stripe"));
    delivered = delivered.paid(0).given(crate::support::prepare()).given(ship_all()).given(deliver());
    let largest = delivered.stream.iter().map(|sealed| sealed.body.len()).max().unwrap();
    assert!(largest <= EVENT_BYTES, "an event has {largest} bytes: {}", delivered.stream[0].body);

    // Providers, rules and staff have names of their own; the longest usual one is a user id, as here.
    assert_eq!(delivered.order.timeline[0].actor, Actor { id: crate::support::USER.into(), role: Role::Customer });
    let state = serde_json::to_string(&delivered.order).unwrap();
    assert!(state.len() <= STATE_BYTES, "the state has {} bytes: {state}", state.len());

    let whole: Vec<_> =
        delivered.order.lines.iter().map(|line| crate::support::units(line.line, line.quantity)).collect();
    let (shipping, goodwill, note) = (Amount::from_minor(490), Amount::ZERO, "x".repeat(MAX_REFUND_REASON_CHARACTERS));
    let part = RefundPart { lines: whole, shipping, goodwill, note: note.into(), ..RefundPart::default() };
    let refunded = delivered.clone().given(Command::RefundPart { part });
    let refund = refunded.stream.last().unwrap().body.len();
    assert!(refund <= EVENT_BYTES, "a refund has {refund} bytes");
    println!("largest event {largest} bytes, state {} bytes", state.len());
}

#[test]
fn an_event_of_an_unknown_type_or_without_its_data_is_not_read() {
    let stored = serde_json::to_string(&recorded(ShipmentEvent::OrderDelivered { note: None, paid_at: None }.into()));
    let stored = stored.unwrap();
    for (known, stranger) in [("OrderDelivered", "OrderLost"), (r#","data":{}"#, "")] {
        assert!(stored.contains(known), "{stored}");
        assert!(serde_json::from_str::<Record>(&stored.replace(known, stranger)).is_err(), "{stranger}");
    }
}
