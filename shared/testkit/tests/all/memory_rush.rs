//! A thousand buyers, a hundred units, on the store in memory: a seed that fails fails again.
//!
//! That nothing is oversold is proven by the contract of both stores, by the rush on DynamoDB and over HTTP. These ten
//! rounds look for rarer orders of events; `.ci/run` has them with optimisation.

use std::sync::Arc;

use oms_testkit::builders::a_product;
use oms_testkit::flaky::Flaky;
use oms_testkit::memory::MemoryStore;
use oms_testkit::rush::{A_BAD_DAY, Rush, Sale};

async fn a_round(seed: u64) -> Sale {
    let store = Arc::new(MemoryStore::new());
    let rush = Rush {
        orders: Arc::new(Flaky::new(store.clone(), seed, &A_BAD_DAY)),
        catalog: store.clone(),
        quiet_orders: store.clone(),
        quiet_catalog: store,
        buyers: 1_000,
        // In every other round a third of the units has to be taken from orders that were not paid in time.
        overdue_units: if seed.is_multiple_of(2) { 0 } else { 35 },
    };
    rush.on(&a_product(1).stocked(100).build()).await
}

#[tokio::test]
#[ignore = "ten thousand buyers: run by .ci/run with optimisation"]
async fn l4_a_thousand_buyers_get_a_hundred_units_in_each_of_ten_rounds() {
    for seed in 0..10 {
        println!("seed {seed}");
        let sale = a_round(seed).await;
        println!("{sale:?}");
        assert_eq!((sale.sold, sale.refused), (100, 900), "seed {seed}");
        assert!(sale.tried_again > 100, "nothing went wrong: {sale:?}");
    }
}

#[tokio::test]
#[ignore = "ten thousand buyers: run by .ci/run with optimisation"]
async fn the_same_seed_is_the_same_rush() {
    assert_eq!(a_round(7).await, a_round(7).await);
}
