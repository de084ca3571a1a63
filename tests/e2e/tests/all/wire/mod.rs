//! Thousands of orders over a bad network: one call in five to the store is turned away, one answer in
//! ten is lost, and some calls never arrive.
//!
//! 1. Customers order, pay, cancel, all at once and each under keys of their own; they repeat what was not answered for
//!    good, as a sensible client does. Admins prepare, ship, deliver.
//! 2. The network heals. Within half an hour of the clock everything has come to rest; dead letters are sent once more.
//! 3. The invariants hold over all orders, and everybody was told the truth: who was told that an order exists owns it,
//!    one key one order, and nobody owns an order that they were not told of.

mod proxy;
mod shopping;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::StreamExt as _;
use oms_domain::actor::Role;
use oms_domain::ids::OrderId;
use oms_domain::ordering::Status;
use serde_json::json;
use tokio::time::Instant;

use crate::app::{TestApp, start_app_through};
use crate::invariants::everything;
use crate::shop::{MUG, PRINT, TEA};

use proxy::Proxy;
use shopping::{Shop, Told};

/// Orders of the usual run; `OMS_WIRE_ORDERS` asks for another number, `OMS_WIRE_SEED` for another seed. `.ci/run` asks
/// for 200.
const ORDERS: u64 = 40;
const SEED: u64 = 1;

/// Customers who are busy at the same time.
const AT_ONCE: usize = 48;

/// The clock moves by this until everything is at rest, seven times.
const STEP: Duration = Duration::from_mins(5);
const STEPS: usize = 7;

/// How many minutes of real time the queues may take to run empty, each time.
const PATIENCE_MINUTES: u32 = 60;

#[expect(clippy::disallowed_methods, reason = "how long a run is wanted is said from outside")]
fn asked(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap())
}

/// Waits until nothing is left to do, however much there is.
async fn rest(app: &TestApp) {
    for _ in 0..PATIENCE_MINUTES {
        if app.oms.cloud.settle(Duration::from_mins(1)).await {
            let now = app.oms.cloud.context().clock.now();
            if app.oms.parts.sandbox.books().webhooks_due(now).unwrap() == 0 {
                return;
            }
            tokio::task::yield_now().await;
        }
    }
    panic!("the cloud does not come to rest: {:?}", app.depths().await);
}

/// Enough of the usual goods for everybody, and one bowl.
async fn stock_up(app: &TestApp, orders: u64) {
    for product in [MUG, PRINT, TEA] {
        for _ in 0..=orders / 5_000 {
            let delivery = json!({"movement": "receive", "quantity": 9_999, "reason": "for the run"});
            app.admin().post(&format!("/api/products/{product}/stock"), &delivery).await.expect(201);
        }
    }
}

/// The orders of which messages are in a queue.
fn groups(app: &TestApp, queue: &str) -> Vec<String> {
    let read = app.oms.cloud.context().state.read(|connection| {
        let mut groups =
            connection.prepare("SELECT group_id FROM queue_messages WHERE queue = ?1 AND group_id IS NOT NULL")?;
        groups.query_map([queue], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()
    });
    read.unwrap()
}

/// Sends every dead letter back to where it came from, and tells how many there were.
async fn redrive(app: &TestApp) -> u64 {
    let mut moved = 0;
    for (name, depth) in app.depths().await {
        if depth > 0 && name.contains("dead") {
            println!("{depth} dead letters in {name}");
            app.driven_again.lock().unwrap().extend(groups(app, &name));
            let answer = app.nobody().post(&format!("/dev/queues/{name}/redrive"), &json!({})).await.expect(200);
            moved += answer["moved"].as_u64().unwrap();
        }
    }
    moved
}

/// Everybody was told the truth.
async fn nobody_was_deceived(app: &TestApp, shop: &Shop) {
    let mut acknowledged = BTreeSet::new();
    for (key, told) in shop.told() {
        if let Told::Exists(id) = told {
            assert!(acknowledged.insert(id), "{id} belongs to two keys, one of them {key}");
        }
    }
    let parts = &app.oms.parts;
    let stored: BTreeSet<OrderId> = everything(parts).await.into_iter().collect();
    let lost: Vec<_> = acknowledged.difference(&stored).collect();
    let unasked: Vec<_> = stored.difference(&acknowledged).collect();
    assert!(lost.is_empty() && unasked.is_empty(), "acknowledged and lost: {lost:?}; there and denied: {unasked:?}");
    // Whatever an admin was told is done stands in the order's history, with who did it.
    for (id, status) in shop.moved() {
        let history = parts.orders.load(id).await.unwrap().unwrap().order.timeline;
        let by_admin = history.iter().any(|entry| entry.status == status && entry.actor.role == Role::Admin);
        assert!(by_admin, "{id} was not made {status} by an admin: {history:?}");
    }
}

async fn states(app: &TestApp) -> BTreeMap<Status, usize> {
    let mut states = BTreeMap::new();
    for id in everything(&app.oms.parts).await {
        let order = app.oms.parts.orders.load(id).await.unwrap().unwrap().order;
        *states.entry(order.status).or_default() += 1;
    }
    states
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_network_loses_doubles_and_invents_nothing() {
    let (orders, seed) = (asked("OMS_WIRE_ORDERS", ORDERS), asked("OMS_WIRE_SEED", SEED));
    println!("{orders} orders, seed {seed}");
    let began = Instant::now();
    let proxy = Proxy::new(seed);
    let app = start_app_through(|store| proxy.before(store)).await;
    stock_up(&app, orders).await;
    let shop = Shop::default();

    proxy.be_bad(true);
    let lives = futures::stream::iter(0..orders).map(|number| shop.live(&app, seed, number));
    lives.buffer_unordered(AT_ONCE).collect::<()>().await;
    println!("{:?}: everybody has ordered", began.elapsed());
    let rounds = futures::stream::iter(shop.paid()).map(|(number, id)| shop.fulfil(&app, seed, number, id));
    rounds.buffer_unordered(AT_ONCE).collect::<()>().await;
    println!("{:?}: the shop has made its rounds; the network heals", began.elapsed());
    proxy.be_bad(false);

    for _ in 0..STEPS {
        rest(&app).await;
        app.oms.cloud.advance(STEP, Duration::ZERO).await.unwrap();
    }
    rest(&app).await;
    let dead = redrive(&app).await;
    rest(&app).await;
    println!("{:?}: everything is at rest", began.elapsed());

    nobody_was_deceived(&app, &shop).await;
    println!("{:?}\n{} dead letters\n{}\n{:?}", proxy.tally(), dead, shop.figures(), states(&app).await);
    let tally = proxy.tally();
    assert!(tally.throttled > orders && tally.lost_writes > orders / 10 && tally.unheard > orders / 10, "{tally:?}");
    app.finish().await;
    println!("{:?}: the invariants hold", began.elapsed());
}
