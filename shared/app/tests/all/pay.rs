//! Opening a checkout page: one attempt per intent, whatever breaks in between.

use oms_app::Error;
use oms_domain::ordering::{Action, Refusal, Status};
use oms_domain::payments::MAX_PAYMENT_ATTEMPTS;
use oms_testkit::Fault;
use oms_testkit::builders::{customer, seller_caller};
use oms_testkit::memory::GatewayFault;

use crate::shop::{Asked as _, Shop, a_payment};

#[tokio::test]
async fn the_provider_is_asked_for_the_total_after_the_attempt_is_recorded() {
    // E1, E2
    let shop = Shop::open();
    let order = shop.a_pending_order(2).await;
    let opened = shop.pay(order.id).await.unwrap();
    assert_eq!((opened.money, opened.provider.as_str()), (order.total(), "stripe"));
    let ledger = shop.store.order_now(order.id).ledger;
    assert_eq!(ledger.payments[0].id, opened.payment_id);
    let sessions = shop.stripe.sessions();
    assert_eq!((sessions.len(), sessions[0].payment_id, sessions[0].money), (1, opened.payment_id, order.total()));
}

#[tokio::test]
async fn a_crash_between_the_record_and_the_provider_costs_nothing() {
    // E2: asked again, the same attempt is used.
    for fault in [GatewayFault::Unavailable, GatewayFault::LostAnswer] {
        let shop = Shop::open();
        let order = shop.a_pending_order(1).await;
        shop.stripe.fail_next(fault);
        let error = shop.pay(order.id).await.unwrap_err();
        assert!(matches!(error, Error::ProviderDown { recorded: true, .. }), "{error:?}");
        let recorded = shop.store.order_now(order.id).ledger.payments;
        let opened = shop.pay(order.id).await.unwrap();
        assert_eq!((recorded.len(), recorded[0].id), (1, opened.payment_id));
        assert_eq!(shop.store.order_now(order.id).ledger.payments, recorded);
        assert_eq!(shop.stripe.sessions().len(), 1);
    }
}

#[tokio::test]
async fn a_lost_answer_of_the_store_is_one_attempt() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    shop.store.fail_next(Fault::LostAcknowledgement);
    assert!(shop.pay(order.id).await.unwrap_err().is_transient());
    assert!(shop.stripe.sessions().is_empty());
    shop.pay(order.id).await.unwrap();
    assert_eq!(shop.store.order_now(order.id).ledger.payments.len(), 1);
}

#[tokio::test]
async fn without_a_key_the_open_attempt_is_used_again_and_a_new_key_is_a_new_attempt() {
    // A19
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let keyed = |key: &str| a_payment(order.id).under(key, "body");
    let first = shop.pay(order.id).await.unwrap();
    assert_eq!(shop.pay(order.id).await.unwrap(), first);
    let second = shop.pay.ask(keyed("a")).await.unwrap();
    assert_ne!(second.payment_id, first.payment_id);
    let third = shop.pay.ask(keyed("b")).await.unwrap();
    assert_ne!(third.payment_id, second.payment_id);
    assert_eq!(shop.pay.ask(keyed("a")).await.unwrap(), second, "the key's own attempt, not the last one");
    let other = a_payment(order.id).under("a", "other body");
    assert_eq!(shop.pay.ask(other).await, Err(Error::IdempotencyMismatch));
}

#[tokio::test]
async fn another_provider_is_another_attempt() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let first = shop.pay(order.id).await.unwrap();
    let paypal = shop.pay.ask(a_payment(order.id).with(|wanted| wanted.provider = "paypal".into())).await.unwrap();
    assert_ne!(paypal.payment_id, first.payment_id);
}

#[tokio::test]
async fn a15_a_provider_that_is_not_offered_is_refused_with_the_choice() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let request = a_payment(order.id).with(|wanted| wanted.provider = "cash".into());
    let Err(Error::Invalid(fields)) = shop.pay.ask(request).await else { panic!("was not refused") };
    assert_eq!(fields[0].pointer, "/provider");
    assert!(fields[0].message.contains("stripe, paypal"), "{}", fields[0].message);
}

#[tokio::test]
async fn a_provider_that_refuses_for_good_is_told_as_a_failed_payment() {
    // E4, ORD-2001
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    shop.stripe.fail_next(GatewayFault::Refused);
    assert!(matches!(shop.pay(order.id).await, Err(Error::PaymentRefused(_))));
}

#[tokio::test]
async fn only_the_owner_and_the_shop_pay() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let by = |caller| a_payment(order.id).from(caller);
    assert_eq!(shop.pay.ask(by(customer("eve"))).await, Err(Error::NotFound));
    assert!(matches!(shop.pay.ask(by(seller_caller("sam"))).await, Err(Error::Forbidden(_))));
}

#[tokio::test]
async fn an_order_that_does_not_wait_for_payment_is_not_paid() {
    // B2
    let shop = Shop::open();
    for status in [Status::Draft, Status::Confirmed, Status::Cancelled] {
        let order = shop.an_order_that_is(status).await;
        let refusal = Refusal::InvalidTransition { from: status, action: Action::Pay };
        assert_eq!(shop.pay(order.id).await, Err(Error::Refused(refusal)));
    }
}

#[tokio::test]
async fn no_payment_begins_after_the_hold_has_ended() {
    // F3
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    shop.clock.advance_minutes(30);
    let since = order.reservation_expires_at.unwrap();
    assert_eq!(shop.pay(order.id).await, Err(Error::Refused(Refusal::HoldExpired { since })));
}

#[tokio::test]
async fn attempts_are_bounded() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let attempt = |number: usize| a_payment(order.id).under(&number.to_string(), "body");
    for number in 0..MAX_PAYMENT_ATTEMPTS {
        shop.pay.ask(attempt(number)).await.unwrap();
    }
    let refusal = Refusal::TooManyAttempts(MAX_PAYMENT_ATTEMPTS);
    assert_eq!(shop.pay.ask(attempt(99)).await, Err(Error::Refused(refusal)));
    assert!(shop.pay.ask(attempt(0)).await.is_ok(), "a repeat is answered all the same");
}
