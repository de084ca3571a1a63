//! What passes between us and a provider beside the usual way: pages that wait, news that comes early or never, money
//! that is captured late, refunds that fail, outages.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::{SignedDuration, Timestamp};
use oms_app::Error;
use oms_app::payments::breaker::{Breaker, MAX_FAILURES, Offer};
use oms_app::payments::gateways::Gateways;
use oms_app::payments::open_page;
use oms_app::payments::pay_order::PayOrder;
use oms_app::payments::payment_callback::Handled;
use oms_app::platform::sweep::{Sweep, Swept};
use oms_app::ports::{Clock, FollowUp, FollowUps as _, RefundState};
use oms_domain::money::{Amount, Money};
use oms_domain::ordering::Status;
use oms_domain::payments::{AttemptState, PaymentStatus, RefundReason};
use oms_testkit::ManualClock;
use oms_testkit::builders::{cents, customer};
use oms_testkit::memory::{FakeGateway, GatewayFault};

use crate::shop::{Asked as _, REQUEST, Shop, TRIES, a_payment};

async fn sweep_after(shop: &Shop, minutes: i64) -> Swept {
    shop.clock.advance_minutes(minutes);
    shop.sweep.run(REQUEST).await.unwrap()
}

#[tokio::test]
async fn a_page_that_is_open_is_told_again_without_asking_the_provider() {
    // E1
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let request = || a_payment(order.id).with(|wanted| wanted.return_url = Some("https://shop.example/back".into()));
    let first = shop.pay.ask(request()).await.unwrap();
    let asked = shop.stripe.asked();
    assert_eq!(shop.pay(order.id).await.unwrap(), first);
    assert_eq!(shop.stripe.asked(), asked);
}

#[tokio::test]
async fn whoever_asks_again_asks_for_the_same_page() {
    // A provider refuses another request under the same idempotency key.
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    shop.stripe.fail_next(GatewayFault::Unavailable);
    let back = Some("https://shop.example/back".to_owned());
    let first = a_payment(order.id).with(|wanted| wanted.return_url.clone_from(&back));
    assert!(shop.pay.ask(first).await.is_err());
    shop.pay(order.id).await.unwrap();
    assert_eq!(shop.stripe.sessions()[0].return_url, back);
}

#[tokio::test]
async fn a_refused_attempt_has_failed_and_nobody_repeats_it() {
    // E3, ORD-2001
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    shop.stripe.fail_next(GatewayFault::Refused);
    assert!(matches!(shop.pay(order.id).await, Err(Error::PaymentRefused(_))));
    assert_eq!(shop.store.order_now(order.id).ledger.status(), PaymentStatus::Failed);
    let event = shop.event(order.id, "order.payment_requested").await;
    let asked = shop.stripe.asked();
    shop.open_page.run(&event, 1).await.unwrap();
    assert_eq!(shop.stripe.asked(), asked);
}

#[tokio::test]
async fn a_page_that_could_not_be_opened_is_opened_later_and_told_once() {
    // L6
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    shop.stripe.fail_next(GatewayFault::Unavailable);
    assert!(matches!(shop.pay(order.id).await, Err(Error::ProviderDown { recorded: true, .. })));
    let event = shop.event(order.id, "order.payment_requested").await;
    shop.stripe.fail_next(GatewayFault::Unavailable);
    assert!(shop.open_page.run(&event, 1).await.unwrap_err().is_transient());
    for delivery in 2..=3 {
        shop.open_page.run(&event, delivery).await.unwrap();
    }
    let events = shop.events(order.id).await;
    let told = events.iter().filter(|event| event.data.fact.name() == "order.payment_page_opened").count();
    assert_eq!((told, shop.stripe.sessions().len()), (1, 1));
    let opened = shop.pay(order.id).await.unwrap();
    let paid = shop.stripe.pay(opened.payment_id, shop.clock.now());
    assert_eq!(shop.called_back(paid).await, Ok(Handled::Applied));
}

#[tokio::test]
async fn a_page_that_is_open_or_unwanted_needs_no_worker() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    shop.pay(order.id).await.unwrap();
    let event = shop.event(order.id, "order.payment_requested").await;
    let asked = shop.stripe.asked();
    shop.open_page.run(&event, 1).await.unwrap();
    let other = shop.a_pending_order(2).await;
    shop.stripe.fail_next(GatewayFault::Unavailable);
    assert!(shop.pay(other.id).await.is_err());
    shop.cancelled(customer("ada"), other.id).await.unwrap();
    let event = shop.event(other.id, "order.payment_requested").await;
    shop.open_page.run(&event, 1).await.unwrap();
    assert_eq!(shop.stripe.asked(), asked + 1);
}

#[tokio::test]
async fn after_the_last_try_the_attempt_has_failed_and_the_message_still_fails() {
    // L6, ORD-2001
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    for _ in 0..=TRIES {
        shop.stripe.fail_next(GatewayFault::Unavailable);
    }
    assert!(shop.pay(order.id).await.is_err());
    let event = shop.event(order.id, "order.payment_requested").await;
    for delivery in 1..=TRIES {
        assert_eq!(shop.store.order_now(order.id).ledger.status(), PaymentStatus::Requested);
        assert!(shop.open_page.run(&event, delivery).await.is_err());
    }
    let order = shop.store.order_now(order.id);
    assert_eq!((order.status, order.ledger.status()), (Status::Pending, PaymentStatus::Failed));
    shop.event(order.id, "order.payment_failed").await;
    assert!(shop.open_page.run(&event, TRIES + 1).await.is_err(), "it is delivered once more, and still fails");
    assert_eq!(open_page::PROVIDER_UNAVAILABLE, "provider_unavailable");
    shop.open_page.run(&event, 1).await.unwrap();
    let again = shop.pay(order.id).await.unwrap();
    assert_ne!(again.payment_id, order.ledger.payments[0].id, "another attempt");
}

#[tokio::test]
async fn an_approval_is_captured_while_the_order_wants_it() {
    // E2
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let payment = shop.pay(order.id).await.unwrap().payment_id;
    let approved = shop.stripe.approve(payment, shop.clock.now());
    shop.stripe.fail_next(GatewayFault::LostAnswer);
    assert!(shop.called_back(approved.clone()).await.unwrap_err().is_transient());
    assert_eq!(shop.called_back(approved.clone()).await, Ok(Handled::Applied));
    assert_eq!(shop.called_back(approved).await, Ok(Handled::Ignored));
    let order = shop.store.order_now(order.id);
    assert_eq!((order.status, order.ledger.captured()), (Status::Confirmed, order.totals.total));
    assert_eq!(shop.stripe.captured().len(), 1);
}

#[tokio::test]
async fn an_approval_that_comes_too_late_takes_no_money() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let payment = shop.pay(order.id).await.unwrap().payment_id;
    shop.cancelled(customer("ada"), order.id).await.unwrap();
    let approved = shop.stripe.approve(payment, shop.clock.now());
    assert_eq!(shop.called_back(approved).await, Ok(Handled::Ignored));
    assert!(shop.stripe.captured().is_empty());
}

#[tokio::test]
async fn news_that_comes_before_its_payment_waits_for_it() {
    // E5
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let other = FakeGateway::new("stripe");
    let attempt = oms_domain::ids::PaymentId::of_attempt(order.id, 0);
    let session = oms_app::ports::SessionRequest {
        order_id: order.id,
        payment_id: attempt,
        money: order.total(),
        return_url: None,
        requested_at: shop.clock.now(),
        expires_at: shop.clock.now(),
        keep_for: None,
    };
    oms_app::ports::PaymentGateway::open(&other, &session).await.unwrap();
    let early = other.pay(attempt, shop.clock.now());
    assert_eq!(shop.called_back(early.clone()).await, Ok(Handled::Unmatched));
    assert_eq!(shop.called_back(early).await, Ok(Handled::Unmatched));
    assert_eq!(sweep_after(&shop, 1).await.looked, 1);
    assert_eq!(shop.store.order_now(order.id).status, Status::Pending);
    shop.pay(order.id).await.unwrap();
    assert_eq!(sweep_after(&shop, 2).await.looked, 1);
    assert_eq!(shop.store.order_now(order.id).status, Status::Confirmed);
    assert_eq!(sweep_after(&shop, 600).await, Swept::default());
}

#[tokio::test]
async fn parked_news_is_looked_at_less_and_less_and_given_up_after_a_week() {
    let shop = Shop::open();
    let order = shop.a_paid_order(1).await;
    let unknown = oms_domain::ids::RefundId::of_sequence(order.id, 7);
    let news = shop.stripe.refund_webhook(order.id, unknown, shop.clock.now());
    assert_eq!(shop.called_back(news).await, Ok(Handled::Unmatched));
    let mut looks = 0;
    for _ in 0..(8 * 24 * 60 / 10) {
        looks += sweep_after(&shop, 10).await.looked;
    }
    assert!((30..60).contains(&looks), "{looks}");
    assert_eq!(sweep_after(&shop, 24 * 60).await, Swept::default());
}

#[tokio::test]
async fn a_page_of_which_nobody_tells_is_asked_about() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let payment = shop.pay(order.id).await.unwrap().payment_id;
    assert_eq!(sweep_after(&shop, 9).await, Swept::default());
    assert_eq!(sweep_after(&shop, 1).await.looked, 1);
    assert_eq!(shop.store.order_now(order.id).status, Status::Pending);
    shop.stripe.pay_silently(payment);
    assert_eq!(sweep_after(&shop, 9).await, Swept::default());
    assert_eq!(sweep_after(&shop, 1).await.looked, 1);
    assert_eq!(shop.store.order_now(order.id).status, Status::Confirmed);
    assert_eq!(sweep_after(&shop, 600).await, Swept::default(), "settled");
}

#[tokio::test]
async fn an_approval_of_which_nobody_tells_is_captured() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let payment = shop.pay(order.id).await.unwrap().payment_id;
    shop.stripe.approve(payment, shop.clock.now());
    sweep_after(&shop, 10).await;
    assert_eq!(shop.store.order_now(order.id).status, Status::Confirmed);
}

#[tokio::test]
async fn a_page_is_closed_when_the_order_s_time_is_over() {
    // D3
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let payment = shop.pay(order.id).await.unwrap().payment_id;
    let swept = sweep_after(&shop, 30).await;
    assert_eq!((swept.expired, swept.looked), (1, 1));
    assert_eq!(shop.store.order_now(order.id).status, Status::Cancelled);
    assert_eq!(shop.stripe.closed(), [payment]);
    assert_eq!(sweep_after(&shop, 600).await, Swept::default());
}

/// Stands still, and jumps by a second after it was read so many times.
struct Jumping {
    clock: ManualClock,
    after: AtomicUsize,
}

impl Clock for Jumping {
    fn now(&self) -> Timestamp {
        let now = self.clock.now();
        if self.after.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)) == Ok(1) {
            self.clock.advance(SignedDuration::from_secs(1));
        }
        now
    }
}

#[tokio::test]
async fn a_page_is_closed_even_if_the_order_s_time_ends_while_it_is_looked_at() {
    // The simulator's seed 250301: the page was looked up, its order's time ended, and it stayed open for an hour.
    for after in 1..10 {
        let shop = Shop::open();
        let order = shop.a_pending_order(1).await;
        let payment = shop.pay(order.id).await.unwrap().payment_id;
        // Looked at when half of the time is over, and again by a sweep that begins just before its end.
        sweep_after(&shop, 20).await;
        shop.clock.set(order.reservation_expires_at.unwrap() - SignedDuration::from_millis(500));
        let (orders, clock) = (Arc::new(shop.store.clone()), shop.clock.clone());
        let gateways = Gateways::new(vec![Arc::new(shop.stripe.clone())]);
        let jumping = Arc::new(Jumping { clock, after: AtomicUsize::new(after) });
        orders.reschedule(&FollowUp::Checkout(order.id, payment), Some(shop.clock.now())).await.unwrap();
        Sweep::new(orders.clone(), orders, gateways, jumping).run(REQUEST).await.unwrap();
        sweep_after(&shop, 1).await;
        assert_eq!(shop.stripe.closed(), [payment], "the time was over after the clock was read {after} times");
    }
}

#[tokio::test]
async fn what_was_paid_in_the_last_minute_is_kept() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let payment = shop.pay(order.id).await.unwrap().payment_id;
    shop.stripe.pay_silently(payment);
    let swept = sweep_after(&shop, 30).await;
    assert_eq!((swept.expired, shop.store.order_now(order.id).status), (0, Status::Confirmed));
}

#[tokio::test]
async fn a_page_that_cannot_be_looked_at_is_followed_for_a_day() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    shop.pay(order.id).await.unwrap();
    for _ in 0..200 {
        shop.stripe.fail_next(GatewayFault::Unavailable);
    }
    let mut looks = 0;
    for _ in 0..(26 * 6) {
        looks += sweep_after(&shop, 10).await.looked;
    }
    assert!((140..=146).contains(&looks), "{looks}");
    assert_eq!(shop.store.order_now(order.id).status, Status::Cancelled);
}

/// Ada has paid and cancelled; runs the refund once.
async fn a_refund_that_is(shop: &Shop, state: RefundState) -> oms_domain::ids::OrderId {
    let order = shop.a_paid_order(1).await;
    shop.cancelled(customer("ada"), order.id).await.unwrap();
    let event = shop.event(order.id, "order.refund_initiated").await;
    shop.stripe.next_refund_is(state);
    shop.refund.run(&event).await.unwrap();
    order.id
}

#[tokio::test]
async fn a_refund_that_stays_pending_is_looked_up() {
    // D6
    let shop = Shop::open();
    let id = a_refund_that_is(&shop, RefundState::Pending).await;
    sweep_after(&shop, 6 * 60).await;
    let refund = shop.store.order_now(id).ledger.refunds[0].clone();
    assert!(!refund.completed);
    shop.stripe.finish_refund(refund.key());
    sweep_after(&shop, 6 * 60).await;
    assert_eq!(shop.store.order_now(id).ledger.status(), PaymentStatus::Refunded);
    assert_eq!(sweep_after(&shop, 7 * 60).await, Swept::default());
}

#[tokio::test]
async fn a_refund_that_fails_stays_open_and_is_asked_for_again_under_a_new_key() {
    let shop = Shop::open();
    let id = a_refund_that_is(&shop, RefundState::Failed("no_funds".into())).await;
    let order = shop.store.order_now(id);
    assert_eq!((order.ledger.refunds[0].failures, order.ledger.status()), (1, PaymentStatus::RefundPending));
    let failed = shop.event(id, "order.refund_failed").await;
    shop.refund.run(&failed).await.unwrap();
    let keys: Vec<_> = shop.stripe.refunds().iter().map(|refund| refund.refund_id).collect();
    assert_eq!(keys.len(), 2);
    assert_eq!(shop.store.order_now(id).ledger.status(), PaymentStatus::Refunded);
    // Old news of the first try changes nothing.
    let old = shop.stripe.refund_failed_webhook(id, order.ledger.refunds[0].id, shop.clock.now());
    assert_eq!(shop.called_back(old).await, Ok(Handled::AlreadyApplied));
    assert_eq!(shop.store.order_now(id).ledger.status(), PaymentStatus::Refunded);
}

#[tokio::test]
async fn a_refund_that_fails_again_and_again_is_left_to_a_person() {
    let shop = Shop::open();
    let id = a_refund_that_is(&shop, RefundState::Failed("no_funds".into())).await;
    for _ in 0..2 {
        shop.stripe.next_refund_is(RefundState::Failed("no_funds".into()));
        let failed = shop.event(id, "order.refund_failed").await;
        shop.refund.run(&failed).await.unwrap();
    }
    let failed = shop.event(id, "order.refund_failed").await;
    assert!(matches!(shop.refund.run(&failed).await, Err(Error::Internal(_))));
    // Who makes it by hand at the provider completes it.
    let order = shop.store.order_now(id);
    let by_hand = shop.stripe.refund_by_hand(order.ledger.payments[0].id, order.total(), shop.clock.now());
    assert_eq!(shop.called_back(by_hand).await, Ok(Handled::Applied));
    let order = shop.store.order_now(id);
    assert_eq!((order.ledger.refunds.len(), order.ledger.status()), (1, PaymentStatus::Refunded));
    shop.refund.run(&failed).await.unwrap();
}

#[tokio::test]
async fn a_refund_that_was_done_and_fails_after_all_is_open_again() {
    let shop = Shop::open();
    let id = a_refund_that_is(&shop, RefundState::Done).await;
    let key = shop.store.order_now(id).ledger.refunds[0].key();
    let failed = shop.stripe.refund_failed_webhook(id, key, shop.clock.now());
    assert_eq!(shop.called_back(failed.clone()).await, Ok(Handled::Applied));
    assert_eq!(shop.store.order_now(id).ledger.status(), PaymentStatus::RefundPending);
    assert_eq!(shop.called_back(failed).await, Ok(Handled::AlreadyApplied));
}

#[tokio::test]
async fn money_given_back_by_hand_is_written_down_once() {
    // E4: our ledger is the provider's.
    let shop = Shop::open();
    let order = shop.a_paid_order(2).await;
    let payment = order.ledger.payments[0].id;
    let told = shop.stripe.refund_by_hand(payment, cents(500), shop.clock.now());
    assert_eq!(shop.called_back(told.clone()).await, Ok(Handled::Applied));
    assert_eq!(shop.called_back(told).await, Ok(Handled::AlreadyApplied));
    let order = shop.store.order_now(order.id);
    assert_eq!(order.ledger.refunds[0].reason, RefundReason::AtProvider);
    assert_eq!((order.ledger.refunded(), order.status), (Amount::from_minor(500), Status::Confirmed));
    // What is left goes back when the order is cancelled.
    shop.cancelled(customer("ada"), order.id).await.unwrap();
    let event = shop.event(order.id, "order.refund_initiated").await;
    shop.refund.run(&event).await.unwrap();
    let rest = Money::new(order.totals.total - Amount::from_minor(500), order.currency);
    assert_eq!(shop.stripe.refunds()[0].money, rest);
}

/// The shop's providers behind their circuits; another process of the same shop each time.
fn guarded(shop: &Shop) -> (PayOrder, Offer) {
    let (store, clock) = (Arc::new(shop.store.clone()), Arc::new(shop.clock.clone()));
    let breaker = Arc::new(Breaker::new(store.clone(), clock.clone()));
    let gateways =
        Gateways::guarded(vec![Arc::new(shop.stripe.clone()), Arc::new(FakeGateway::new("paypal"))], &breaker);
    (PayOrder::new(store.clone(), store, gateways.clone(), clock), gateways.offer().clone())
}

async fn outage(shop: &Shop, pay: &PayOrder, order: oms_domain::ids::OrderId) {
    for _ in 0..MAX_FAILURES {
        shop.stripe.fail_next(GatewayFault::Unavailable);
        assert!(matches!(pay.ask(a_payment(order)).await, Err(Error::ProviderDown { recorded: true, .. })));
    }
}

#[tokio::test]
async fn a_provider_that_stays_away_is_not_asked_and_the_others_are_named() {
    // L6
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let (pay, offer) = guarded(&shop);
    let (other, elsewhere) = guarded(&shop);
    assert_eq!(offer.present().await, ["stripe", "paypal"]);
    outage(&shop, &pay, order.id).await;
    let asked = shop.stripe.asked();
    let keyed = a_payment(order.id).under("new", "body");
    let Err(Error::ProviderDown { others, recorded: false, .. }) = pay.ask(keyed.clone()).await else {
        panic!("was not refused")
    };
    assert_eq!(others, ["paypal"]);
    assert_eq!(offer.present().await, ["paypal"]);
    shop.clock.advance(jiff::SignedDuration::from_secs(2));
    assert!(matches!(other.ask(keyed).await, Err(Error::ProviderDown { recorded: false, .. })), "in all processes");
    assert_eq!(elsewhere.present().await, ["paypal"]);
    assert_eq!(shop.stripe.asked(), asked);
    assert_eq!(shop.store.order_now(order.id).ledger.payments.len(), 1);
    // The other provider is not concerned.
    pay.ask(a_payment(order.id).with(|wanted| wanted.provider = "paypal".into())).await.unwrap();
}

#[tokio::test]
async fn one_caller_probes_and_an_answer_closes_the_circuit() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let (pay, offer) = guarded(&shop);
    outage(&shop, &pay, order.id).await;
    // The first probe fails, and the pause doubles.
    shop.clock.advance(jiff::SignedDuration::from_secs(60));
    assert_eq!(offer.present().await, ["stripe", "paypal"]);
    shop.stripe.fail_next(GatewayFault::Unavailable);
    assert!(pay.ask(a_payment(order.id)).await.is_err());
    shop.clock.advance(jiff::SignedDuration::from_secs(119));
    assert_eq!(offer.present().await, ["paypal"]);
    shop.clock.advance(jiff::SignedDuration::from_secs(1));
    // The second is answered, with a refusal: that is an answer, too.
    shop.stripe.fail_next(GatewayFault::Refused);
    assert!(matches!(pay.ask(a_payment(order.id)).await, Err(Error::PaymentRefused(_))));
    assert_eq!(offer.present().await, ["stripe", "paypal"]);
    let opened = pay.ask(a_payment(order.id)).await.unwrap();
    let order = shop.store.order_now(order.id);
    assert_eq!(order.ledger.payment(opened.payment_id).unwrap().state, AttemptState::Requested);
}

#[tokio::test]
async fn a_provider_that_is_back_is_asked_within_the_time_between_two_tries() {
    // L6; the simulator's seed 352020
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let (pay, offer) = guarded(&shop);
    outage(&shop, &pay, order.id).await;
    // However long it stays away: whoever comes five minutes after the last failure may ask.
    for _ in 0..4 {
        shop.clock.advance_minutes(5);
        assert_eq!(offer.present().await, ["stripe", "paypal"]);
        shop.stripe.fail_next(GatewayFault::Unavailable);
        assert!(matches!(pay.ask(a_payment(order.id)).await, Err(Error::ProviderDown { recorded: true, .. })));
    }
    shop.clock.advance_minutes(5);
    pay.ask(a_payment(order.id)).await.unwrap();
}

#[tokio::test]
async fn a_store_that_cannot_tell_leaves_the_circuit_closed() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let (_, offer) = guarded(&shop);
    shop.store.fail_next(oms_testkit::Fault::Unavailable);
    assert_eq!(offer.present().await, ["stripe", "paypal"]);
    let (pay, _) = guarded(&shop);
    pay.ask(a_payment(order.id)).await.unwrap();
}
