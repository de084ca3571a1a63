//! Items of parcels that an earlier version wrote, and functions of that version beside the present ones.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use oms_adapters::dynamodb::{DynamoOrders, DynamoParcels, Tables};
use oms_app::ports::{
    Commit, Companion, NoteError, Orders as _, Owner, ParcelKey, ParcelRecord, ParcelStep, Parcels as _,
};
use oms_domain::fulfilment::ShipmentId;
use oms_domain::fulfilment::scan::{CarrierStatus, Scan};
use oms_domain::ordering::{Change, Command, NewNote, Order};
use oms_testkit::builders::{a_product, an_order, changed};
use oms_testkit::store::{CATALOG, EmbeddedDynamo, ORDERS};
use oms_testkit::{SeededRandom, start};

const OLD: &str = "0190a5b0-7c3e-7000-8000-0000000000a1-S2";
const TOLD: &str = r#"{"scans":[{"at":"2026-01-05T12:00:00Z","status":"in_transit","code":"PU"}]}"#;

struct Bench {
    store: EmbeddedDynamo,
    parcels: DynamoParcels,
    orders: DynamoOrders,
}

impl Bench {
    async fn open() -> Self {
        let store = EmbeddedDynamo::start().await;
        let tables = || Tables { orders: ORDERS.name.into(), catalog: CATALOG.name.into() };
        let parcels = DynamoParcels::new(store.client.clone(), tables());
        let orders = DynamoOrders::new(store.client.clone(), tables(), Arc::new(SeededRandom::default()));
        Bench { store, parcels, orders }
    }

    /// As functions of the release before put a parcel that leaves, and what they note of it: the whole item.
    async fn put(&self, shipment: &str, version: u64, journey: &str) {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let item = HashMap::from([
            ("pk".to_owned(), text("PARCEL#dhl#JD1")),
            ("sk".to_owned(), text("PARCEL")),
            ("shipment".to_owned(), text(shipment)),
            ("version".to_owned(), AttributeValue::N(version.to_string())),
            ("body".to_owned(), text(journey)),
            ("due".to_owned(), text("PARCELS#2")),
            ("due_at".to_owned(), text("2026-01-06T11:00:00.000Z")),
        ]);
        self.store.client.put_item().table_name(ORDERS.name).set_item(Some(item)).send().await.unwrap();
    }

    async fn item(&self) -> HashMap<String, AttributeValue> {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let key = HashMap::from([("pk".to_owned(), text("PARCEL#dhl#JD1")), ("sk".to_owned(), text("PARCEL"))]);
        let call = self.store.client.get_item().table_name(ORDERS.name).set_key(Some(key));
        call.send().await.unwrap().item.unwrap()
    }

    async fn read(&self) -> ParcelRecord {
        self.parcels.parcels(&[key()]).await.unwrap().pop().unwrap()
    }

    async fn step(&self, order: &Order, step: ParcelStep) -> Order {
        let change = changed(order, Command::AddNote(NewNote::private("left")), order.updated_at);
        self.orders.commit(&Commit::of(change.clone()).with(Companion::Parcel(step))).await.unwrap();
        change.order
    }
}

fn key() -> ParcelKey {
    ParcelKey { carrier: "dhl".into(), number: "JD1".into() }
}

fn at(minutes: i64) -> Timestamp {
    start() + SignedDuration::from_mins(minutes)
}

fn old() -> Owner {
    Owner { shipment: OLD.parse().unwrap(), since: None }
}

fn owner(order: &Order, number: u16) -> Owner {
    Owner { shipment: ShipmentId { order_id: order.id, number }, since: Some(at(7)) }
}

fn taken(owner: Owner) -> ParcelStep {
    ParcelStep::Taken { key: key(), owner, look_at: Some(at(90)) }
}

async fn an_order_in(bench: &Bench) -> Order {
    let created = an_order(1).of(&a_product(1).build(), 1).change();
    // What is in stock is of no interest here.
    let change = Change { stock: Vec::new(), ..created };
    bench.orders.commit(&Commit::of(change.clone())).await.unwrap();
    change.order
}

#[tokio::test]
async fn g8_a_parcel_of_before_keeps_its_shipment_whoever_comes_to_it() {
    let bench = Bench::open().await;
    let order = an_order_in(&bench).await;
    bench.put(OLD, 2, TOLD).await;
    let read = bench.read().await;
    assert_eq!((read.owners, read.version, read.journey.scans().len()), (BTreeSet::from([old()]), 2, 1));

    let (one, two) = (owner(&order, 1), owner(&order, 2));
    let order = bench.step(&order, taken(one)).await;
    let order = bench.step(&order, taken(two)).await;
    let mut read = bench.read().await;
    assert_eq!((read.owners.clone(), read.version), (BTreeSet::from([old(), one, two]), 4));
    read.journey.take(&[Scan { at: at(9), status: CarrierStatus::Delivered, code: "OK".into(), place: None }], None);
    bench.parcels.note(&read).await.unwrap();
    bench.step(&order, ParcelStep::GivenUp { key: key(), owner: one }).await;
    let read = bench.read().await;
    assert_eq!((read.owners, read.journey.scans().len()), (BTreeSet::from([old(), two]), 2));
    assert_eq!(bench.item().await["shipment"], AttributeValue::S(two.shipment.to_string()), "for functions of before");
}

#[tokio::test]
async fn g8_a_function_of_before_leaves_the_shipment_that_it_knows() {
    let bench = Bench::open().await;
    let order = an_order_in(&bench).await;
    let (one, two) = (owner(&order, 1), owner(&order, 2));
    let order = bench.step(&order, taken(one)).await;
    let order = bench.step(&order, taken(two)).await;
    let seen = bench.read().await;
    // It notes a scan: on condition of the version, over the whole item.
    bench.put(&two.shipment.to_string(), seen.version + 1, TOLD).await;
    assert_eq!(bench.parcels.note(&seen).await, Err(NoteError::Stale));
    let read = bench.read().await;
    assert_eq!((read.owners, read.journey.scans().len()), (BTreeSet::from([Owner { since: None, ..two }]), 1));
    // Whoever takes the number again has it as before.
    bench.step(&order, taken(one)).await;
    assert_eq!(bench.read().await.owners, BTreeSet::from([one, Owner { since: None, ..two }]));
}

#[tokio::test]
async fn g8_a_number_that_nobody_had_is_nobody_s_when_it_is_given_up() {
    let bench = Bench::open().await;
    let order = an_order_in(&bench).await;
    bench.step(&order, ParcelStep::GivenUp { key: key(), owner: owner(&order, 1) }).await;
    let read = bench.read().await;
    assert_eq!((read.owners, read.look_at), (BTreeSet::new(), None));
    assert!(bench.item().await.contains_key("shipment"), "functions of before can read it");
}
