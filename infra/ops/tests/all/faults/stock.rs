//! Counters of two tables that were restored to different moments.

use std::sync::Arc;

use oms_adapters::dynamodb::{DynamoCatalog, DynamoInventory, DynamoOrders, Tables};
use oms_app::platform::recount::{Found, Intention};
use oms_app::ports::{Catalog as _, Inventory as _, Orders as _};
use oms_domain::catalog::stock::Stock;
use oms_ops::stack::Stack as Deployed;
use oms_ops::stock;
use oms_testkit::SeededRandom;
use oms_testkit::builders::{a_product, an_order, rates};
use oms_testkit::store::{CATALOG, EmbeddedDynamo, ORDERS};

use super::redrive::Imitation;

#[tokio::test]
async fn f7_units_are_counted_anew_from_events_and_movements() {
    let store = EmbeddedDynamo::start().await;
    let tables = Tables { orders: ORDERS.name.into(), catalog: CATALOG.name.into() };
    let random = Arc::new(SeededRandom::default());
    let orders = DynamoOrders::new(store.client.clone(), tables.clone(), random.clone());
    let catalog = DynamoCatalog::new(store.client.clone(), tables.clone());
    let inventory = DynamoInventory::new(store.client.clone(), tables, random);
    catalog.set_rates(&rates()).await.unwrap();
    let (mug, pot) = (a_product(1).stocked(90).build(), a_product(2).stocked(90).hot().build());
    for product in [&mug, &pot] {
        catalog.add(product).await.unwrap();
    }
    for number in 1..=30 {
        orders.commit(&an_order(number).of(&mug, 1).of(&pot, 2).commit()).await.unwrap();
    }
    let deployed = Deployed::read(&Imitation::default(), "shop").unwrap();
    let recount = async |intention| stock::recount(&deployed, store.client.clone(), intention, |_| ()).await.unwrap();
    let right = recount(Intention::Look).await;
    assert_eq!((right.orders, right.products, right.differences.len()), (30, 2, 0), "{right:?}");
    // As if the catalog were some seconds younger than the orders.
    let stocked = Stock::received(90);
    let earlier = [(mug.id, Stock { available: 61, reserved: 29, ..stocked }), (pot.id, stocked)];
    for (id, then) in &earlier {
        let now = inventory.entry(*id).await.unwrap().unwrap().product.stock;
        assert!(inventory.set_counters(*id, &now, then).await.unwrap());
    }
    let told = recount(Intention::Look).await;
    let lines: Vec<String> = told.differences.iter().map(stock::told).collect();
    assert!(lines[0].ends_with("available 61 → 60, reserved 29 → 30"), "{lines:?}");
    assert!(lines[1].ends_with("available 90 → 30, reserved 0 → 60"), "{lines:?}");
    let written = recount(Intention::Write).await;
    assert!(written.differences.iter().all(|difference| matches!(difference.found, Found::Written(_))), "{written:?}");
    assert!(written.differences.iter().all(|difference| stock::told(difference).ends_with("written")));
    assert_eq!(recount(Intention::Look).await.differences, []);
}
