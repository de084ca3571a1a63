//! Webhooks: they come twice, late, early, out of order and forged.

use oms_app::Error;
use oms_app::payments::payment_callback::{Handled, Request};
use oms_app::ports::Clock as _;
use oms_domain::ids::{OrderId, PaymentId};
use oms_domain::money::{Amount, Money};
use oms_domain::ordering::Status;
use oms_domain::payments::{PaymentNotification, PaymentOutcome, PaymentStatus, RefundReason};
use oms_testkit::Fault;
use oms_testkit::builders::{cents, customer, order_id};

use crate::shop::{Asked as _, REQUEST, Shop, a_cart, a_payment};

fn paid(order_id: OrderId, payment_id: PaymentId, money: Money) -> PaymentNotification {
    let outcome = PaymentOutcome::Succeeded { reference: "cap_1".into(), money, kept: None };
    PaymentNotification { event_id: "evt_1".into(), order_id, payment_id, outcome }
}

#[tokio::test]
async fn a_payment_confirms_the_order_and_a_repeat_changes_nothing() {
    // E3
    let shop = Shop::open();
    let order = shop.a_pending_order(2).await;
    let payment = shop.pay(order.id).await.unwrap().payment_id;
    let delivery = shop.stripe.pay(payment, shop.clock.now());
    assert_eq!(shop.called_back(delivery.clone()).await, Ok(Handled::Applied));
    let confirmed = shop.store.order_now(order.id);
    assert_eq!((confirmed.status, confirmed.ledger.status()), (Status::Confirmed, PaymentStatus::Confirmed));
    assert_eq!(shop.called_back(delivery).await, Ok(Handled::AlreadyApplied));
    assert_eq!(shop.store.order_now(order.id), confirmed);
    assert_eq!(shop.mugs(), (48, 2), "paid goods stay reserved until they ship");
}

#[tokio::test]
async fn a_webhook_whose_outcome_was_not_stored_is_not_acknowledged() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let payment = shop.pay(order.id).await.unwrap().payment_id;
    let delivery = shop.stripe.pay(payment, shop.clock.now());
    for fault in [Fault::Unavailable, Fault::LostAcknowledgement] {
        shop.store.fail_next(fault);
        assert!(shop.called_back(delivery.clone()).await.unwrap_err().is_transient());
    }
    assert_eq!(shop.called_back(delivery).await, Ok(Handled::AlreadyApplied), "the lost answer had stored it");
    assert_eq!(shop.store.order_now(order.id).ledger.captured(), order.totals.total);
}

#[tokio::test]
async fn another_amount_or_currency_than_asked_for_changes_nothing() {
    // E5
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let payment = shop.pay(order.id).await.unwrap().payment_id;
    let before = shop.store.order_now(order.id);
    let dollars = Money::new(order.totals.total, "USD".parse().unwrap());
    for money in [cents(1), Money::new(order.totals.total + Amount::from_minor(1), order.currency), dollars] {
        let delivery = shop.stripe.webhook(&paid(order.id, payment, money), shop.clock.now());
        assert!(matches!(shop.called_back(delivery).await, Err(Error::Invalid(_))));
        assert_eq!(shop.store.order_now(order.id), before);
    }
}

#[tokio::test]
async fn a_webhook_about_nothing_of_ours_is_parked() {
    // E5: another order, another attempt, another provider's attempt.
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let other = shop.create(a_cart([(1, 3)])).await.unwrap().order;
    let payment = shop.pay(order.id).await.unwrap().payment_id;
    let total = order.total();
    for (order_id, payment_id) in
        [(order_id(404), payment), (other.id, payment), (order.id, PaymentId::of_attempt(order.id, 7))]
    {
        let delivery = shop.stripe.webhook(&paid(order_id, payment_id, total), shop.clock.now());
        assert_eq!(shop.called_back(delivery).await, Ok(Handled::Unmatched));
    }
    let (headers, body) = shop.stripe.webhook(&paid(order.id, payment, total), shop.clock.now());
    let by = |provider: &str| Request {
        provider: provider.into(),
        headers: headers.clone(),
        body: body.clone(),
        correlation_id: REQUEST.into(),
    };
    assert_eq!(shop.callback.run(&by("paypal")).await, Ok(Handled::Unmatched));
    assert_eq!(shop.callback.run(&by("cash")).await, Err(Error::NotFound));
    assert_eq!(shop.store.order_now(order.id).status, Status::Pending);
}

#[tokio::test]
async fn what_is_not_signed_now_by_the_provider_is_not_believed() {
    // O5
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let payment = shop.pay(order.id).await.unwrap().payment_id;
    let (headers, body) = shop.stripe.pay(payment, shop.clock.now());
    assert!(matches!(shop.called_back((Vec::new(), body.clone())).await, Err(Error::Signature(_))));
    assert!(matches!(shop.called_back((headers.clone(), b"{}".to_vec())).await, Err(Error::Malformed(_))));
    shop.clock.advance_minutes(6);
    assert!(matches!(shop.called_back((headers, body)).await, Err(Error::Signature(_))));
    assert_eq!(shop.store.order_now(order.id).status, Status::Pending);
}

#[tokio::test]
async fn a_genuine_webhook_of_no_interest_is_acknowledged() {
    let shop = Shop::open();
    let (headers, _) = shop.stripe.refund_webhook(
        order_id(1),
        "01935b0e-6c1a-7d3e-9f42-5b8e2a7c4d10".parse().unwrap(),
        shop.clock.now(),
    );
    let body = br#"{"event_id":"evt_9","order_id":"01935b0e-6c1a-7d3e-9f42-5b8e2a7c4d10"}"#.to_vec();
    assert_eq!(shop.called_back((headers, body)).await, Ok(Handled::Ignored));
}

#[tokio::test]
async fn a_declined_payment_leaves_the_order_waiting_and_may_still_succeed() {
    // E4: out of order, too.
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let payment = shop.pay(order.id).await.unwrap().payment_id;
    let declined = shop.stripe.decline(payment, shop.clock.now());
    assert_eq!(shop.called_back(declined.clone()).await, Ok(Handled::Applied));
    let waiting = shop.store.order_now(order.id);
    assert_eq!((waiting.status, waiting.ledger.status()), (Status::Pending, PaymentStatus::Failed));
    let paid = shop.stripe.pay(payment, shop.clock.now());
    assert_eq!(shop.called_back(paid).await, Ok(Handled::Applied));
    assert_eq!(shop.called_back(declined).await, Ok(Handled::AlreadyApplied));
    assert_eq!(shop.store.order_now(order.id).status, Status::Confirmed);
}

#[tokio::test]
async fn a_decline_that_overtakes_its_success_changes_nothing() {
    let shop = Shop::open();
    let order = shop.a_paid_order(1).await;
    let late = shop.stripe.decline(order.ledger.payments[0].id, shop.clock.now());
    assert_eq!(shop.called_back(late).await, Ok(Handled::AlreadyApplied));
    assert_eq!(shop.store.order_now(order.id).status, Status::Confirmed);
}

#[tokio::test]
async fn money_for_a_cancelled_order_is_recorded_and_goes_back() {
    // E6, D6: late is never lost.
    let shop = Shop::open();
    let order = shop.a_pending_order(2).await;
    let payment = shop.pay(order.id).await.unwrap().payment_id;
    shop.cancelled(customer("ada"), order.id).await.unwrap();
    let late = shop.stripe.pay(payment, shop.clock.now());
    assert_eq!(shop.called_back(late).await, Ok(Handled::Applied));
    let order = shop.store.order_now(order.id);
    assert_eq!((order.status, order.ledger.refunds[0].reason), (Status::Cancelled, RefundReason::LatePayment));
    assert_eq!((order.ledger.refunds[0].amount, shop.mugs()), (order.totals.total, (50, 0)));
}

#[tokio::test]
async fn the_second_of_two_payments_goes_back() {
    // Invariant 6
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let first = shop.pay(order.id).await.unwrap().payment_id;
    let keyed = a_payment(order.id).under("k", "body");
    let second = shop.pay.ask(keyed).await.unwrap().payment_id;
    for payment in [second, first] {
        let delivery = shop.stripe.pay(payment, shop.clock.now());
        assert_eq!(shop.called_back(delivery).await, Ok(Handled::Applied));
    }
    let order = shop.store.order_now(order.id);
    let refund = &order.ledger.refunds[0];
    assert_eq!(
        (order.status, refund.payment_id, refund.reason),
        (Status::Confirmed, first, RefundReason::DuplicatePayment)
    );
}
