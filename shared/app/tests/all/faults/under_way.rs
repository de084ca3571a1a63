//! Money that takes days, and pages on which nobody pays.

use std::sync::Arc;

use oms_app::Error;
use oms_app::payments::breaker::{Breaker, MAX_FAILURES};
use oms_app::payments::gateways::Gateways;
use oms_app::payments::pay_order::PayOrder;
use oms_app::payments::payment_callback::Handled;
use oms_app::ports::Clock as _;
use oms_domain::ordering::{PROCESSING_DAYS, Status};
use oms_domain::payments::PaymentStatus;

use oms_testkit::memory::GatewayFault;

use crate::shop::{Asked as _, REQUEST, Shop, a_payment};

const DAY_MINUTES: i64 = 24 * 60;

async fn told(shop: &Shop, id: oms_domain::ids::OrderId) -> Vec<&'static str> {
    let events = shop.events(id).await;
    let kinds = events.iter().filter_map(|event| oms_domain::messaging::MessageKind::about(&event.data.fact));
    kinds.map(oms_domain::messaging::MessageKind::name).collect()
}

#[tokio::test]
async fn p1_of_a_page_on_which_nobody_pays_only_the_end_is_told() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let payment = shop.pay(order.id).await.unwrap().payment_id;
    shop.clock.advance_minutes(31);
    // The provider tells that the page is closed before the order is cancelled, and again afterwards.
    let expired = shop.stripe.expired_webhook(payment, shop.clock.now());
    assert_eq!(shop.called_back(expired.clone()).await, Ok(Handled::AlreadyApplied));
    shop.sweep.run(REQUEST).await.unwrap();
    assert_eq!(shop.called_back(expired).await, Ok(Handled::AlreadyApplied));
    assert_eq!(shop.store.order_now(order.id).status, Status::Cancelled);
    assert_eq!(told(&shop, order.id).await, ["submitted", "cancelled"]);
}

#[tokio::test]
async fn p1_a_page_that_ends_early_is_no_failure_and_another_one_is_opened() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let first = shop.pay(order.id).await.unwrap().payment_id;
    let expired = shop.stripe.expired_webhook(first, shop.clock.now());
    assert_eq!(shop.called_back(expired).await, Ok(Handled::Applied));
    assert_eq!(told(&shop, order.id).await, ["submitted"]);
    assert_ne!(shop.pay(order.id).await.unwrap().payment_id, first);
}

#[tokio::test]
async fn p2_an_order_waits_for_money_that_is_under_way_and_says_so() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let payment = shop.pay(order.id).await.unwrap().payment_id;
    let news = shop.stripe.processing(payment, shop.clock.now());
    assert_eq!(shop.called_back(news.clone()).await, Ok(Handled::Applied));
    assert_eq!(shop.called_back(news).await, Ok(Handled::AlreadyApplied));
    for _ in 0..(PROCESSING_DAYS - 1) {
        shop.clock.advance_minutes(DAY_MINUTES);
        shop.sweep.run(REQUEST).await.unwrap();
    }
    let waits = shop.store.order_now(order.id);
    assert_eq!((waits.status, waits.ledger.status()), (Status::Pending, PaymentStatus::Processing));
    assert_eq!(shop.mugs(), (49, 1), "its units are kept");
    // It came, and nobody told: whoever looks finds it.
    shop.stripe.pay_silently(payment);
    shop.clock.advance_minutes(6 * 60);
    shop.sweep.run(REQUEST).await.unwrap();
    assert_eq!(shop.store.order_now(order.id).status, Status::Confirmed);
    assert_eq!(told(&shop, order.id).await, ["submitted", "payment_processing", "payment_confirmed"]);
}

#[tokio::test]
async fn p3_money_that_is_found_to_be_under_way_by_looking_is_waited_for_as_well() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let payment = shop.pay(order.id).await.unwrap().payment_id;
    drop(shop.stripe.processing(payment, shop.clock.now()));
    shop.clock.advance_minutes(10);
    shop.sweep.run(REQUEST).await.unwrap();
    shop.clock.advance_minutes(60);
    shop.sweep.run(REQUEST).await.unwrap();
    let waits = shop.store.order_now(order.id);
    assert_eq!((waits.status, waits.ledger.status()), (Status::Pending, PaymentStatus::Processing));
}

#[tokio::test]
async fn p2_money_that_does_not_come_in_its_time_goes_back_when_it_comes() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let payment = shop.pay(order.id).await.unwrap().payment_id;
    shop.called_back(shop.stripe.processing(payment, shop.clock.now())).await.unwrap();
    shop.clock.advance_minutes(PROCESSING_DAYS * DAY_MINUTES);
    shop.sweep.run(REQUEST).await.unwrap();
    assert_eq!(shop.store.order_now(order.id).status, Status::Cancelled);
    shop.called_back(shop.stripe.pay(payment, shop.clock.now())).await.unwrap();
    for event in shop.events(order.id).await {
        shop.refund.run(&event).await.unwrap();
    }
    assert_eq!(shop.stripe.refunded(order.id), order.totals.total);
}

#[tokio::test]
async fn p4_a_busy_provider_is_there_and_its_circuit_stays_closed() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let (store, clock) = (Arc::new(shop.store.clone()), Arc::new(shop.clock.clone()));
    let breaker = Arc::new(Breaker::new(store.clone(), clock.clone()));
    let gateways = Gateways::guarded(vec![Arc::new(shop.stripe.clone())], &breaker);
    let pay = PayOrder::new(store.clone(), store, gateways.clone(), clock);
    for _ in 0..3 * MAX_FAILURES {
        shop.stripe.fail_next(GatewayFault::Busy);
        let answer = pay.ask(a_payment(order.id)).await;
        assert!(matches!(answer, Err(Error::ProviderDown { recorded: true, .. })), "{answer:?}");
        assert_eq!(gateways.offer().present().await, ["stripe"]);
        shop.clock.advance(jiff::SignedDuration::from_secs(2));
    }
    pay.ask(a_payment(order.id)).await.unwrap();
}
