//! What the world hears about an order: a contract, and free of personal data (O15).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::support::events::{every_event, name, recorded};
use crate::support::{Story, order_id};
use oms_domain::messaging::{CallingCodes, Channel, MessageKind, channels};
use oms_domain::ordering::address::{Address, Contact, Details, Person};
use oms_domain::ordering::{Event, ShipmentEvent, Status};
use oms_domain::public_event::{CloudEvent, Fact};

fn ada() -> Person {
    let address = |street: &str| Address {
        recipient_name: "Ada Lovelace".into(),
        street_address: street.into(),
        city: "Marylebone".into(),
        state: Some("Middlesex".into()),
        postal_code: Some("W1U 8EW".into()),
        country: "GB".into(),
        company: Some("Analytical Engines Ltd".into()),
        vat_id: Some("GB999999973".into()),
        street_address_2: Some("Third floor".into()),
    };
    let address = |street: &str| address(street).checked().unwrap();
    Person {
        contact: Contact {
            name: "Ada Lovelace".into(),
            email: "ada@analytical.example".into(),
            phone: Some("+442071234567".into()),
        }
        .checked()
        .unwrap(),
        shipping_address: address("12 Dorset Street"),
        billing_address: address("5 St James's Square"),
        details: Details {
            customer_note: Some("ring twice".into()),
            gift_note: Some("many happy returns".into()),
            external_reference: Some("BABBAGE-1".into()),
            tags: vec!["wholesale".into()],
            ..Details::default()
        },
        words: std::collections::BTreeMap::new(),
    }
}

/// Every text of a person that may not be told.
fn secrets(person: &Person) -> Vec<String> {
    let Person { contact, shipping_address, billing_address, details, .. } = person;
    let mut secrets = vec![contact.name.clone(), contact.email.clone(), contact.phone.clone().unwrap()];
    secrets.extend(
        [&details.customer_note, &details.gift_note, &details.external_reference].into_iter().flatten().cloned(),
    );
    secrets.extend(details.tags.iter().cloned());
    for address in [shipping_address, billing_address] {
        let Address { recipient_name, street_address, city, country: _, .. } = address.clone().into_inner();
        secrets.extend([recipient_name, street_address, city]);
        let Address { company, vat_id, street_address_2, state, postal_code, .. } = address.clone().into_inner();
        secrets.extend([company, vat_id, street_address_2, state, postal_code].into_iter().flatten());
    }
    secrets
}

fn public(event: Event) -> CloudEvent {
    CloudEvent::of(order_id(), &recorded(event))
}

#[test]
fn every_event_is_told_as_it_always_was() {
    let mut told = String::new();
    for event in every_event("free text") {
        let heading = name(&event);
        writeln!(told, "{heading}\n{}\n", serde_json::to_string_pretty(&public(event)).unwrap()).unwrap();
    }
    insta::assert_snapshot!(told);
}

#[test]
fn every_public_event_is_read_back_as_it_was_written() {
    for event in every_event("free text") {
        let event = public(event);
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<CloudEvent>(&text).unwrap(), event);
    }
}

#[test]
fn what_people_write_freely_is_not_told() {
    let secrets = secrets(&ada());
    for event in every_event(&secrets.join(" / ")) {
        let text = serde_json::to_string(&public(event)).unwrap();
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{secret} in {text}");
        }
    }
}

#[test]
fn a_name_means_one_fact_and_a_type_is_made_of_it() {
    let mut facts: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for event in every_event("free text") {
        let CloudEvent { kind, data, .. } = public(event);
        assert_eq!(kind, format!("oms.{}.v1", data.fact.name()));
        let told = serde_json::to_value(&data).unwrap();
        assert_eq!(format!("order.{}", told["event"].as_str().unwrap()), data.fact.name());
        facts.entry(data.fact.name()).or_default().insert(format!("{:?}", std::mem::discriminant(&data.fact)));
    }
    assert!(facts.values().all(|meanings| meanings.len() == 1), "{facts:?}");
    // What pays for a change makes it, and is told as the change.
    assert_eq!(facts.len(), 59, "one for each event but for one");
}

#[test]
fn an_event_has_one_id_wherever_it_is_told() {
    let first = public(Event::Shipment(ShipmentEvent::OrderDelivered { note: None, paid_at: None }));
    assert_eq!(first.id, format!("{}/2", order_id()));
    assert_eq!(
        first,
        public(Event::Shipment(ShipmentEvent::OrderDelivered {
            note: Some("left with a neighbour".into()),
            paid_at: None
        }))
    );
}

#[test]
fn every_message_is_about_an_event_and_named_like_it() {
    let facts = every_event("free text").into_iter().map(|event| public(event).data.fact);
    let mut told = BTreeSet::new();
    for fact in facts {
        if let Some(kind) = MessageKind::about(&fact) {
            assert_eq!(format!("order.{}", kind.name()), fact.name(), "the queue's filter goes by this name");
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
            told.insert(kind);
        }
    }
    assert_eq!(told.into_iter().collect::<Vec<_>>(), MessageKind::ALL);
}

#[test]
fn a_payment_that_goes_straight_back_is_not_announced_as_paid() {
    let payment_id = oms_domain::ids::PaymentId::of_attempt(order_id(), 0);
    let about = |accepted| MessageKind::about(&Fact::PaymentConfirmed { payment_id, accepted, change: None });
    assert_eq!((about(true), about(false)), (Some(MessageKind::PaymentConfirmed), None));
}

#[test]
fn a_customer_without_a_phone_gets_no_text_message() {
    let Person { contact, .. } = ada();
    let order = Story::at(Status::Shipped).order;
    assert_eq!(channels(&contact, MessageKind::Shipped, &order, &CallingCodes::ALL), [Channel::Email, Channel::Sms]);
    let silent = Contact { phone: None, ..contact.into_inner() };
    assert_eq!(channels(&silent, MessageKind::Shipped, &order, &CallingCodes::ALL), [Channel::Email]);
}
