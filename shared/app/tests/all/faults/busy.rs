//! A provider that answers 429 is left alone for the pause that it names, and then everything goes on.

use std::sync::Arc;

use jiff::SignedDuration;
use oms_app::Error;
use oms_app::payments::breaker::{Breaker, MAX_BUSY_SECONDS};
use oms_app::payments::gateways::Gateways;
use oms_app::payments::open_page::OpenPage;
use oms_app::payments::pay_order::PayOrder;
use oms_app::payments::payment_callback::{self, PaymentCallback};
use oms_app::payments::refund::Refund;
use oms_app::platform::sweep::{Sweep, Swept};
use oms_app::ports::Clock as _;
use oms_domain::ordering::Status;
use oms_testkit::builders::customer;
use oms_testkit::memory::GatewayFault;

use crate::shop::{Asked as _, REQUEST, Shop, TRIES, a_cancellation, a_cart, a_payment};

/// A pause of a minute and a half.
const PAUSE: GatewayFault = GatewayFault::BusyFor(90);

/// One process, which asks the shop's providers behind their circuits.
struct Process {
    pay: PayOrder,
    callback: PaymentCallback,
    refund: Refund,
    open_page: OpenPage,
    sweep: Sweep,
}

impl Process {
    fn of(shop: &Shop) -> Self {
        let (store, clock) = (Arc::new(shop.store.clone()), Arc::new(shop.clock.clone()));
        let breaker = Arc::new(Breaker::new(store.clone(), clock.clone()));
        let gateways = Gateways::guarded(vec![Arc::new(shop.stripe.clone())], &breaker);
        Process {
            pay: PayOrder::new(store.clone(), store.clone(), gateways.clone(), clock.clone()),
            callback: PaymentCallback::new(store.clone(), store.clone(), gateways.clone(), clock.clone()),
            refund: Refund::new(store.clone(), store.clone(), gateways.clone(), clock.clone()),
            open_page: OpenPage::new(store.clone(), store.clone(), gateways.clone(), clock.clone(), TRIES),
            sweep: Sweep::new(store.clone(), store, gateways, clock),
        }
    }

    async fn swept_after(&self, shop: &Shop, seconds: i64) -> Swept {
        shop.clock.advance(SignedDuration::from_secs(seconds));
        self.sweep.run(REQUEST).await.unwrap()
    }
}

#[tokio::test]
async fn l6_whoever_pays_is_told_the_pause_and_nobody_is_asked_meanwhile() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await.id;
    let process = Process::of(&shop);
    shop.stripe.fail_next(PAUSE);
    let pause = async |process: &Process| match process.pay.ask(a_payment(order)).await {
        Err(Error::ProviderDown { retry_after_seconds, recorded: true, .. }) => retry_after_seconds,
        other => panic!("{other:?}"),
    };
    assert_eq!(pause(&process).await, Some(90));
    let asked = shop.stripe.asked();
    shop.clock.advance(SignedDuration::from_secs(30));
    assert_eq!(pause(&process).await, Some(60), "what is left of it");
    shop.clock.advance(SignedDuration::from_millis(59_500));
    assert_eq!(pause(&process).await, Some(1));
    assert_eq!(shop.stripe.asked(), asked);
    shop.clock.advance(SignedDuration::from_millis(500));
    process.pay.ask(a_payment(order)).await.unwrap();
}

#[tokio::test]
async fn l6_other_processes_ask_for_themselves() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await.id;
    shop.stripe.fail_next(PAUSE);
    assert!(Process::of(&shop).pay.ask(a_payment(order)).await.is_err());
    Process::of(&shop).pay.ask(a_payment(order)).await.unwrap();
}

#[tokio::test]
async fn l6_no_pause_is_longer_than_the_time_between_two_tries() {
    for seconds in [0, 1, 100_000, u64::MAX] {
        let shop = Shop::open();
        let order = shop.a_pending_order(1).await.id;
        let process = Process::of(&shop);
        shop.stripe.fail_next(GatewayFault::BusyFor(seconds));
        let Err(Error::ProviderDown { retry_after_seconds: Some(pause), .. }) = process.pay.ask(a_payment(order)).await
        else {
            panic!("it was busy")
        };
        assert!((1..=MAX_BUSY_SECONDS).contains(&pause), "{pause}");
        assert!(pause < 300);
        shop.clock.advance(SignedDuration::from_secs(pause.try_into().unwrap()));
        process.pay.ask(a_payment(order)).await.unwrap();
    }
}

#[tokio::test]
async fn l6_a_page_that_waits_for_a_busy_provider_is_opened_by_the_next_try() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await.id;
    let process = Process::of(&shop);
    shop.stripe.fail_next(PAUSE);
    assert!(process.pay.ask(a_payment(order)).await.is_err());
    let event = shop.event(order, "order.payment_requested").await;
    shop.clock.advance(SignedDuration::from_secs(30));
    let asked = shop.stripe.asked();
    assert!(process.open_page.run(&event, 1).await.unwrap_err().is_transient());
    assert_eq!(shop.stripe.asked(), asked);
    shop.clock.advance_minutes(5);
    process.open_page.run(&event, 2).await.unwrap();
    assert_eq!(shop.stripe.sessions().len(), 1);
}

#[tokio::test]
async fn l6_pages_of_a_busy_provider_are_looked_at_when_its_pause_is_over() {
    let shop = Shop::selling([oms_testkit::builders::a_product(1).build()]);
    for name in ["ada", "bob", "cleo"] {
        let cart = a_cart([(1, 1)]).from(customer(name));
        let order = shop.create(cart).await.unwrap().order.id;
        let page = shop.pay.ask(a_payment(order).from(customer(name))).await.unwrap().payment_id;
        shop.stripe.pay_silently(page);
    }
    let process = Process::of(&shop);
    shop.clock.advance_minutes(10);
    shop.stripe.fail_next(PAUSE);
    let asked = shop.stripe.asked();
    assert_eq!(process.swept_after(&shop, 0).await, Swept { looked: 3, ..Swept::default() });
    assert_eq!(shop.stripe.asked(), asked + 1, "the others are not asked for");
    assert_eq!(process.swept_after(&shop, 60).await, Swept::default(), "not before the pause is over");
    assert_eq!(process.swept_after(&shop, 60).await.looked, 3, "and not ten minutes later either");
    assert!(shop.store.all_orders().iter().all(|order| order.status == Status::Confirmed));
}

#[tokio::test]
async fn l6_a_capture_that_meets_a_busy_provider_is_made_after_the_pause() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await.id;
    let page = shop.pay(order).await.unwrap().payment_id;
    let (headers, body) = shop.stripe.approve(page, shop.clock.now());
    let process = Process::of(&shop);
    shop.stripe.fail_next(PAUSE);
    let correlation_id = REQUEST.to_owned();
    let told = payment_callback::Request { provider: "stripe".into(), headers, body, correlation_id };
    let answer = process.callback.run(&told).await;
    assert!(matches!(answer, Err(Error::ProviderBusy { retry_after_seconds: 90, .. })), "{answer:?}");
    // The sweep sees the approval, and it is busy again when the money is to be taken.
    let process = Process::of(&shop);
    shop.clock.advance_minutes(10);
    shop.stripe.fail_next(GatewayFault::Nothing);
    shop.stripe.fail_next(PAUSE);
    assert_eq!(process.swept_after(&shop, 0).await, Swept { looked: 1, ..Swept::default() });
    assert_eq!(shop.store.order_now(order).status, Status::Pending);
    assert_eq!(process.swept_after(&shop, 120).await.looked, 1);
    assert_eq!(shop.store.order_now(order).status, Status::Confirmed);
}

#[tokio::test]
async fn l6_a_refund_that_meets_a_busy_provider_is_made_after_the_pause() {
    let shop = Shop::open();
    let order = shop.a_paid_order(1).await;
    shop.cancel.ask(a_cancellation(order.id)).await.unwrap();
    let process = Process::of(&shop);
    let event = shop.event(order.id, "order.refund_initiated").await;
    shop.stripe.fail_next(PAUSE);
    assert!(process.refund.run(&event).await.unwrap_err().is_transient(), "its queue brings it again");
    // That is lost, and the sweep meets a busy provider, too.
    shop.clock.advance_minutes(60);
    shop.stripe.fail_next(PAUSE);
    assert_eq!(process.swept_after(&shop, 0).await.looked, 1);
    assert_eq!(process.swept_after(&shop, 60).await, Swept::default());
    assert_eq!(process.swept_after(&shop, 60).await.looked, 1);
    assert_eq!(shop.stripe.refunded(order.id), order.totals.total);
}
