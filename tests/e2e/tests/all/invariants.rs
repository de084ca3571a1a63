//! What must hold over all orders of an instance at rest, whatever was done to it: the invariants of the design by their
//! numbers, as far as they can be seen from outside a run. What only a run knows (1, 13: what clients were told; 14: what
//! administrators did) is checked where it is known, in `wire` and `chaos`; 12, dead letters, by `TestApp::finish`.

use std::collections::{BTreeMap, BTreeSet};

use oms_app::ports::{ListQuery, Scope, Stored};
use oms_domain::chain::{self, Hash};
use oms_domain::ids::{OrderId, ProductId};
use oms_domain::messaging::{CallingCodes, MessageKind, channels};
use oms_domain::money::Amount;
use oms_domain::ordering::{Order, Record, Status};
use oms_domain::payments::RefundReason;
use oms_domain::public_event::CloudEvent;
use oms_local::world::Parts;

use crate::app::TestApp;

/// Shorter texts stand in other items by chance.
const SECRET_CHARACTERS: usize = 6;

/// Checks every order and every product.
pub(crate) async fn hold(app: &TestApp) {
    let parts = &app.oms.parts;
    let mut secrets = BTreeSet::new();
    let mut held: BTreeMap<ProductId, u32> = BTreeMap::new();
    let mut shipped: BTreeMap<ProductId, u32> = BTreeMap::new();
    for id in everything(parts).await {
        let stored = parts.orders.load(id).await.unwrap().expect("a listed order exists");
        let records = chain_is_intact(parts, &stored.order).await;
        only_legal_transitions(&stored.order, &records);
        the_total_adds_up(&stored.order);
        the_books_agree(parts, &stored.order);
        everything_was_told_once(app, &stored, &records);
        secrets.extend(secrets_of(&stored));
        for line in &stored.order.lines {
            let reserved = if stored.order.status.holds_stock() { line.to_ship() } else { 0 };
            *held.entry(line.product_id).or_default() += reserved;
            *shipped.entry(line.product_id).or_default() += stored.order.has_left(line);
        }
    }
    for product in parts.catalog.page(None, 100).await.unwrap().products {
        let (id, stock) = (product.id, product.stock);
        // 4 and 5.
        assert!(stock.is_balanced(), "{}: {stock:?}", product.name);
        let expected = (held.get(&id).copied().unwrap_or(0), shipped.get(&id).copied().unwrap_or(0));
        assert_eq!((stock.reserved, stock.shipped), expected, "{}: reserved and shipped", product.name);
    }
    personal_data_is_in_one_place(app, &secrets).await;
}

/// What identifies the person of an order.
fn secrets_of(stored: &Stored) -> Vec<String> {
    let Some(person) = &stored.person else { return Vec::new() };
    let (contact, address) = (&person.contact, &person.shipping_address);
    let all = [Some(&contact.email), contact.phone.as_ref(), Some(&address.street_address)];
    all.into_iter().flatten().filter(|text| text.len() >= SECRET_CHARACTERS).cloned().collect()
}

/// 16: no item of any table but PERSON, and what stands beside it and goes with it, holds what identifies somebody.
async fn personal_data_is_in_one_place(app: &TestApp, secrets: &BTreeSet<String>) {
    let context = app.oms.cloud.context();
    for table in &context.template.tables {
        let mut items = context.dynamodb.scan().table_name(&table.name).into_paginator().items().send();
        while let Some(item) = items.next().await {
            let item = item.unwrap();
            let kind = item.get("sk").and_then(|sk| sk.as_s().ok()).unwrap();
            if kind != "PERSON" && !kind.starts_with("PERSON#") {
                let text = format!("{item:?}");
                let told = secrets.iter().find(|secret| text.contains(secret.as_str()));
                assert_eq!(told, None, "personal data in {kind} of {}: {text}", table.name);
            }
        }
    }
}

/// The ids of all orders, oldest first.
pub(crate) async fn everything(parts: &Parts) -> Vec<OrderId> {
    let mut query = ListQuery {
        scope: Scope::Everyone,
        statuses: Vec::new(),
        from: None,
        until: None,
        newest_first: false,
        limit: 100,
        after: None,
    };
    let mut ids = Vec::new();
    loop {
        let page = parts.orders.list(&query).await.unwrap();
        ids.extend(page.entries.iter().map(|summary| summary.id));
        match page.next {
            Some(next) => query.after = Some(next),
            None => return ids,
        }
    }
}

/// 2, 17: versions without a gap, every link in place, and replaying gives what is stored. 14: everybody who did something
/// is named.
async fn chain_is_intact(parts: &Parts, order: &Order) -> Vec<Record> {
    let events = parts.orders.events(order.id).await.unwrap();
    let records = chain::open(&events, &order.head).unwrap();
    assert_eq!(u64::try_from(records.len()).unwrap(), order.version);
    let body = |record: &Record| &events[usize::try_from(record.version).unwrap() - 1].body;
    let replayed = Order::replay(order.id, &records, |record| Hash::of(body(record)));
    assert_eq!(replayed.as_ref(), Some(order), "replaying the events gives another order");
    let nameless = records.iter().find(|record| record.actor.id.is_empty());
    assert_eq!(nameless, None, "nobody knows who did it");
    records
}

/// 3.
fn only_legal_transitions(order: &Order, records: &[Record]) {
    let mut status = Status::Draft;
    for record in records {
        let legal = record.status == status || status.may_become(record.status);
        assert!(legal, "{}: from {status} to {}", order.id, record.status);
        status = record.status;
    }
    assert_eq!(status, order.status);
}

/// 15: to the minor unit.
fn the_total_adds_up(order: &Order) {
    let totals = &order.totals;
    let subtotal: Amount =
        order.lines.iter().map(|line| Amount::from_minor(line.price.minor() * i64::from(line.quantity))).sum();
    assert_eq!(totals.subtotal, subtotal, "{}", order.id);
    let added = if totals.tax_included { Amount::ZERO } else { totals.tax };
    assert_eq!(totals.total, subtotal - totals.discount + added + totals.shipping, "{}", order.id);
}

/// What all providers together have captured and given back for an order.
fn balance(parts: &Parts, order_id: &str) -> (i64, i64) {
    let (mut captured, mut refunded) = parts.sandbox.books().balance(order_id).unwrap();
    let at_stripe = parts.providers.stripe.as_ref().and_then(|stripe| stripe.ledger().remove(order_id));
    if let Some(balance) = at_stripe {
        captured += balance.captured;
        refunded += balance.refunded;
    }
    if let Some(paypal) = &parts.providers.paypal {
        for entry in paypal.ledger().iter().filter(|entry| entry.custom_id.contains(order_id)) {
            captured += entry.captured;
            refunded += entry.refunded;
        }
    }
    (captured, refunded)
}

/// 9: our ledger is the provider's; 8: no more goes back than came; 6, 7: what was fulfilled was paid, once; what was
/// cancelled cost nothing.
fn the_books_agree(parts: &Parts, order: &Order) {
    let ours = (order.ledger.captured().minor(), order.ledger.refunded().minor());
    let theirs = balance(parts, &order.id.to_string());
    assert_eq!(ours, theirs, "{} ({}): captured and refunded, by us and by the provider", order.id, order.status);
    let net = ours.0 - ours.1;
    assert!(ours.1 <= ours.0, "{}: {} went back of {}", order.id, ours.1, ours.0);
    match order.status {
        Status::Draft | Status::Pending | Status::Cancelled | Status::Refunded => {
            assert_eq!(net, 0, "{} is {} and cost something", order.id, order.status);
        }
        Status::Confirmed
        | Status::Processing
        | Status::Shipped
        | Status::Delivered
        | Status::ReturnRequested
        | Status::Returned => {
            let parts = order.ledger.refunds.iter().filter(|refund| refund.reason == RefundReason::Partial);
            let given: Amount = parts.map(|refund| refund.amount).sum();
            assert_eq!(net, (order.totals.total - given).minor(), "{} is {}", order.id, order.status);
        }
    }
}

/// 10, 11: for every event that customers hear of one message on each of their channels, in the order of events unless
/// its dead letters were driven again, and none for anything else; 16: events hold nothing personal.
fn everything_was_told_once(app: &TestApp, stored: &Stored, records: &[Record]) {
    let person = stored.person.as_ref().expect("nobody was erased");
    let mut expected = Vec::new();
    for record in records {
        let text = serde_json::to_string(record).unwrap();
        let contact = &person.contact;
        for secret in [Some(&contact.email), contact.phone.as_ref(), Some(&person.shipping_address.street_address)] {
            assert!(secret.is_none_or(|secret| !text.contains(secret.as_str())), "personal data in {text}");
        }
        if let Some(kind) = MessageKind::about(&CloudEvent::of(stored.order.id, record).data.fact) {
            let channels = channels(contact, kind, &stored.order, &calling_codes());
            expected.extend(channels.iter().map(|channel| format!("{} order.{}", channel.name(), kind.name())));
        }
    }
    let received = app.oms.parts.inbox.received(Some(&stored.order.id.to_string())).unwrap();
    // What administrators are told is no message to the customer.
    let received = received.iter().filter(|message| message.channel != "alert");
    let mut told: Vec<String> = received.map(|message| format!("{} {}", message.channel, message.event)).collect();
    if app.driven_again.lock().unwrap().contains(&stored.order.id.to_string()) {
        told.sort();
        expected.sort();
    }
    assert_eq!(told, expected, "{}: messages", stored.order.id);
}

/// Whose numbers get text messages where nobody has said otherwise.
fn calling_codes() -> CallingCodes {
    let template = include_str!("../../../../template.yaml");
    let (_, parameter) = template.split_once("  SmsCallingCodes:\n").unwrap();
    let default = parameter.lines().find_map(|line| line.trim().strip_prefix("Default: ")).unwrap();
    CallingCodes::read(default.trim_matches('"')).unwrap()
}
