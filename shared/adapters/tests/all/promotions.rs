//! Limits of promotions hold in DynamoDB, however many orders come at once.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use oms_adapters::dynamodb::{DynamoCatalog, DynamoOrders, RetryPolicy, Tables};
use oms_app::Error;
use oms_app::catalog::catalog_cache::CatalogCache;
use oms_app::idempotency::Idempotency;
use oms_app::intent::Intent;
use oms_app::ordering::create_order::{CreateOrder, Created, Item, Request};
use oms_app::ports::Catalog as _;
use oms_domain::pricing::promotion::Promotion;
use oms_testkit::builders::{a_person, a_product, a_promotion, customer, rates_with};
use oms_testkit::store::{CATALOG, EmbeddedDynamo, ORDERS};
use oms_testkit::{ManualClock, SeededRandom};

const USES: usize = 10;
const BUYERS: usize = 200;

fn request(buyer: usize) -> (Intent, Request) {
    let person = a_person();
    let request = Request {
        user_id: None,
        items: vec![Item { product_id: a_product(1).build().id, quantity: 1, price: None }],
        contact: person.contact.into_inner(),
        shipping_address: person.shipping_address.into_inner(),
        billing_address: None,
        shipping_method: None,
        promotion_codes: vec!["TEN".into()],
        seen: oms_app::ordering::terms::Seen::default(),
        details: oms_domain::ordering::address::Details::default(),
        draft: false,
    };
    let name = format!("buyer-{buyer}");
    (Intent::by(customer(&name), "test").keyed(Idempotency { key: name, request: String::new() }), request)
}

async fn order(create: &CreateOrder, buyer: usize) -> Result<Created, Error> {
    let (intent, request) = request(buyer);
    create.run(&intent, request).await
}

#[tokio::test]
async fn a_promotion_with_ten_uses_is_used_ten_times_by_two_hundred_at_once() {
    let store = EmbeddedDynamo::start().await;
    let tables = Tables { orders: ORDERS.name.into(), catalog: CATALOG.name.into() };
    let catalog = Arc::new(DynamoCatalog::new(store.client.clone(), tables.clone()));
    let limit = u32::try_from(USES).ok();
    catalog.set_rates(&rates_with(vec![Promotion { max_uses: limit, ..a_promotion("TEN") }])).await.unwrap();
    catalog.add(&a_product(1).stocked(1_000).build()).await.unwrap();
    let retry = RetryPolicy {
        base_delay: Duration::from_micros(200),
        max_delay: Duration::from_millis(2),
        ..RetryPolicy::default()
    };
    let random = Arc::new(SeededRandom::default());
    let orders = Arc::new(DynamoOrders::new(store.client.clone(), tables, random.clone()).with_retry(retry));
    let clock = Arc::new(ManualClock::default());
    let create = CreateOrder::new(orders, CatalogCache::new(catalog.clone(), clock.clone()), clock, random);
    let mut ordered = 0;
    // Contention is nobody's fault: who meets it asks again, as a client would.
    let mut waiting: Vec<usize> = (0..BUYERS).collect();
    while !waiting.is_empty() {
        let results = join_all(waiting.iter().map(|buyer| order(&create, *buyer))).await;
        let mut again = Vec::new();
        for (buyer, result) in waiting.iter().zip(results) {
            match result {
                Ok(_) => ordered += 1,
                Err(Error::PromotionUsedUp(field)) => assert_eq!(field.pointer, "/promotion_codes/0"),
                Err(Error::StockTaken | Error::Contended | Error::ServiceUnavailable(_)) => again.push(*buyer),
                Err(error) => panic!("{error:?}"),
            }
        }
        waiting = again;
    }
    assert_eq!(ordered, USES);
    let stock = catalog.product(a_product(1).build().id).await.unwrap().unwrap().stock;
    assert_eq!((stock.available, stock.reserved), (990, 10));
}

#[tokio::test]
async fn a_warm_create_with_a_promotion_is_one_round_trip() {
    let store = EmbeddedDynamo::start().await;
    let tables = Tables { orders: ORDERS.name.into(), catalog: CATALOG.name.into() };
    let catalog = Arc::new(DynamoCatalog::new(store.client.clone(), tables.clone()));
    let limited = Promotion { max_uses: Some(9), max_uses_per_customer: Some(1), ..a_promotion("TEN") };
    catalog.set_rates(&rates_with(vec![limited])).await.unwrap();
    catalog.add(&a_product(1).build()).await.unwrap();
    let (random, clock) = (Arc::new(SeededRandom::default()), Arc::new(ManualClock::default()));
    let orders = Arc::new(DynamoOrders::new(store.client.clone(), tables, random.clone()));
    let create = CreateOrder::new(orders, CatalogCache::new(catalog, clock.clone()), clock, random);
    order(&create, 1).await.unwrap();
    store.meter.reset();
    order(&create, 2).await.unwrap();
    assert_eq!(store.meter.round_trips(), 1);
}
