//! Many buyers, a hundred units, on DynamoDB. The seed decides which calls fail; what comes before what is up to
//! the sockets.

use std::sync::Arc;
use std::time::Duration;

use oms_adapters::dynamodb::{DynamoCatalog, DynamoOrders, RetryPolicy, Tables};
use oms_domain::catalog::Product;
use oms_testkit::SeededRandom;
use oms_testkit::builders::a_product;
use oms_testkit::rush::{A_BAD_DAY, Rush};
use oms_testkit::store::{CATALOG, EmbeddedDynamo, ORDERS};

/// As in production, with next to no waiting.
fn impatient() -> RetryPolicy {
    RetryPolicy {
        base_delay: Duration::from_micros(200),
        max_delay: Duration::from_millis(2),
        ..RetryPolicy::default()
    }
}

/// Each comes about ten times to the store. In memory a thousand come in ten rounds.
const A_CROWD: usize = 1_000;
const A_QUEUE: usize = 200;

const SEED: u64 = 1;

async fn rush_on(product: &Product, buyers: usize, overdue_units: u32) {
    let store = EmbeddedDynamo::start().await;
    let tables = || Tables { orders: ORDERS.name.into(), catalog: CATALOG.name.into() };
    let random = Arc::new(SeededRandom::new(SEED));
    let rush = Rush {
        orders: Arc::new(DynamoOrders::new(store.client.clone(), tables(), random.clone()).with_retry(impatient())),
        catalog: Arc::new(DynamoCatalog::new(store.client.clone(), tables())),
        quiet_orders: Arc::new(DynamoOrders::new(store.quiet_client(), tables(), random.clone())),
        quiet_catalog: Arc::new(DynamoCatalog::new(store.quiet_client(), tables())),
        buyers,
        overdue_units,
    };
    store.meter.disturb(SEED, &A_BAD_DAY);
    let sale = rush.on(product).await;
    println!("{sale:?}, {} round trips", store.meter.round_trips());
    assert_eq!((sale.sold, sale.refused), (100, buyers - 100));
}

#[tokio::test]
async fn l4_a_queue_of_buyers_gets_a_hundred_units() {
    rush_on(&a_product(1).stocked(100).build(), A_QUEUE, 0).await;
}

#[tokio::test]
async fn l4_a_queue_of_buyers_gets_a_hundred_units_of_a_hot_product() {
    rush_on(&a_product(1).stocked(100).hot().build(), A_QUEUE, 0).await;
}

#[tokio::test]
#[ignore = "half a minute: run by .ci/run"]
async fn l4_a_thousand_buyers_get_a_hundred_units() {
    rush_on(&a_product(1).stocked(100).build(), A_CROWD, 35).await;
}

#[tokio::test]
#[ignore = "half a minute: run by .ci/run"]
async fn l4_a_thousand_buyers_get_a_hundred_units_of_a_hot_product() {
    rush_on(&a_product(1).stocked(100).hot().build(), A_CROWD, 35).await;
}
