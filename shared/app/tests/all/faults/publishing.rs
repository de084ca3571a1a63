//! A relay that does not run is told by how long the oldest event has waited.

use std::sync::Arc;

use oms_app::payments::gateways::Gateways;
use oms_app::platform::sweep::Sweep;
use oms_domain::ordering::Status;
use oms_testkit::builders::{a_product, admin, customer};
use oms_testkit::memory::MemoryMetrics;

use crate::shop::{Asked as _, REQUEST, Shop, a_cart, a_publisher, to_status};

/// A shop, its sweep, and what that tells.
struct Watched {
    shop: Shop,
    sweep: Sweep,
    metrics: MemoryMetrics,
}

impl Watched {
    fn open() -> Self {
        let shop = Shop::selling([a_product(1).stocked(1_000).build()]);
        let (store, metrics) = (Arc::new(shop.store.clone()), MemoryMetrics::default());
        let sweep = Sweep::new(store.clone(), store, Gateways::default(), Arc::new(shop.clock.clone()))
            .publishing(a_publisher(&shop.store, &shop.bus, &shop.clock))
            .with_metrics(Arc::new(metrics.clone()));
        Watched { shop, sweep, metrics }
    }

    /// Orders, and has the relay publish them if it runs.
    async fn orders(&self, names: &[&str], relay: bool) -> Vec<oms_domain::ids::OrderId> {
        let mut orders = Vec::new();
        for name in names {
            let order = self.shop.create(a_cart([(1, 1)]).from(customer(name))).await.unwrap().order.id;
            if relay {
                self.relayed(order).await;
            }
            orders.push(order);
        }
        orders
    }

    async fn relayed(&self, order: oms_domain::ids::OrderId) {
        assert!(self.shop.relay.run(&self.shop.stream(order, "s").await).await.is_empty());
    }

    /// Runs every minute for so long, and gives what the last five minutes told.
    async fn lag_after(&self, minutes: i64) -> Option<i64> {
        for minute in 1..=minutes {
            self.shop.clock.advance_minutes(1);
            if minutes - minute < 5 {
                let before = self.lags().len();
                self.sweep.run(REQUEST).await.unwrap();
                let lags = self.lags();
                if lags.len() > before {
                    return lags.last().copied();
                }
            }
        }
        None
    }

    fn lags(&self) -> Vec<i64> {
        let figures = self.metrics.figures();
        let lags = figures.iter().filter(|(name, _)| *name == "publish_lag");
        lags.map(|(_, value)| value.parse().unwrap()).collect()
    }
}

#[tokio::test]
async fn s6_a_relay_that_does_not_run_is_told_by_how_long_the_oldest_event_has_waited() {
    let watched = Watched::open();
    watched.orders(&["ada", "bob"], true).await;
    assert_eq!(watched.lag_after(10).await, None, "all is published");
    // Its mapping is disabled now.
    watched.orders(&["cleo"], false).await;
    let lag = watched.lag_after(10).await.unwrap();
    assert!((300..=600).contains(&lag), "{lag}");
    watched.orders(&["dan", "eve"], false).await;
    let lag = watched.lag_after(20).await.unwrap();
    assert!((900..=1_800).contains(&lag), "the oldest counts, not the last: {lag}");
}

#[tokio::test]
async fn s6_nothing_is_told_once_the_relay_has_caught_up() {
    let watched = Watched::open();
    let waiting = watched.orders(&["ada", "bob"], false).await;
    assert!(watched.lag_after(10).await.is_some());
    for order in waiting {
        watched.relayed(order).await;
    }
    assert_eq!(watched.lag_after(10).await, None);
}

#[tokio::test]
async fn s6_a_change_of_an_old_order_is_missed_as_well() {
    let watched = Watched::open();
    let order = watched.shop.a_paid_order(1).await.id;
    watched.relayed(order).await;
    watched.shop.clock.advance_minutes(3 * 24 * 60);
    assert_eq!(watched.lag_after(10).await, None, "an old order is no news");
    watched.shop.update.ask(to_status(admin(), order, Status::Processing)).await.unwrap();
    let lag = watched.lag_after(10).await.unwrap();
    assert!((300..=600).contains(&lag), "since the change, not since the order: {lag}");
}

#[tokio::test]
async fn s6_a_busy_shop_whose_orders_go_on_all_the_time_hears_of_it_too() {
    let watched = Watched::open();
    let names: Vec<String> = (0..40).map(|number| format!("customer-{number}")).collect();
    for name in &names {
        watched.orders(&[name], false).await;
        watched.shop.clock.advance_minutes(1);
    }
    let lag = watched.lag_after(5).await.unwrap();
    assert!(lag >= 900, "{lag}");
}

#[tokio::test]
async fn s6_orders_of_before_there_were_markers_are_no_lag() {
    let watched = Watched::open();
    let old = watched.shop.a_paid_order(1).await.id;
    watched.relayed(old).await;
    watched.shop.store.without_marker(old);
    watched.shop.clock.advance_minutes(25 * 60);
    assert_eq!(watched.lag_after(10).await, None);
}

#[tokio::test]
async fn s6_what_the_sweep_cannot_publish_is_told_as_well() {
    let watched = Watched::open();
    let order = watched.orders(&["ada"], false).await[0];
    watched.shop.bus.fail_next(1);
    let records = watched.shop.stream(order, "s").await;
    assert!(!watched.shop.relay.run(&records).await.is_empty(), "the topic is away, and the stream gives up");
    watched.shop.clock.advance_minutes(11);
    watched.shop.bus.fail_next(1);
    assert_eq!(watched.sweep.run(REQUEST).await.unwrap().failed, 1);
    assert_eq!(watched.lags(), [660]);
}
