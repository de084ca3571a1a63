//! One counter against shards: what a rush on one product costs when transactions conflict as in the real store.
//!
//! `cargo bench -p oms-it --bench hot_products --profile dev`
//!
//! Prints, for the same rush on the same machine, how many transactions conflicted, how many were sent for every order
//! sold, how many buyers had to come again, and how the times compare. Times by themselves say little; their ratio does.

#![allow(clippy::unwrap_used, reason = "a panic here is a failed benchmark")]

use std::sync::Arc;
use std::time::Instant;

use futures::stream::{self, StreamExt as _};
use oms_adapters::dynamodb::{DynamoCatalog, DynamoOrders, Tables};
use oms_app::ports::{Catalog as _, Commit, CommitError, Orders as _};
use oms_domain::catalog::Product;
use oms_testkit::SeededRandom;
use oms_testkit::builders::{a_product, an_order, rates};
use oms_testkit::store::{CATALOG, EmbeddedDynamo, ORDERS};

/// Orders of one rush.
const ORDERS_OF_RUSH: u64 = 400;

/// Buyers who press the button at the same moment.
const AT_ONCE: [usize; 2] = [8, 32];

/// What a rush came to.
struct Rush {
    conflicts: usize,
    transactions: usize,
    came_again: u64,
    micros: u128,
}

async fn rush(product: &Product, at_once: usize) -> Rush {
    let store = EmbeddedDynamo::start().await;
    let tables = Tables { orders: ORDERS.name.into(), catalog: CATALOG.name.into() };
    let catalog = DynamoCatalog::new(store.quiet_client(), tables.clone());
    catalog.set_rates(&rates()).await.unwrap();
    assert!(catalog.add(product).await.unwrap());
    let orders = DynamoOrders::new(store.client.clone(), tables, Arc::new(SeededRandom::default()));
    store.meter.collide();
    let began = now();
    let buyers = (1..=ORDERS_OF_RUSH).map(|number| {
        let (orders, commit) =
            (orders.clone(), an_order(number).by(&format!("buyer-{number}")).of(product, 1).commit());
        async move { tries(&orders, &commit).await }
    });
    let tries: Vec<u64> = stream::iter(buyers).buffer_unordered(at_once).collect().await;
    let micros = began.elapsed().as_micros();
    let stock = catalog.product(product.id).await.unwrap().unwrap().stock;
    assert_eq!(u64::from(stock.reserved), ORDERS_OF_RUSH, "every buyer has one");
    let transactions = store.meter.operations().iter().filter(|name| *name == "TransactWriteItems").count();
    Rush { conflicts: store.meter.conflicts(), transactions, came_again: tries.iter().sum(), micros }
}

/// Buys, and counts how often the buyer was told to try again.
async fn tries(orders: &DynamoOrders, commit: &Commit) -> u64 {
    let mut again = 0;
    loop {
        match orders.commit(commit).await {
            Ok(()) => return again,
            Err(CommitError::Contended) => again += 1,
            Err(error) => panic!("{error}"),
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "a benchmark compares times")]
fn now() -> Instant {
    Instant::now()
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let units = u32::try_from(ORDERS_OF_RUSH * 2).unwrap();
    let (cold, hot) = (a_product(1).stocked(units).build(), a_product(1).stocked(units).hot().build());
    println!("{ORDERS_OF_RUSH} orders of one unit");
    println!("at once  counter   conflicts  transactions/100 orders  told to come again  time, % of one counter");
    for at_once in AT_ONCE {
        let one = runtime.block_on(rush(&cold, at_once));
        let shards = runtime.block_on(rush(&hot, at_once));
        for (name, rush) in [("one", &one), ("shards", &shards)] {
            let sent = rush.transactions as u64 * 100 / ORDERS_OF_RUSH;
            let percent = rush.micros * 100 / one.micros;
            println!("{at_once:>7}  {name:<7} {:>11} {sent:>24} {:>19} {percent:>23}", rush.conflicts, rush.came_again);
        }
    }
}
