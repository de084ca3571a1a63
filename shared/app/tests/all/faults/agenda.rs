//! A run of the sweep works as long as it has time, however much there is, and tells what it leaves.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use oms_app::payments::gateways::Gateways;
use oms_app::payments::payment_callback::Handled;
use oms_app::platform::sweep::{Sweep, Swept};
use oms_app::ports::{Clock, CommandKey, Orders as _};
use oms_domain::ids::{OrderId, PaymentId};
use oms_domain::ordering::Status;
use oms_testkit::ManualClock;
use oms_testkit::builders::{a_product, customer};
use oms_testkit::memory::MemoryMetrics;

use crate::shop::{Asked as _, REQUEST, Shop, a_cancellation, a_cart, a_payment};

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

/// What a sweep does after so many minutes.
async fn swept_after(shop: &Shop, minutes: i64) -> Swept {
    shop.clock.advance_minutes(minutes);
    shop.sweep.run(REQUEST).await.unwrap()
}

/// Nothing is left to do for a day, and the provider is asked for nothing.
async fn nothing_is_a_task(shop: &Shop) {
    let asked = shop.stripe.asked();
    for minutes in [10, 20, 60, 24 * 60] {
        assert_eq!(swept_after(shop, minutes).await, Swept::default());
    }
    assert_eq!(shop.stripe.asked(), asked);
}

/// Two pages of one order, opened under two keys.
async fn two_pages(shop: &Shop) -> (OrderId, [PaymentId; 2]) {
    let id = shop.a_pending_order(1).await.id;
    let page = async |key| shop.pay.ask(a_payment(id).under(key, "pay")).await.unwrap().payment_id;
    (id, [page("first").await, page("second").await])
}

#[tokio::test]
async fn r2_what_is_paid_is_no_task() {
    let shop = Shop::open();
    shop.a_paid_order(1).await;
    nothing_is_a_task(&shop).await;
}

#[tokio::test]
async fn r2_an_approval_that_is_captured_is_no_task() {
    let shop = Shop::open();
    let opened = shop.pay(shop.a_pending_order(1).await.id).await.unwrap();
    let approved = shop.stripe.approve(opened.payment_id, shop.clock.now());
    assert_eq!(shop.called_back(approved).await, Ok(Handled::Applied));
    nothing_is_a_task(&shop).await;
}

#[tokio::test]
async fn r2_money_that_was_under_way_is_no_task_once_it_is_here() {
    let shop = Shop::open();
    let opened = shop.pay(shop.a_pending_order(1).await.id).await.unwrap();
    assert_eq!(
        shop.called_back(shop.stripe.processing(opened.payment_id, shop.clock.now())).await,
        Ok(Handled::Applied)
    );
    assert_eq!(swept_after(&shop, 10).await.looked, 1, "it is waited for");
    assert_eq!(shop.called_back(shop.stripe.pay(opened.payment_id, shop.clock.now())).await, Ok(Handled::Applied));
    nothing_is_a_task(&shop).await;
}

#[tokio::test]
async fn r2_the_pages_of_other_attempts_stay_tasks_until_they_are_closed() {
    let shop = Shop::open();
    let (_, [first, second]) = two_pages(&shop).await;
    assert_eq!(shop.called_back(shop.stripe.pay(first, shop.clock.now())).await, Ok(Handled::Applied));
    assert_eq!(swept_after(&shop, 10).await, Swept { looked: 1, ..Swept::default() });
    assert_eq!(shop.stripe.closed(), [second]);
    nothing_is_a_task(&shop).await;
}

#[tokio::test]
async fn r2_a_second_payment_settles_its_own_page_and_only_its_refund_is_left_to_do() {
    let shop = Shop::open();
    let (id, pages) = two_pages(&shop).await;
    for page in pages {
        assert_eq!(shop.called_back(shop.stripe.pay(page, shop.clock.now())).await, Ok(Handled::Applied));
    }
    assert_eq!(swept_after(&shop, 59).await, Swept::default(), "the refund is its queue's for an hour");
    assert_eq!(swept_after(&shop, 1).await, Swept { looked: 1, ..Swept::default() });
    assert!(shop.stripe.closed().is_empty());
    assert_eq!(shop.stripe.refunded(id), shop.store.order_now(id).totals.total);
    assert_eq!(swept_after(&shop, 24 * 60).await, Swept::default());
}

#[tokio::test]
async fn r2_an_order_that_is_paid_while_it_is_cancelled_leaves_its_refund_only() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let opened = shop.pay(order.id).await.unwrap();
    let paid = shop.stripe.pay(opened.payment_id, shop.clock.now());
    shop.cancel.ask(a_cancellation(order.id)).await.unwrap();
    assert_eq!(shop.called_back(paid).await, Ok(Handled::Applied));
    assert_eq!(swept_after(&shop, 59).await, Swept::default());
    assert_eq!(swept_after(&shop, 1).await.looked, 1);
    assert_eq!((shop.stripe.refunded(order.id), shop.stripe.taken(order.id).is_zero()), (order.totals.total, true));
    assert_eq!(swept_after(&shop, 24 * 60).await, Swept::default());
}

#[tokio::test]
async fn r2_an_order_that_is_cancelled_unpaid_keeps_its_page_as_a_task() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let page = shop.pay(order.id).await.unwrap().payment_id;
    shop.cancel.ask(a_cancellation(order.id)).await.unwrap();
    assert_eq!(swept_after(&shop, 10).await.looked, 1);
    assert_eq!(shop.stripe.closed(), [page]);
    nothing_is_a_task(&shop).await;
}

#[tokio::test]
async fn r2_money_that_is_told_again_needs_no_record_to_count_once() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let page = shop.pay(order.id).await.unwrap().payment_id;
    let told = shop.stripe.pay(page, shop.clock.now());
    let declined_before = shop.stripe.decline(page, shop.clock.now());
    assert_eq!(shop.called_back(told.clone()).await, Ok(Handled::Applied));
    let (commits, paid) = (shop.store.commits(), shop.store.order_now(order.id));
    for again in [told.clone(), declined_before, told.clone()] {
        assert_eq!(shop.called_back(again).await, Ok(Handled::AlreadyApplied));
    }
    assert_eq!((shop.store.commits(), shop.store.order_now(order.id)), (commits, paid));
    shop.cancel.ask(a_cancellation(order.id)).await.unwrap();
    assert_eq!(shop.called_back(told).await, Ok(Handled::AlreadyApplied), "also when the order has gone on");
    assert_eq!(shop.store.order_now(order.id).status, Status::Cancelled);
    assert_eq!(shop.store.command(order.id, &CommandKey::of_notification("stripe", "evt_1")).await, Ok(None));
}

#[tokio::test]
async fn r2_a_decline_is_remembered_because_a_page_may_be_tried_again() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let page = shop.pay(order.id).await.unwrap().payment_id;
    let declined = shop.stripe.decline(page, shop.clock.now());
    assert_eq!(shop.called_back(declined.clone()).await, Ok(Handled::Applied));
    assert_eq!(shop.called_back(declined).await, Ok(Handled::AlreadyApplied));
    assert_eq!(swept_after(&shop, 10).await.looked, 1, "what was declined may be paid yet");
}
