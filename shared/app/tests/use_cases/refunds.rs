//! Giving money back: once, whatever fails.

use oms_app::Error;
use oms_app::payment_callback::Handled;
use oms_app::ports::Clock as _;
use oms_domain::order::Order;
use oms_domain::payment::PaymentStatus;
use oms_domain::public_event::CloudEvent;
use oms_testkit::Fault;
use oms_testkit::builders::customer;
use oms_testkit::memory::GatewayFault;

use crate::shop::Shop;

/// Ada has paid and cancelled; the event that asks for her money.
async fn a_refund_to_make(shop: &Shop) -> (Order, CloudEvent) {
    let order = shop.a_paid_order(1).await;
    shop.cancelled(customer("ada"), order.id).await.unwrap();
    (shop.store.order_now(order.id), shop.event(order.id, "order.refund_initiated").await)
}

fn status(shop: &Shop, order: &Order) -> PaymentStatus {
    shop.store.order_now(order.id).ledger.status()
}

#[tokio::test]
async fn what_was_paid_goes_back_once_however_often_the_event_comes() {
    // D6
    let shop = Shop::open();
    let (order, event) = a_refund_to_make(&shop).await;
    shop.refund.run(&event).await.unwrap();
    let done = shop.store.order_now(order.id);
    assert_eq!((done.ledger.refunded(), done.ledger.status()), (order.totals.total, PaymentStatus::Refunded));
    shop.refund.run(&event).await.unwrap();
    assert_eq!(shop.store.order_now(order.id), done);
    assert_eq!((shop.stripe.refunds().len(), shop.stripe.refunds()[0].money), (1, order.total()));
}

#[tokio::test]
async fn a_provider_that_is_down_is_asked_again_later() {
    // L6
    let shop = Shop::open();
    let (order, event) = a_refund_to_make(&shop).await;
    shop.stripe.fail_next(GatewayFault::Unavailable);
    assert!(shop.refund.run(&event).await.unwrap_err().is_transient());
    assert_eq!(status(&shop, &order), PaymentStatus::RefundPending);
    shop.refund.run(&event).await.unwrap();
    assert_eq!(status(&shop, &order), PaymentStatus::Refunded);
}

#[tokio::test]
async fn a_refund_whose_answer_was_lost_is_found_and_not_repeated() {
    let shop = Shop::open();
    let (order, event) = a_refund_to_make(&shop).await;
    // The store does not take the completion: the provider has made the refund, we do not know yet.
    shop.store.fail_next(Fault::LostAcknowledgement);
    assert!(shop.refund.run(&event).await.unwrap_err().is_transient());
    shop.refund.run(&event).await.unwrap();
    assert_eq!((shop.stripe.refunds().len(), status(&shop, &order)), (1, PaymentStatus::Refunded));
}

#[tokio::test]
async fn a_store_that_is_down_after_the_refund_costs_nothing() {
    let shop = Shop::open();
    let (order, event) = a_refund_to_make(&shop).await;
    shop.store.fail_next(Fault::Unavailable);
    assert!(shop.refund.run(&event).await.unwrap_err().is_transient());
    assert!(shop.stripe.refunds().is_empty(), "nothing is asked before the order is known");
    shop.refund.run(&event).await.unwrap();
    assert_eq!((shop.stripe.refunds().len(), status(&shop, &order)), (1, PaymentStatus::Refunded));
}

#[tokio::test]
async fn a_refusal_of_the_provider_is_no_success() {
    let shop = Shop::open();
    let (order, event) = a_refund_to_make(&shop).await;
    shop.stripe.fail_next(GatewayFault::Refused);
    assert!(matches!(shop.refund.run(&event).await, Err(Error::PaymentRefused(_))));
    assert_eq!(status(&shop, &order), PaymentStatus::RefundPending);
}

#[tokio::test]
async fn a_refund_that_the_webhook_completed_first_needs_nothing() {
    let shop = Shop::open();
    let (order, event) = a_refund_to_make(&shop).await;
    let told = shop.stripe.refund_webhook(order.id, order.ledger.refunds[0].id, shop.clock.now());
    assert_eq!(shop.called_back(told.clone()).await, Ok(Handled::Applied));
    shop.refund.run(&event).await.unwrap();
    assert!(shop.stripe.refunds().is_empty());
    assert_eq!(shop.called_back(told).await, Ok(Handled::AlreadyApplied));
    assert_eq!(status(&shop, &order), PaymentStatus::Refunded);
}

#[tokio::test]
async fn other_events_ask_for_no_refund() {
    let shop = Shop::open();
    let order = shop.a_paid_order(1).await;
    for event in shop.events(order.id).await {
        shop.refund.run(&event).await.unwrap();
    }
    assert!(shop.stripe.refunds().is_empty());
}
