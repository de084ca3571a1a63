//! Lists of shipments: what is narrowed, how pages follow each other, and that a record follows its shipment.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use oms_app::ports::{
    Commit, CommitError, Companion, NoteError, Owner, ParcelKey, ParcelRecord, ParcelStep, ShipmentQuery,
    ShipmentRecord,
};
use oms_domain::fulfilment::journey::Journey;
use oms_domain::fulfilment::scan::{CarrierStatus, Scan};
use oms_domain::fulfilment::{Location, MAX_SHIPMENTS_OF_A_NUMBER, Shipment, ShipmentId, ShipmentStatus, Tracking};
use oms_domain::ordering::Order;

use super::Subject;
use crate::builders::{a_product, an_order, changed};
use crate::time::start;

fn minute(number: i64) -> Timestamp {
    start() + SignedDuration::from_mins(number)
}

fn open() -> ShipmentQuery {
    ShipmentQuery {
        statuses: vec![ShipmentStatus::Planned, ShipmentStatus::Packed],
        seller: None,
        location: None,
        carrier: None,
        from: None,
        until: None,
        limit: 100,
        after: None,
    }
}

fn record(order: &Order, number: u16, status: ShipmentStatus, at: Timestamp) -> ShipmentRecord {
    let lines = vec![oms_domain::fulfilment::LineQuantity { line: 1, quantity: 1 }];
    let seller = number.is_multiple_of(2).then(|| "contoso".parse().unwrap());
    let location = if number.is_multiple_of(3) { "berlin-2".parse().unwrap() } else { Location::main() };
    let parcels = if status == ShipmentStatus::Shipped {
        vec![Tracking::checked("DHL", "1").unwrap(), Tracking::checked("Royal Mail", "2").unwrap()]
    } else {
        Vec::new()
    };
    let shipment = Shipment { status, parcels, ..Shipment::planned(number, lines, seller, location) };
    ShipmentRecord { moved_at: at, ..ShipmentRecord::of(order, &shipment) }
}

/// Three orders with six shipments each, one a minute, written beside changes of the orders.
async fn eighteen(subject: &Subject) -> Vec<ShipmentRecord> {
    let mug = a_product(1).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    let mut all = Vec::new();
    for number in 1..=3_u64 {
        let order = subject.create(&an_order(number).of(&mug, 6)).await;
        let mut commit = Commit::of(changed(
            &order,
            oms_domain::ordering::Command::AddNote(oms_domain::ordering::NewNote::private("planned")),
            order.updated_at,
        ));
        for shipment in 1..=6_u16 {
            let at = minute(i64::try_from(number).unwrap() * 10 + i64::from(shipment));
            let record = record(&order, shipment, ShipmentStatus::Planned, at);
            all.push(record.clone());
            commit = commit.with(Companion::Shipment(record));
        }
        subject.orders.commit(&commit).await.unwrap();
    }
    all.sort_by_key(ShipmentRecord::place);
    all
}

async fn found(subject: &Subject, query: ShipmentQuery) -> Vec<ShipmentRecord> {
    let (mut all, mut after) = (Vec::new(), None);
    for _ in 0..100 {
        let page = subject.orders.shipments(&ShipmentQuery { after, ..query.clone() }).await.unwrap();
        assert!(page.entries.len() <= query.limit);
        all.extend(page.entries);
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
    panic!("the pages do not end");
}

/// Each once, the longest unmoved first, whatever the size of a page.
pub async fn shipments_are_listed_once_in_pages_of_any_size(subject: &Subject) {
    let all = eighteen(subject).await;
    for limit in [1, 2, 5, 18, 100] {
        assert_eq!(found(subject, ShipmentQuery { limit, ..open() }).await, all, "{limit} a page");
    }
    let shipped = ShipmentQuery { statuses: vec![ShipmentStatus::Shipped], ..open() };
    assert!(found(subject, shipped).await.is_empty());
}

/// By seller, location, carrier and time, alone and together.
pub async fn lists_of_shipments_are_narrowed(subject: &Subject) {
    let all = eighteen(subject).await;
    let queries = [
        ShipmentQuery { seller: Some("contoso".parse().unwrap()), ..open() },
        ShipmentQuery { seller: Some("nobody".parse().unwrap()), ..open() },
        ShipmentQuery { location: Some("berlin-2".parse().unwrap()), ..open() },
        ShipmentQuery { carrier: Some("dhl".into()), ..open() },
        ShipmentQuery {
            seller: Some("contoso".parse().unwrap()),
            location: Some("berlin-2".parse().unwrap()),
            limit: 1,
            ..open()
        },
    ];
    for query in queries {
        let expected: Vec<_> = all.iter().filter(|record| record.is_wanted(&query)).cloned().collect();
        assert_eq!(found(subject, query.clone()).await, expected, "{query:?}");
    }
    let between = ShipmentQuery { from: Some(minute(12)), until: Some(minute(23)), ..open() };
    let numbers: Vec<_> = found(subject, between).await.iter().map(|record| record.moved_at).collect();
    assert_eq!(numbers, [12, 13, 14, 15, 16, 21, 22].map(minute));
    assert!(
        found(subject, ShipmentQuery { from: Some(minute(23)), until: Some(minute(12)), ..open() }).await.is_empty()
    );
}

/// A shipment that moves is where it is and nowhere else, found by each of its carriers.
pub async fn the_record_of_a_shipment_follows_it(subject: &Subject) {
    let mug = a_product(1).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    let mut order = subject.create(&an_order(1).of(&mug, 1)).await;
    let mut seen = BTreeSet::new();
    for status in ShipmentStatus::ALL {
        let note = oms_domain::ordering::Command::AddNote(oms_domain::ordering::NewNote::private("moved"));
        let change = changed(&order, note, order.updated_at);
        let record = record(&order, 1, status, minute(1));
        subject.orders.commit(&Commit::of(change.clone()).with(Companion::Shipment(record.clone()))).await.unwrap();
        order = change.order;
        let everywhere = ShipmentQuery { statuses: ShipmentStatus::ALL.to_vec(), ..open() };
        assert_eq!(found(subject, everywhere).await, std::slice::from_ref(&record));
        seen.insert(record.status);
        if status == ShipmentStatus::Shipped {
            for carrier in ["DHL", "dhl", "royal mail"] {
                let query = ShipmentQuery { statuses: vec![status], carrier: Some(carrier.into()), ..open() };
                assert_eq!(found(subject, query).await.len(), 1, "{carrier}");
            }
            for carrier in ["royal", "d", "dhl|royal mail"] {
                let query = ShipmentQuery { statuses: vec![status], carrier: Some(carrier.into()), ..open() };
                assert!(found(subject, query).await.is_empty(), "{carrier}");
            }
        }
    }
    assert_eq!(seen.len(), ShipmentStatus::ALL.len());
}

/// What is planned and what is packed are two lists, though they are packed together.
pub async fn what_is_planned_is_not_what_is_packed(subject: &Subject) {
    let mug = a_product(1).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    let order = subject.create(&an_order(1).of(&mug, 9)).await;
    let note = oms_domain::ordering::Command::AddNote(oms_domain::ordering::NewNote::private("packed"));
    let mut commit = Commit::of(changed(&order, note, order.updated_at));
    let mut all = Vec::new();
    for number in 1..=9_u16 {
        let status = if number % 4 == 0 { ShipmentStatus::Packed } else { ShipmentStatus::Planned };
        let record = record(&order, number, status, minute(i64::from(number)));
        all.push(record.clone());
        commit = commit.with(Companion::Shipment(record));
    }
    subject.orders.commit(&commit).await.unwrap();
    for limit in [1, 2, 9] {
        for status in [ShipmentStatus::Planned, ShipmentStatus::Packed] {
            let expected: Vec<_> = all.iter().filter(|record| record.status == status).cloned().collect();
            let query = ShipmentQuery { statuses: vec![status], limit, ..open() };
            assert_eq!(found(subject, query).await, expected, "{status}, {limit} a page");
        }
        assert_eq!(found(subject, ShipmentQuery { limit, ..open() }).await, all);
    }
}

/// A parcel is known from the transaction in which it leaves, and a note goes over what was read.
pub async fn a_parcel_is_found_by_its_number_and_noted_as_it_was_read(subject: &Subject) {
    let order = an_order_of_one(subject, 1).await;
    assert!(subject.parcels.parcels(&[key("JD1")]).await.unwrap().is_empty());
    let [first, other] = ["JD1", "JD2"].map(|number| taken(number, &order, 1, 7));
    stepped(subject, &order, vec![first.clone(), other.clone()]).await.unwrap();
    let mut found = subject.parcels.parcels(&[key("JD2"), key("JD1"), key("JD3")]).await.unwrap();
    found.sort_by(|left, right| left.key.cmp(&right.key));
    let known = |number: &str| ParcelRecord {
        key: key(number),
        owners: BTreeSet::from([owner(&order, 1, 7)]),
        journey: Journey::default(),
        version: 1,
        look_at: Some(minute(60)),
    };
    assert_eq!(found, ["JD1", "JD2"].map(known));

    let mut told = known("JD1");
    assert!(told.journey.take(&[moving(1)], Some(minute(90))));
    subject.parcels.note(&told).await.unwrap();
    assert_eq!(subject.parcels.note(&told).await, Err(NoteError::Stale), "somebody was faster");
    let noted = ParcelRecord { version: 2, ..told.clone() };
    assert_eq!(subject.parcels.parcels(&[key("JD1")]).await.unwrap(), std::slice::from_ref(&noted));
    subject.parcels.note(&noted).await.unwrap();
    let nobody = ParcelRecord { key: key("JD9"), ..noted };
    assert_eq!(subject.parcels.note(&nobody).await, Err(NoteError::Stale));
}

fn key(number: &str) -> ParcelKey {
    ParcelKey { carrier: "dhl".into(), number: number.into() }
}

fn owner(order: &Order, number: u16, since: i64) -> Owner {
    Owner { shipment: ShipmentId { order_id: order.id, number }, since: Some(minute(since)) }
}

fn taken(number: &str, order: &Order, shipment: u16, since: i64) -> ParcelStep {
    ParcelStep::Taken { key: key(number), owner: owner(order, shipment, since), look_at: Some(minute(60)) }
}

fn moving(at: i64) -> Scan {
    Scan { at: minute(at), status: CarrierStatus::InTransit, code: "PU".into(), place: None }
}

async fn an_order_of_one(subject: &Subject, number: u64) -> Order {
    let mug = a_product(1).build();
    if number == 1 {
        subject.stock(std::slice::from_ref(&mug)).await;
    }
    subject.create(&an_order(number).of(&mug, 1)).await
}

/// The order after a change with these steps beside it.
async fn stepped(subject: &Subject, order: &Order, steps: Vec<ParcelStep>) -> Result<Order, CommitError> {
    let note = oms_domain::ordering::Command::AddNote(oms_domain::ordering::NewNote::private("left"));
    let change = changed(order, note, order.updated_at);
    let commit = Commit::of(change.clone()).with_all(steps.into_iter().map(Companion::Parcel));
    subject.orders.commit(&commit).await.map(|()| change.order)
}

async fn owners(subject: &Subject, number: &str) -> Vec<Owner> {
    let found = subject.parcels.parcels(&[key(number)]).await.unwrap().pop().unwrap();
    found.owners.into_iter().collect()
}

/// Shipments of one order and of several have a number together, each gives up its own share and no other, and nothing that was told is lost.
pub async fn g8_a_number_has_several_shipments_and_each_gives_up_its_own(subject: &Subject) {
    let (one, two) = (an_order_of_one(subject, 1).await, an_order_of_one(subject, 2).await);
    let one = stepped(subject, &one, vec![taken("JD1", &one, 1, 7)]).await.unwrap();
    let mut read = subject.parcels.parcels(&[key("JD1")]).await.unwrap().pop().unwrap();
    read.journey.take(&[moving(8)], None);
    let stale = read.clone();
    let one = stepped(subject, &one, vec![taken("JD1", &one, 2, 9)]).await.unwrap();
    stepped(subject, &two, vec![taken("JD1", &two, 1, 8)]).await.unwrap();
    let mut all = [owner(&one, 1, 7), owner(&one, 2, 9), owner(&two, 1, 8)];
    all.sort();
    assert_eq!(owners(subject, "JD1").await, all);
    assert_eq!(subject.parcels.note(&stale).await, Err(NoteError::Stale), "others are to hear of it as well");
    let mut read = subject.parcels.parcels(&[key("JD1")]).await.unwrap().pop().unwrap();
    read.journey.take(&[moving(8)], None);
    subject.parcels.note(&read).await.unwrap();
    assert_eq!(owners(subject, "JD1").await, all, "a note leaves the owners alone");

    // Taken twice it is had once, and what others do not have, they do not give up.
    let one = stepped(subject, &one, vec![taken("JD1", &one, 2, 9)]).await.unwrap();
    let give_up = |number: &str, owner| ParcelStep::GivenUp { key: key(number), owner };
    let one = stepped(subject, &one, vec![give_up("JD1", owner(&one, 3, 9))]).await.unwrap();
    assert_eq!(owners(subject, "JD1").await, all);
    let one = stepped(subject, &one, vec![give_up("JD1", owner(&one, 2, 9)), taken("JD2", &one, 2, 9)]).await.unwrap();
    assert_eq!(owners(subject, "JD1").await, [owner(&one, 1, 7), owner(&two, 1, 8)]);
    assert_eq!(owners(subject, "JD2").await, [owner(&one, 2, 9)]);
    let known = subject.parcels.parcels(&[key("JD1")]).await.unwrap().pop().unwrap();
    assert_eq!((known.journey.scans().len(), known.look_at), (1, Some(minute(60))));

    // All of them, and of a number that nobody ever had.
    let steps = vec![give_up("JD1", owner(&one, 1, 7)), give_up("JD8", owner(&one, 1, 7))];
    stepped(subject, &one, steps).await.unwrap();
    assert_eq!(owners(subject, "JD1").await, [owner(&two, 1, 8)]);
    assert!(owners(subject, "JD8").await.is_empty());
}

/// A number has so many shipments and no more; who has it already may take it again, and a place that is given up is free.
pub async fn g8_a_number_has_no_more_shipments_than_it_may(subject: &Subject) {
    let mut order = an_order_of_one(subject, 1).await;
    let most = u16::try_from(MAX_SHIPMENTS_OF_A_NUMBER).unwrap();
    for number in 1..=most {
        order = stepped(subject, &order, vec![taken("JD1", &order, number, 7)]).await.unwrap();
    }
    let one_more = || vec![taken("JD1", &order, most + 1, 7)];
    assert_eq!(stepped(subject, &order, one_more()).await, Err(CommitError::NumberShared));
    assert_eq!(owners(subject, "JD1").await.len(), MAX_SHIPMENTS_OF_A_NUMBER);
    let order = stepped(subject, &order, vec![taken("JD1", &order, most, 7)]).await.unwrap();
    let step = ParcelStep::GivenUp { key: key("JD1"), owner: owner(&order, 3, 7) };
    let order = stepped(subject, &order, vec![step]).await.unwrap();
    stepped(subject, &order, vec![taken("JD1", &order, most + 1, 7)]).await.unwrap();
    assert_eq!(owners(subject, "JD1").await.len(), MAX_SHIPMENTS_OF_A_NUMBER);
}
