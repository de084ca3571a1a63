//! Killed at every await, one after the other: whoever comes again finishes it, with one charge and one refund.

use std::sync::Arc;

use oms_app::Error;
use oms_app::execute::WritePath;
use oms_app::intent::Intent;
use oms_app::ordering::cancel_order::CancelOrder;
use oms_app::ordering::change_order::{self, Answer, ChangeOrder};
use oms_app::ordering::units::Units;
use oms_app::payments::gateways::Gateways;
use oms_app::payments::open_page::OpenPage;
use oms_app::payments::pay_order::{self, PayOrder};
use oms_app::payments::payment_callback::{self, PaymentCallback};
use oms_app::payments::refund::Refund;
use oms_app::platform::sweep::Sweep;
use oms_app::ports::{Clock as _, FollowUps, Orders, PaymentGateway};
use oms_domain::ids::OrderId;
use oms_domain::money::Amount;
use oms_domain::ordering::{Order, Status};
use oms_testkit::fuse::{Fuse, Fused, until_killed};
use oms_testkit::memory::{Delivery, GatewayFault};

use crate::changes::{ada, cents, more, only};
use crate::shop::{Ask, Asked as _, REQUEST, Shop, TRIES, a_cancellation, a_key, a_payment};

/// More awaits than any act here has.
const MAX_STEPS: usize = 100;

/// The use cases of a process that dies.
struct Mortal {
    pay: PayOrder,
    callback: PaymentCallback,
    cancel: CancelOrder,
    change: ChangeOrder,
    refund: Refund,
    sweep: Sweep,
    open_page: OpenPage,
}

impl Mortal {
    fn of(shop: &Shop, steps: usize) -> Self {
        let fuse = Fuse::of(steps);
        let store = Arc::new(shop.store.clone());
        let orders: Arc<dyn Orders> = Fused::new(store.clone() as Arc<dyn Orders>, &fuse);
        let follow_ups: Arc<dyn FollowUps> = Fused::new(store as Arc<dyn FollowUps>, &fuse);
        let gateway: Arc<dyn PaymentGateway> = Arc::new(shop.stripe.clone());
        let gateways = Gateways::new(vec![Fused::new(gateway, &fuse)]);
        let time = Arc::new(shop.clock.clone());
        Mortal {
            pay: PayOrder::new(orders.clone(), follow_ups.clone(), gateways.clone(), time.clone()),
            callback: PaymentCallback::new(orders.clone(), follow_ups.clone(), gateways.clone(), time.clone()),
            cancel: CancelOrder(WritePath::new(orders.clone(), time.clone())),
            change: shop.changing_by(orders.clone(), follow_ups.clone(), gateways.clone()),
            refund: Refund::new(orders.clone(), follow_ups.clone(), gateways.clone(), time.clone()),
            sweep: Sweep::new(orders.clone(), follow_ups.clone(), gateways.clone(), time.clone()),
            open_page: OpenPage::new(orders, follow_ups, gateways, time, TRIES),
        }
    }
}

/// A world before the act, and what the act needs to know of it.
type Before<T> = (Shop, Order, T);

/// Kills the act at every step in a world of its own, and has the rest of the story told after each.
async fn killed_at_every_await<T>(
    world: impl AsyncFn() -> Before<T>,
    act: impl AsyncFn(&Mortal, &Order, &T) -> Result<(), Error>,
    rest: impl AsyncFn(&Shop, &Order, &T),
) {
    for step in 1..MAX_STEPS {
        let (shop, order, given) = world().await;
        let mortal = Mortal::of(&shop, step);
        let ended = until_killed(act(&mortal, &order, &given));
        rest(&shop, &order, &given).await;
        if let Some(result) = ended {
            result.unwrap();
            assert!(step > 2, "nothing was awaited");
            return;
        }
    }
    panic!("the act does not end");
}

fn with_key(id: OrderId) -> Ask<pay_order::Request> {
    a_payment(id).under("pay", "")
}

fn called((headers, body): &Delivery) -> payment_callback::Request {
    let (headers, body, correlation_id) = (headers.clone(), body.clone(), REQUEST.to_owned());
    payment_callback::Request { provider: "stripe".into(), headers, body, correlation_id }
}

fn cancelling(order_id: OrderId) -> Ask<Option<String>> {
    a_cancellation(order_id).under("cancel", "")
}

/// The queue delivers every refund that was initiated, twice.
async fn refunds_are_delivered(shop: &Shop, order: &Order) {
    for event in shop.events(order.id).await {
        shop.refund.run(&event).await.unwrap();
        shop.refund.run(&event).await.unwrap();
    }
}

/// Where the order stands, and what was charged and given back for it, by us and by the provider.
fn books(shop: &Shop, order: &Order) -> (Status, i64, i64) {
    let now = shop.store.order_now(order.id);
    let ours = (now.ledger.captured().minor(), now.ledger.refunded().minor());
    let captured: i64 = shop.stripe.captured().iter().map(|one| one.money.amount.minor()).sum();
    let refunded: i64 = shop.stripe.refunds().iter().map(|one| one.money.amount.minor()).sum();
    assert_eq!(ours, (captured, refunded), "our books and the provider's");
    (now.status, captured, refunded)
}

async fn ordered() -> Before<()> {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    (shop, order, ())
}

/// Ada has paid on the page, and the provider calls.
async fn paid_at_the_provider() -> Before<Delivery> {
    let (shop, order, ()) = ordered().await;
    let opened = shop.pay.ask(with_key(order.id)).await.unwrap();
    let delivery = shop.stripe.pay(opened.payment_id, shop.clock.now());
    (shop, order, delivery)
}

/// The order was cancelled while Ada paid.
async fn paid_too_late() -> Before<Delivery> {
    let (shop, order, delivery) = paid_at_the_provider().await;
    shop.cancel.ask(cancelling(order.id)).await.unwrap();
    (shop, order, delivery)
}

async fn paid_and_cancelled() -> Before<()> {
    let shop = Shop::open();
    let order = shop.a_paid_order(1).await;
    shop.cancel.ask(cancelling(order.id)).await.unwrap();
    (shop, order, ())
}

#[tokio::test]
async fn paying_is_repeated_under_its_key_and_charged_once() {
    let act = async |mortal: &Mortal, order: &Order, (): &()| mortal.pay.ask(with_key(order.id)).await.map(drop);
    killed_at_every_await(ordered, act, async |shop, order, ()| {
        let opened = shop.pay.ask(with_key(order.id)).await.unwrap();
        assert_eq!(shop.stripe.sessions().len(), 1);
        let delivery = shop.stripe.pay(opened.payment_id, shop.clock.now());
        shop.called_back(delivery).await.unwrap();
        let total = order.totals.total.minor();
        assert_eq!(books(shop, order), (Status::Confirmed, total, 0));
    })
    .await;
}

#[tokio::test]
async fn paying_that_nobody_repeats_costs_nothing() {
    let act = async |mortal: &Mortal, order: &Order, (): &()| mortal.pay.ask(with_key(order.id)).await.map(drop);
    killed_at_every_await(ordered, act, async |shop, order, ()| {
        for _ in 0..4 {
            shop.clock.advance_minutes(11);
            shop.sweep.run(REQUEST).await.unwrap();
        }
        assert_eq!((books(shop, order), shop.mugs()), ((Status::Cancelled, 0, 0), (50, 0)));
    })
    .await;
}

#[tokio::test]
async fn a_webhook_comes_again_and_is_applied_once() {
    let act =
        async |mortal: &Mortal, _: &Order, delivery: &Delivery| mortal.callback.run(&called(delivery)).await.map(drop);
    killed_at_every_await(paid_at_the_provider, act, async |shop, order, delivery| {
        shop.called_back(delivery.clone()).await.unwrap();
        assert_eq!(books(shop, order), (Status::Confirmed, order.totals.total.minor(), 0));
        let confirmed = shop.events(order.id).await;
        let told = confirmed.iter().filter(|event| event.data.fact.name() == "order.payment_confirmed").count();
        assert_eq!(told, 1);
    })
    .await;
}

#[tokio::test]
async fn a_webhook_that_never_comes_again_is_read_back() {
    let act =
        async |mortal: &Mortal, _: &Order, delivery: &Delivery| mortal.callback.run(&called(delivery)).await.map(drop);
    killed_at_every_await(paid_at_the_provider, act, async |shop, order, _| {
        shop.clock.advance_minutes(11);
        shop.sweep.run(REQUEST).await.unwrap();
        assert_eq!(books(shop, order), (Status::Confirmed, order.totals.total.minor(), 0));
    })
    .await;
}

#[tokio::test]
async fn a_read_back_is_repeated_by_the_next_sweep() {
    let act = async |mortal: &Mortal, _: &Order, _: &Delivery| mortal.sweep.run(REQUEST).await.map(drop);
    let quiet = async || {
        let before = paid_at_the_provider().await;
        before.0.clock.advance_minutes(11);
        before
    };
    killed_at_every_await(quiet, act, async |shop, order, _| {
        shop.clock.advance_minutes(11);
        shop.sweep.run(REQUEST).await.unwrap();
        assert_eq!(books(shop, order), (Status::Confirmed, order.totals.total.minor(), 0));
    })
    .await;
}

#[tokio::test]
async fn a_late_payment_goes_back_once() {
    let act =
        async |mortal: &Mortal, _: &Order, delivery: &Delivery| mortal.callback.run(&called(delivery)).await.map(drop);
    killed_at_every_await(paid_too_late, act, async |shop, order, delivery| {
        shop.called_back(delivery.clone()).await.unwrap();
        refunds_are_delivered(shop, order).await;
        let total = order.totals.total.minor();
        assert_eq!((books(shop, order), shop.stripe.refunds().len()), ((Status::Cancelled, total, total), 1));
    })
    .await;
}

#[tokio::test]
async fn c9_units_that_are_taken_out_are_refunded_once_whoever_dies() {
    async fn three_mugs() -> Before<()> {
        let shop = Shop::open();
        let order = shop.a_paid_order(3).await;
        (shop, order, ())
    }
    let taking_out = async |cancel: &CancelOrder, order: &Order| {
        let units = Units { line_id: order.id.line(1).to_string(), quantity: 1 };
        cancel.run(order.id, &cancelling(order.id).intent, Some(vec![units]), None).await
    };
    let act = async |mortal: &Mortal, order: &Order, (): &()| {
        taking_out(&mortal.cancel, order).await?;
        Ok(())
    };
    killed_at_every_await(three_mugs, act, async |shop, order, ()| {
        taking_out(&shop.cancel, order).await.unwrap();
        refunds_are_delivered(shop, order).await;
        let unit = order.worth(&order.lines[0]).allocate(&[Amount::from_minor(1), Amount::from_minor(2)])[0].minor();
        assert_eq!(books(shop, order), (Status::Confirmed, order.totals.total.minor(), unit));
        assert_eq!(shop.mugs(), (48, 2));
    })
    .await;
}

/// As somebody who has seen the difference, under a key.
async fn seen(shop: &Shop, order: &Order, request: change_order::Request) -> (Intent, change_order::Request) {
    let difference = shop.previewed(ada(), order.id, &request).await.difference;
    let request = change_order::Request { expected_difference: Some(cents(difference)), ..request };
    (Intent::by(ada(), REQUEST).keyed(a_key("change", "body")), request)
}

type Asking = (Intent, change_order::Request);

/// The same request once more; what it is told.
async fn repeated(shop: &Shop, order: &Order, (intent, request): &Asking) -> change_order::Made {
    match shop.changing().run(order.id, intent, request).await.unwrap() {
        Answer::Made(made) => *made,
        Answer::Preview(preview) => panic!("{preview:?}"),
    }
}

async fn changing(mortal: &Mortal, order: &Order, (intent, request): &Asking) -> Result<(), Error> {
    mortal.change.run(order.id, intent, request).await.map(drop)
}

#[tokio::test]
async fn c5_a_change_of_an_unpaid_order_is_repeated_and_made_once_with_its_page_closed() {
    let with_an_open_page = async || {
        let shop = Shop::open();
        let order = shop.a_pending_order(2).await;
        shop.pay(order.id).await.unwrap();
        let asking = seen(&shop, &order, more(1, 1)).await;
        (shop, order, asking)
    };
    killed_at_every_await(with_an_open_page, changing, async |shop, order, asking| {
        let made = repeated(shop, order, asking).await;
        assert_eq!((made.change, shop.mugs()), (1, (47, 3)));
        let opened = shop.pay(order.id).await.unwrap();
        shop.called_back(shop.stripe.pay(opened.payment_id, shop.clock.now())).await.unwrap();
        let total = (order.totals.total + made.difference).minor();
        assert_eq!(books(shop, order), (Status::Confirmed, total, 0));
    })
    .await;
}

#[tokio::test]
async fn c5_a_change_that_meets_a_paid_page_books_it_once() {
    let paid_on_its_page = async || {
        let shop = Shop::open();
        let order = shop.a_pending_order(2).await;
        let opened = shop.pay(order.id).await.unwrap();
        shop.stripe.pay(opened.payment_id, shop.clock.now());
        let asking = seen(&shop, &order, more(1, 1)).await;
        (shop, order, asking)
    };
    killed_at_every_await(paid_on_its_page, changing, async |shop, order, asking| {
        let made = repeated(shop, order, asking).await;
        assert!(made.offered, "it was paid, so the rest is asked for");
        assert_eq!(books(shop, order), (Status::Confirmed, order.totals.total.minor(), 0));
        assert_eq!(shop.mugs(), (47, 3));
    })
    .await;
}

#[tokio::test]
async fn c5_a_change_that_costs_less_is_repeated_and_refunded_once() {
    let three_mugs = async || {
        let shop = Shop::open();
        let order = shop.a_paid_order(3).await;
        let asking = seen(&shop, &order, only(order.id, 1, 1)).await;
        (shop, order, asking)
    };
    killed_at_every_await(three_mugs, changing, async |shop, order, asking| {
        let made = repeated(shop, order, asking).await;
        refunds_are_delivered(shop, order).await;
        let (total, back) = (order.totals.total.minor(), -made.difference.minor());
        assert_eq!((books(shop, order), shop.stripe.refunds().len()), ((Status::Confirmed, total, back), 1));
        assert_eq!(shop.mugs(), (49, 1));
    })
    .await;
}

#[tokio::test]
async fn c5_the_payment_of_a_difference_makes_its_change_once() {
    let paid_at_the_provider = async || {
        let shop = Shop::open();
        let order = shop.a_paid_order(2).await;
        let asking = seen(&shop, &order, more(1, 1)).await;
        repeated(&shop, &order, &asking).await;
        let opened = shop.pay(order.id).await.unwrap();
        let delivery = shop.stripe.pay(opened.payment_id, shop.clock.now());
        (shop, order, (delivery, opened.money.amount))
    };
    let act = async |mortal: &Mortal, _: &Order, (delivery, _): &(Delivery, Amount)| {
        mortal.callback.run(&called(delivery)).await.map(drop)
    };
    killed_at_every_await(paid_at_the_provider, act, async |shop, order, (delivery, due)| {
        shop.called_back(delivery.clone()).await.unwrap();
        let total = (order.totals.total + *due).minor();
        assert_eq!((books(shop, order), shop.mugs()), ((Status::Confirmed, total, 0), (47, 3)));
        let now = shop.store.order_now(order.id);
        assert_eq!((now.offer, now.totals.total.minor()), (None, total));
    })
    .await;
}

#[tokio::test]
async fn c5_an_offer_that_is_withdrawn_is_gone_once_whoever_dies() {
    let offered = async || {
        let shop = Shop::open();
        let order = shop.a_paid_order(2).await;
        let asking = seen(&shop, &order, more(1, 1)).await;
        repeated(&shop, &order, &asking).await;
        shop.pay(order.id).await.unwrap();
        (shop, order, Intent::by(ada(), REQUEST).keyed(a_key("withdraw", "")))
    };
    let act = async |mortal: &Mortal, order: &Order, intent: &Intent| {
        mortal.change.withdraw(order.id, intent, 1).await.map(drop)
    };
    killed_at_every_await(offered, act, async |shop, order, intent| {
        shop.changing().withdraw(order.id, intent, 1).await.unwrap();
        assert_eq!(books(shop, order), (Status::Confirmed, order.totals.total.minor(), 0));
        assert_eq!((shop.store.order_now(order.id).offer, shop.mugs()), (None, (48, 2)));
    })
    .await;
}

#[tokio::test]
async fn a_cancellation_is_repeated_and_refunded_once() {
    let paid = async || {
        let shop = Shop::open();
        let order = shop.a_paid_order(1).await;
        (shop, order, ())
    };
    let act = async |mortal: &Mortal, order: &Order, (): &()| mortal.cancel.ask(cancelling(order.id)).await.map(drop);
    killed_at_every_await(paid, act, async |shop, order, ()| {
        shop.cancel.ask(cancelling(order.id)).await.unwrap();
        refunds_are_delivered(shop, order).await;
        let total = order.totals.total.minor();
        assert_eq!((books(shop, order), shop.stripe.refunds().len()), ((Status::Cancelled, total, total), 1));
        assert_eq!(shop.mugs(), (50, 0));
    })
    .await;
}

#[tokio::test]
async fn a_refund_is_delivered_again_and_made_once() {
    let act = async |mortal: &Mortal, order: &Order, initiated: &oms_domain::public_event::CloudEvent| {
        assert_eq!(initiated.subject, order.id);
        mortal.refund.run(initiated).await
    };
    let world = async || {
        let (shop, order, ()) = paid_and_cancelled().await;
        let initiated = shop.event(order.id, "order.refund_initiated").await;
        (shop, order, initiated)
    };
    killed_at_every_await(world, act, async |shop, order, _| {
        refunds_are_delivered(shop, order).await;
        let total = order.totals.total.minor();
        assert_eq!((books(shop, order), shop.stripe.refunds().len()), ((Status::Cancelled, total, total), 1));
    })
    .await;
}

#[tokio::test]
async fn a_page_that_the_queue_opens_is_one_page() {
    let away = async || {
        let (shop, order, ()) = ordered().await;
        shop.stripe.fail_next(GatewayFault::Unavailable);
        assert!(shop.pay.ask(with_key(order.id)).await.is_err());
        let event = shop.event(order.id, "order.payment_requested").await;
        (shop, order, event)
    };
    let act = async |mortal: &Mortal, _: &Order, event: &oms_domain::public_event::CloudEvent| {
        mortal.open_page.run(event, 1).await
    };
    killed_at_every_await(away, act, async |shop, order, event| {
        shop.open_page.run(event, 2).await.unwrap();
        let opened = shop.pay.ask(with_key(order.id)).await.unwrap();
        assert_eq!(shop.stripe.sessions().len(), 1);
        let delivery = shop.stripe.pay(opened.payment_id, shop.clock.now());
        shop.called_back(delivery).await.unwrap();
        assert_eq!(books(shop, order), (Status::Confirmed, order.totals.total.minor(), 0));
        let events = shop.events(order.id).await;
        assert_eq!(events.iter().filter(|event| event.data.fact.name() == "order.payment_page_opened").count(), 1);
    })
    .await;
}
