//! Giving money back: once, whatever fails.

use std::sync::Arc;

use oms_app::Error;
use oms_app::payments::payment_callback::Handled;
use oms_app::payments::refund_order::{self, RefundOrder};
use oms_app::ports::Clock as _;
use oms_domain::money::Amount;
use oms_domain::ordering::{Order, Refusal};
use oms_domain::payments::{PaymentStatus, Unshipped};
use oms_domain::public_event::CloudEvent;
use oms_testkit::Fault;
use oms_testkit::builders::{admin, customer};
use oms_testkit::memory::GatewayFault;

use crate::shop::{Ask, Asked as _, Shop};

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

/// An admin gives a part of an order back.
fn a_part(order: &Order, goodwill: &str) -> Ask<refund_order::Request> {
    let line_id = order.id.line(1).to_string();
    let part = refund_order::Request {
        lines: vec![oms_app::ordering::units::Units { line_id, quantity: 1 }],
        unshipped: Unshipped::Ship,
        shipping: None,
        goodwill: Some(goodwill.to_owned()),
        reason: "dented".into(),
    };
    Ask::of(order.id, part).from(admin()).under("part", goodwill)
}

fn by_hand(shop: &Shop) -> RefundOrder {
    RefundOrder::new(Arc::new(shop.store.clone()), Arc::new(shop.clock.clone()))
}

#[tokio::test]
async fn a_part_that_is_given_back_reaches_the_provider_once_whatever_is_lost() {
    // A19, D6
    let shop = Shop::open();
    let order = shop.a_paid_order(2).await;
    let refund_order = by_hand(&shop);
    shop.store.fail_next(Fault::LostAcknowledgement);
    assert!(refund_order.ask(a_part(&order, "1.00")).await.unwrap_err().is_transient());
    let given = refund_order.ask(a_part(&order, "1.00")).await.unwrap();
    assert_eq!(given.order.ledger.refunds.len(), 1, "the first attempt had done it");
    let event = shop.event(order.id, "order.refund_initiated").await;
    for _ in 0..2 {
        shop.refund.run(&event).await.unwrap();
    }
    assert_eq!(
        shop.stripe.refunds().iter().map(|refund| refund.money.amount).collect::<Vec<_>>(),
        [given.refund.amount]
    );
    assert_eq!(status(&shop, &order), PaymentStatus::PartiallyRefunded);
    assert_eq!(refund_order.ask(a_part(&order, "2.00")).await, Err(Error::IdempotencyMismatch));

    shop.cancelled(customer("ada"), order.id).await.unwrap();
    shop.refund.run(&shop.event(order.id, "order.refund_initiated").await).await.unwrap();
    let back: Amount = shop.stripe.refunds().iter().map(|refund| refund.money.amount).sum();
    assert_eq!((back, status(&shop, &order)), (order.totals.total, PaymentStatus::Refunded));
}

#[tokio::test]
async fn of_many_who_give_back_the_same_unit_one_does() {
    let shop = Shop::open();
    let order = shop.a_paid_order(1).await;
    let refund_order = by_hand(&shop);
    let keyed = |number: usize| a_part(&order, "1.00").under(&format!("part-{number}"), "1.00");
    let results = futures::future::join_all((0..8).map(|number| refund_order.ask(keyed(number)))).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    let refused = Refusal::TooManyUnits { line: 1, left: 0 };
    assert_eq!(results.iter().filter(|result| **result == Err(Error::Refused(refused.clone()))).count(), 7);
}
