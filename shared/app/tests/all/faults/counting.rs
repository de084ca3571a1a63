//! Two tables that were restored may disagree; the counters follow from what made them.

use std::sync::Arc;

use futures::FutureExt as _;
use oms_app::platform::recount::{Found, Intention, Recount, Recounted};
use oms_app::ports::Inventory as _;
use oms_domain::catalog::stock::{Counter, Stock};
use oms_domain::catalog::tally::Missing;
use oms_testkit::Fault;
use oms_testkit::builders::{customer, product_id};

use crate::shop::Shop;

async fn counted(shop: &Shop, intention: Intention) -> Recounted {
    let store = Arc::new(shop.store.clone());
    Recount::new(store.clone(), store.clone(), store).run(intention, |_| ()).await.unwrap()
}

fn found(counted: &Recounted) -> Vec<Found> {
    counted.differences.iter().map(|difference| difference.found).collect()
}

async fn set(shop: &Shop, counters: Stock) -> Stock {
    let seen = shop.store.product_now(product_id(1)).stock;
    assert_eq!(shop.store.set_counters(product_id(1), &seen, &counters).await, Ok(true));
    seen
}

/// A shop with an order of each kind.
async fn a_busy_shop() -> Shop {
    let shop = Shop::open();
    shop.a_pending_order(2).await;
    shop.a_paid_order(3).await;
    let gone = shop.a_paid_order(4).await;
    shop.cancelled(customer("ada"), gone.id).await.unwrap();
    shop
}

#[tokio::test]
async fn f7_counters_that_lack_a_transaction_are_told_and_set_right() {
    let shop = a_busy_shop().await;
    let right = counted(&shop, Intention::Write).await;
    assert_eq!((right.orders, right.differences.len()), (3, 0), "{right:?}");
    let before = shop.store.product_now(product_id(1)).stock;
    set(&shop, Stock { available: before.available + 3, reserved: before.reserved - 3, ..before }).await;
    assert_eq!(found(&counted(&shop, Intention::Look).await), [Found::Counted(before)]);
    assert_eq!(found(&counted(&shop, Intention::Write).await), [Found::Written(before)]);
    assert_eq!(shop.store.product_now(product_id(1)).stock, before);
    assert_eq!(found(&counted(&shop, Intention::Write).await), []);
}

#[tokio::test]
async fn f7_orders_that_hold_more_than_ever_came_are_told_and_nothing_is_written() {
    let shop = a_busy_shop().await;
    let short = Stock { available: 0, reserved: 4, ..Stock::received(4) };
    set(&shop, short).await;
    let missing = Found::Missing(Missing { counter: Counter::Available, units: 1 });
    assert_eq!(found(&counted(&shop, Intention::Write).await), [missing]);
    assert_eq!(shop.store.product_now(product_id(1)).stock, short);
}

#[tokio::test]
async fn f7_a_store_that_is_away_while_units_are_counted_is_told() {
    let shop = a_busy_shop().await;
    shop.store.fail_next(Fault::Unavailable);
    let store = Arc::new(shop.store.clone());
    let recount = Recount::new(store.clone(), store.clone(), store);
    assert!(recount.run(Intention::Write, |_| ()).await.unwrap_err().is_transient());
}

#[tokio::test]
async fn f7_what_moves_while_it_is_counted_is_left_as_it_is() {
    let shop = a_busy_shop().await;
    let before = shop.store.product_now(product_id(1)).stock;
    let store = Arc::new(shop.store.clone());
    let recount = Recount::new(store.clone(), store.clone(), store.clone());
    let wrong = Stock { available: before.available - 1, damaged: before.damaged + 1, ..before };
    set(&shop, wrong).await;
    let later = Stock { available: before.available - 2, damaged: before.damaged + 2, ..before };
    let moves = |_orders: usize| {
        let moved = store.set_counters(product_id(1), &wrong, &later).now_or_never();
        assert_eq!(moved, Some(Ok(true)));
    };
    let moving = recount.run(Intention::Write, moves).await.unwrap();
    assert_eq!(found(&moving), [Found::Moving]);
    assert_eq!(shop.store.product_now(product_id(1)).stock, later);
}
