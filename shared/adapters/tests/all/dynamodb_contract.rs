//! DynamoDB keeps the storage contract, and some more that only concerns it.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use oms_adapters::dynamodb::{
    DynamoAllowances, DynamoCatalog, DynamoCircuits, DynamoCustomers, DynamoFollowUps, DynamoInventory, DynamoNotices,
    DynamoOrders, DynamoOutbox, DynamoParcels, DynamoPaymentMethods, DynamoSettings, RetryPolicy, TableProbe, Tables,
};
use oms_app::ports::{Claim, Commit, CommitError, Move, MoveError, Notice, Notices as _, Probe as _};
use oms_domain::catalog::movement::MovementKind;
use oms_domain::catalog::stock::Stock;
use oms_domain::messaging::Channel;
use oms_testkit::builders::{a_product, admin, an_order, order_id};
use oms_testkit::contract::Subject;
use oms_testkit::store::{CATALOG, EmbeddedDynamo, ORDERS};
use oms_testkit::{Fault, Faults as _, SeededRandom, start};

fn tables() -> Tables {
    Tables { orders: ORDERS.name.into(), catalog: CATALOG.name.into() }
}

/// As in production, with next to no waiting.
fn impatient() -> RetryPolicy {
    RetryPolicy {
        base_delay: Duration::from_micros(200),
        max_delay: Duration::from_millis(2),
        ..RetryPolicy::default()
    }
}

fn over(store: EmbeddedDynamo) -> Subject {
    let random = Arc::new(SeededRandom::default());
    let client = || store.client.clone();
    Subject {
        orders: Arc::new(DynamoOrders::new(client(), tables(), random.clone()).with_retry(impatient())),
        catalog: Arc::new(DynamoCatalog::new(client(), tables())),
        customers: Arc::new(DynamoCustomers::new(client(), tables())),
        allowances: Arc::new(DynamoAllowances::new(client(), tables())),
        methods: Arc::new(DynamoPaymentMethods::new(client(), tables())),
        inventory: Arc::new(DynamoInventory::new(client(), tables(), random.clone()).with_retry(impatient())),
        settings: Arc::new(DynamoSettings::new(client(), tables(), random.clone()).with_retry(impatient())),
        notices: Arc::new(DynamoNotices::new(client(), tables(), random)),
        follow_ups: Arc::new(DynamoFollowUps::new(client(), tables())),
        outbox: Arc::new(DynamoOutbox::new(client(), tables())),
        circuits: Arc::new(DynamoCircuits::new(client(), tables())),
        parcels: Arc::new(DynamoParcels::new(client(), tables())),
        faults: Arc::new(store.meter.clone()),
        host: Box::new(store),
    }
}

async fn subject() -> Subject {
    over(EmbeddedDynamo::start().await)
}

oms_testkit::contract!(subject);

#[tokio::test]
async fn nobody_is_sold_twice_or_forgotten_while_everything_goes_wrong() {
    let store = EmbeddedDynamo::start().await;
    let meter = store.meter.clone();
    let subject = over(store);
    let mug = a_product(1).stocked(20).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    meter.disturb(
        7,
        &[(Fault::Conflict, 200), (Fault::LostAcknowledgement, 150), (Fault::Throttle, 50), (Fault::Unavailable, 50)],
    );
    let commits: Vec<Commit> = (1..=40).map(|number| an_order(number).of(&mug, 1).commit()).collect();
    let results = join_all(commits.iter().map(|commit| subject.settle(commit))).await;
    meter.calm();
    for (commit, result) in commits.iter().zip(&results) {
        assert!(matches!(result, Ok(()) | Err(CommitError::Stock(_))), "{result:?}");
        let stored = subject.orders.load(commit.change.order.id).await.unwrap();
        assert_eq!(stored.is_some(), result.is_ok());
    }
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 20);
    assert_eq!(subject.product(&mug).await.stock, Stock { available: 0, reserved: 20, ..mug.stock });
}

#[tokio::test]
async fn f1_stock_is_moved_once_while_everything_goes_wrong() {
    let store = EmbeddedDynamo::start().await;
    let meter = store.meter.clone();
    let subject = over(store);
    let mug = a_product(1).stocked(20).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    meter.disturb(11, &[(Fault::Conflict, 150), (Fault::LostAcknowledgement, 150), (Fault::Throttle, 50)]);
    let moves: Vec<Move> = (1..=30)
        .map(|number| Move {
            product_id: mug.id,
            id: order_id(number).uuid(),
            kind: MovementKind::Damage,
            quantity: 1,
            reason: "dropped".into(),
            actor: admin().actor(),
            at: start(),
            correlation_id: "request".into(),
            seen: mug.stock,
            key: None,
        })
        .collect();
    let settle = async |wanted: &Move| {
        let mut result = subject.inventory.move_stock(wanted).await;
        for _ in 0..10 {
            if !matches!(result, Err(MoveError::Store(_) | MoveError::Contended)) {
                break;
            }
            result = subject.inventory.move_stock(wanted).await;
        }
        result
    };
    let results = join_all(moves.iter().map(settle)).await;
    meter.calm();
    assert!(results.iter().all(|result| matches!(result, Ok(_) | Err(MoveError::Short(_)))), "{results:?}");
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 20);
    assert_eq!(subject.product(&mug).await.stock, Stock { available: 0, damaged: 20, ..mug.stock });
    assert_eq!(subject.inventory.movements(mug.id, None, 100).await.unwrap().movements.len(), 20);
}

#[tokio::test]
async fn a_notice_whose_beginning_was_not_acknowledged_is_still_ours() {
    let store = EmbeddedDynamo::start().await;
    let notices = DynamoNotices::new(store.client.clone(), tables(), Arc::new(SeededRandom::default()));
    let notice = Notice { order_id: order_id(1), version: 2, channel: Channel::Email };
    store.meter.inject(Fault::LostAcknowledgement, 1);
    assert_eq!(notices.begin(&notice, start()).await, Ok(Claim::Fresh));
    assert_eq!(notices.begin(&notice, start()).await, Ok(Claim::Unfinished));
}

#[tokio::test]
async fn a_table_is_there_or_not() {
    let store = EmbeddedDynamo::start().await;
    let probe = |table: &str| TableProbe::new(store.client.clone(), "orders table", table);
    assert_eq!(probe(ORDERS.name).check().await, Ok(()));
    assert_eq!(probe("nowhere").check().await, Err("DescribeTable: ResourceNotFoundException".to_owned()));
}
