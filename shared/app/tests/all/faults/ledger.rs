//! Money that goes back while others give back, too: the refund's work at the provider, and what a queue loses.

use std::sync::Arc;

use futures::future::join_all;
use oms_app::Error;
use oms_app::payments::payment_callback::Handled;
use oms_app::payments::refund_order::{self, RefundOrder};
use oms_app::platform::sweep::Swept;
use oms_app::ports::{Clock as _, RefundState};
use oms_domain::ids::OrderId;
use oms_domain::money::{Amount, Money};
use oms_domain::ordering::{HoldReason, Order, Refusal, Status};
use oms_domain::payments::{DisputeState, PaymentStatus, RefundReason, Unshipped};
use oms_testkit::builders::{admin, cents, customer};
use oms_testkit::memory::GatewayFault;

use crate::shop::{Ask, Asked as _, REQUEST, Shop, a_payment};

async fn sweep_after(shop: &Shop, minutes: i64) -> Swept {
    shop.clock.advance_minutes(minutes);
    shop.sweep.run(REQUEST).await.unwrap()
}

async fn a_cancelled_order(shop: &Shop) -> Order {
    let order = shop.a_paid_order(1).await;
    shop.cancelled(customer("ada"), order.id).await.unwrap();
    shop.store.order_now(order.id)
}

/// What was given back at the provider, by whomever, and our own ledger of it.
fn given_back(shop: &Shop, id: OrderId) -> (Amount, Amount) {
    (shop.stripe.refunded(id), shop.store.order_now(id).ledger.refunded())
}

async fn works(shop: &Shop, id: OrderId) {
    let event = shop.event(id, "order.refund_initiated").await;
    shop.refund.run(&event).await.unwrap();
}

#[tokio::test]
async fn m2_a_refund_by_hand_of_which_nobody_has_told_yet_shrinks_ours() {
    let shop = Shop::open();
    let order = a_cancelled_order(&shop).await;
    let told = shop.stripe.refund_by_hand(order.ledger.payments[0].id, cents(500), shop.clock.now());
    works(&shop, order.id).await;
    assert_eq!(given_back(&shop, order.id), (order.totals.total, order.totals.total));
    assert_eq!(shop.store.order_now(order.id).ledger.status(), PaymentStatus::Refunded);
    assert_eq!(shop.called_back(told).await, Ok(Handled::AlreadyApplied));
    assert_eq!(sweep_after(&shop, 24 * 60).await.failed, 0);
    assert_eq!(sweep_after(&shop, 24 * 60).await, Swept::default(), "nobody has to look");
}

#[tokio::test]
async fn m2_a_provider_that_refuses_because_less_is_left_is_asked_what_is_left() {
    // Somebody gives 5.00 back between our look and our request.
    let shop = Shop::open();
    let order = a_cancelled_order(&shop).await;
    let payment = order.ledger.payments[0].id;
    shop.stripe.before_refund(move |stripe, now| drop(stripe.refund_by_hand(payment, cents(500), now)));
    works(&shop, order.id).await;
    assert_eq!(given_back(&shop, order.id), (order.totals.total, order.totals.total));
}

#[tokio::test]
async fn m2_all_of_it_given_back_by_hand_leaves_nothing_to_ask_for() {
    let shop = Shop::open();
    let order = a_cancelled_order(&shop).await;
    shop.stripe.refund_by_hand(order.ledger.payments[0].id, order.total(), shop.clock.now());
    works(&shop, order.id).await;
    assert!(shop.stripe.refunds().is_empty());
    assert_eq!(given_back(&shop, order.id), (order.totals.total, order.totals.total));
}

#[tokio::test]
async fn m2_a_refund_by_hand_that_did_not_arrive_is_made_by_us() {
    let shop = Shop::open();
    let order = a_cancelled_order(&shop).await;
    shop.stripe.refund_by_hand(order.ledger.payments[0].id, cents(500), shop.clock.now());
    works(&shop, order.id).await;
    let reference = shop.stripe.hand_refunds(order.id).remove(0);
    let failed = shop.stripe.hand_refund_failed(&reference, shop.clock.now());
    assert_eq!(shop.called_back(failed.clone()).await, Ok(Handled::Applied));
    assert_eq!(shop.called_back(failed).await, Ok(Handled::AlreadyApplied));
    works(&shop, order.id).await;
    assert_eq!(given_back(&shop, order.id), (order.totals.total, order.totals.total));
}

#[tokio::test]
async fn m2_old_news_of_a_refund_that_failed_is_checked_with_the_provider() {
    let shop = Shop::open();
    let order = a_cancelled_order(&shop).await;
    works(&shop, order.id).await;
    let first = shop.store.order_now(order.id).ledger.refunds[0].key();
    let done = shop.stripe.refund_webhook(order.id, first, shop.clock.now());
    let failed = shop.stripe.refund_failed_webhook(order.id, first, shop.clock.now());
    shop.called_back(failed).await.unwrap();
    let event = shop.event(order.id, "order.refund_failed").await;
    shop.refund.run(&event).await.unwrap();
    assert_eq!(shop.called_back(done).await, Ok(Handled::AlreadyApplied));
    assert_eq!(given_back(&shop, order.id), (order.totals.total, order.totals.total));
}

#[tokio::test]
async fn l3_a_refund_whose_message_is_lost_is_made_by_the_sweep() {
    let shop = Shop::open();
    let order = a_cancelled_order(&shop).await;
    assert!(sweep_after(&shop, 59).await.looked <= 1, "the queue has its time; only the page is looked at");
    assert!(shop.stripe.refunds().is_empty());
    sweep_after(&shop, 1).await;
    assert_eq!(given_back(&shop, order.id), (order.totals.total, order.totals.total));
    assert_eq!(sweep_after(&shop, 24 * 60).await, Swept::default(), "what is done is no task");
}

#[tokio::test]
async fn l3_a_refund_that_is_done_is_no_task() {
    let shop = Shop::open();
    let order = a_cancelled_order(&shop).await;
    works(&shop, order.id).await;
    let looked = sweep_after(&shop, 24 * 60).await.looked;
    assert!(looked <= 1, "only the page: {looked}");
    // One that fails after all is a task again.
    let key = shop.store.order_now(order.id).ledger.refunds[0].key();
    shop.called_back(shop.stripe.refund_failed_webhook(order.id, key, shop.clock.now())).await.unwrap();
    sweep_after(&shop, 60).await;
    assert_eq!(given_back(&shop, order.id), (order.totals.total, order.totals.total));
}

#[tokio::test]
async fn l3_a_provider_that_is_away_is_asked_again_by_the_sweep() {
    let shop = Shop::open();
    let order = a_cancelled_order(&shop).await;
    sweep_after(&shop, 30).await;
    shop.stripe.fail_next(GatewayFault::Unavailable);
    sweep_after(&shop, 30).await;
    assert!(shop.stripe.refunds().is_empty());
    sweep_after(&shop, 6 * 60).await;
    assert_eq!(given_back(&shop, order.id), (order.totals.total, order.totals.total));
}

#[tokio::test]
async fn l3_a_refund_that_failed_and_whose_message_is_lost_again_is_made_an_hour_later() {
    let shop = Shop::open();
    let order = a_cancelled_order(&shop).await;
    shop.stripe.next_refund_is(RefundState::Failed("account_closed".into()));
    sweep_after(&shop, 60).await;
    assert_eq!(given_back(&shop, order.id), (Amount::ZERO, Amount::ZERO), "it failed");
    sweep_after(&shop, 60).await;
    assert_eq!(given_back(&shop, order.id), (order.totals.total, order.totals.total));
}

#[tokio::test]
async fn m16_a_refund_waits_for_the_bank_and_gives_what_it_leaves() {
    for outcome in [DisputeState::Won, DisputeState::Lost] {
        let shop = Shop::open();
        let order = a_cancelled_order(&shop).await;
        let payment = order.ledger.payments[0].id;
        let told = shop.stripe.dispute(payment, shop.clock.now());
        assert_eq!(shop.called_back(told.clone()).await, Ok(Handled::Applied));
        assert_eq!(shop.called_back(told).await, Ok(Handled::AlreadyApplied));
        works(&shop, order.id).await;
        assert!(shop.stripe.refunds().is_empty(), "providers refuse until then");
        shop.called_back(shop.stripe.decide_dispute(payment, outcome, shop.clock.now())).await.unwrap();
        sweep_after(&shop, 1).await;
        let now = shop.store.order_now(order.id);
        let lost = outcome == DisputeState::Lost;
        let expected = if lost { (Amount::ZERO, order.totals.total) } else { (order.totals.total, Amount::ZERO) };
        assert_eq!((shop.stripe.refunded(order.id), now.ledger.lost()), expected);
        assert_eq!(now.ledger.status(), PaymentStatus::Refunded);
    }
}

#[tokio::test]
async fn m16_a_disputed_order_does_not_go_on_until_the_bank_has_decided() {
    let shop = Shop::open();
    let order = shop.a_paid_order(1).await;
    let payment = order.ledger.payments[0].id;
    shop.called_back(shop.stripe.dispute(payment, shop.clock.now())).await.unwrap();
    let held = shop.store.order_now(order.id);
    assert_eq!((held.holds[0].reason, held.ledger.disputes.len()), (HoldReason::Dispute, 1));
    shop.event(order.id, "order.dispute_opened").await;
    shop.called_back(shop.stripe.decide_dispute(payment, DisputeState::Lost, shop.clock.now())).await.unwrap();
    let lost = shop.store.order_now(order.id);
    assert_eq!((lost.status, lost.ledger.lost()), (Status::Cancelled, order.totals.total));
    assert_eq!(shop.mugs(), (50, 0), "its units can be sold again");
}

fn by_hand(shop: &Shop) -> RefundOrder {
    RefundOrder::new(Arc::new(shop.store.clone()), Arc::new(shop.clock.clone()))
}

fn part(order: &Order, quantity: u32, unshipped: Unshipped) -> Ask<refund_order::Request> {
    let line_id = order.id.line(1).to_string();
    let part = refund_order::Request {
        lines: vec![oms_app::ordering::units::Units { line_id, quantity }],
        unshipped,
        shipping: None,
        goodwill: None,
        reason: "broken".into(),
    };
    Ask::of(order.id, part).from(admin()).under("part", "part")
}

#[tokio::test]
async fn m4_refunded_units_are_on_sale_again_and_the_last_one_ends_the_order() {
    let shop = Shop::open();
    let order = shop.a_paid_order(2).await;
    let refund_order = by_hand(&shop);
    refund_order.ask(part(&order, 1, Unshipped::Restock)).await.unwrap();
    assert_eq!(shop.mugs(), (49, 1));
    let last = refund_order.ask(part(&order, 1, Unshipped::Damaged).under("last", "last")).await.unwrap();
    assert_eq!(last.refund.reason, RefundReason::Partial, "the refund that was asked for is the answer");
    assert_eq!((last.order.status, shop.mugs()), (Status::Cancelled, (49, 0)));
    for event in shop.events(order.id).await {
        shop.refund.run(&event).await.unwrap();
    }
    assert_eq!(given_back(&shop, order.id), (order.totals.total, order.totals.total));
}

#[tokio::test]
async fn m15_six_at_once_without_a_key_open_one_page() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let answers = join_all((0..6).map(|_| shop.pay.ask(a_payment(order.id)))).await;
    let pages: Vec<_> = answers.into_iter().map(|answer| answer.unwrap().payment_id).collect();
    assert!(pages.iter().all(|page| *page == pages[0]), "{pages:?}");
    assert_eq!((shop.stripe.sessions().len(), shop.store.order_now(order.id).ledger.payments.len()), (1, 1));
}

#[tokio::test]
async fn m2_what_is_pending_at_the_provider_is_waited_for() {
    let shop = Shop::open();
    let order = a_cancelled_order(&shop).await;
    shop.stripe.next_refund_is(RefundState::Pending);
    works(&shop, order.id).await;
    works(&shop, order.id).await;
    assert_eq!(shop.stripe.refunds().len(), 1);
    let rest = Money::new(order.totals.total, order.currency);
    assert_eq!(shop.stripe.refunds()[0].money, rest);
    shop.stripe.finish_refund(shop.store.order_now(order.id).ledger.refunds[0].key());
    sweep_after(&shop, 6 * 60).await;
    assert_eq!(given_back(&shop, order.id), (order.totals.total, order.totals.total));
}

#[tokio::test]
async fn p2_nobody_is_asked_for_money_that_is_under_way() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let payment = shop.pay(order.id).await.unwrap().payment_id;
    shop.called_back(shop.stripe.processing(payment, shop.clock.now())).await.unwrap();
    let refused = shop.pay(order.id).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::PaymentUnderWay { .. }))), "{refused:?}");
}
