//! A run of the sweep works as long as it has time, however much there is, and tells what it leaves.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use oms_app::payments::gateways::Gateways;
use oms_app::platform::sweep::{Sweep, Swept};
use oms_app::ports::Clock;
use oms_testkit::ManualClock;
use oms_testkit::builders::{a_product, customer};
use oms_testkit::memory::MemoryMetrics;

use crate::shop::{REQUEST, Shop, a_cart};

/// Every look at it takes a second.
struct Passing(ManualClock);

impl Clock for Passing {
    fn now(&self) -> Timestamp {
        self.0.advance(SignedDuration::from_secs(1));
        self.0.now()
    }
}

async fn a_shop_with_unpaid_orders(orders: u32) -> Shop {
    let shop = Shop::selling([a_product(1).stocked(orders).build()]);
    for number in 0..orders {
        shop.create(a_cart([(1, 1)]).from(customer(&format!("customer-{number}")))).await.unwrap();
    }
    shop
}

#[tokio::test]
async fn r2_a_run_does_all_that_is_due_however_much_it_is() {
    let shop = a_shop_with_unpaid_orders(2_500).await;
    shop.clock.advance_minutes(31);
    assert_eq!(shop.sweep.run(REQUEST).await, Ok(Swept { expired: 2_500, ..Swept::default() }));
    assert_eq!(shop.mugs(), (2_500, 0));
}

#[tokio::test]
async fn r2_what_a_run_leaves_is_told_by_how_long_it_has_waited() {
    let shop = a_shop_with_unpaid_orders(1_000).await;
    let (store, metrics) = (Arc::new(shop.store.clone()), MemoryMetrics::default());
    let sweep = Sweep::new(store.clone(), store, Gateways::default(), Arc::new(Passing(shop.clock.clone())))
        .with_metrics(Arc::new(metrics.clone()));
    shop.clock.advance_minutes(50);
    let first = sweep.run(REQUEST).await.unwrap();
    assert!((1..1_000).contains(&first.expired), "its time ends first: {first:?}");
    let lag = || metrics.figures().into_iter().filter(|(name, _)| *name == "agenda_lag").collect::<Vec<_>>();
    assert_eq!(lag(), [("agenda_lag", "900".to_owned())]);
    let mut expired = first.expired;
    while expired < 1_000 {
        expired += sweep.run(REQUEST).await.unwrap().expired;
    }
    let before = lag().len();
    sweep.run(REQUEST).await.unwrap();
    assert_eq!(lag().len(), before, "nothing is left, nothing is told");
    assert_eq!(shop.mugs(), (1_000, 0));
}
