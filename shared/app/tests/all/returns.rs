//! Goods come back: what a crash leaves behind, what two clicks do, and by whose terms (H1–H5, H9).

use std::sync::Arc;

use jiff::SignedDuration;
use oms_app::Error;
use oms_app::execute::WritePath;
use oms_app::ordering::units::Units;
use oms_app::ports::{Clock as _, Setting};
use oms_app::returns::ShownReturn;
use oms_app::returns::move_return::{self, MoveReturn, Wanted};
use oms_app::returns::request_return::{self, RequestReturn};
use oms_app::returns::view_return::ViewReturn;
use oms_domain::actor::Caller;
use oms_domain::ids::OrderId;
use oms_domain::ordering::{Refusal, Status};
use oms_domain::returns::policy::{GoodsCondition, ReturnsTable};
use oms_domain::returns::{ReturnId, ReturnKind, ReturnStatus};
use oms_testkit::Fault;
use oms_testkit::builders::{admin, customer, set_up};

use crate::shop::{Ask, Shop};

/// The order of three mugs, which has arrived.
async fn delivered(shop: &Shop) -> OrderId {
    shop.an_order_that_is(Status::Delivered).await.id
}

fn path(shop: &Shop) -> WritePath {
    WritePath::new(Arc::new(shop.store.clone()), Arc::new(shop.clock.clone()))
}

fn asking(shop: &Shop) -> RequestReturn {
    RequestReturn::new(path(shop), Arc::new(shop.store.clone()))
}

fn moving(shop: &Shop) -> MoveReturn {
    MoveReturn::new(path(shop), Arc::new(shop.store.clone()))
}

fn one(id: OrderId, reason: Option<&str>) -> request_return::Request {
    let units = Units { line_id: id.line(1).to_string(), quantity: 1 };
    request_return::Request {
        kind: ReturnKind::Return,
        lines: vec![(units, reason.map(ToOwned::to_owned))],
        note: Some("too blue".into()),
    }
}

async fn asked(shop: &Shop, caller: Caller, id: OrderId) -> Result<ShownReturn, Error> {
    let ask = Ask::of(id, ()).from(caller).under("ask", "one");
    asking(shop).run(id, &ask.intent, one(id, Some("unwanted"))).await
}

fn to(status: Wanted) -> move_return::Request {
    move_return::Request { status, received: Vec::new(), refund_amount: None, reason: None }
}

fn came(id: OrderId, condition: GoodsCondition) -> move_return::Request {
    let units = Units { line_id: id.line(1).to_string(), quantity: 1 };
    move_return::Request { received: vec![(units, condition)], ..to(Wanted::Received) }
}

async fn moved(shop: &Shop, id: OrderId, key: &str, request: move_return::Request) -> Result<ShownReturn, Error> {
    let ask = Ask::of(id, ()).from(admin()).under(key, key);
    moving(shop).run(ReturnId { order_id: id, number: 1 }, &ask.intent, request).await
}

#[tokio::test]
async fn h1_two_clicks_are_one_return_and_one_receipt() {
    let shop = Shop::open();
    let id = delivered(&shop).await;
    let first = asked(&shop, customer("ada"), id).await.unwrap();
    let again = asked(&shop, customer("ada"), id).await.unwrap();
    assert_eq!((again.id, shop.store.order_now(id).returns.len()), (first.id, 1));
    moved(&shop, id, "yes", to(Wanted::Approved)).await.unwrap();
    for _ in 0..2 {
        moved(&shop, id, "came", came(id, GoodsCondition::AsNew)).await.unwrap();
    }
    let order = shop.store.order_now(id);
    assert_eq!((order.lines[0].returned, order.ledger.refunds.len()), (1, 1));
    // The message of the receipt asks for its money, which goes back once.
    let event = shop.event(id, "order.refund_initiated").await;
    for _ in 0..2 {
        shop.refund.run(&event).await.unwrap();
    }
    let order = shop.store.order_now(id);
    assert_eq!((shop.stripe.refunds().len(), order.ledger.refunded()), (1, order.returns[0].settled.refund()));
}

#[tokio::test]
async fn h5_a_receipt_is_written_whole_or_not_at_all() {
    for fault in [Fault::Unavailable, Fault::LostAcknowledgement] {
        let shop = Shop::open();
        let id = delivered(&shop).await;
        asked(&shop, customer("ada"), id).await.unwrap();
        moved(&shop, id, "yes", to(Wanted::Approved)).await.unwrap();
        let before = shop.mugs();
        shop.store.fail_next(fault);
        let first = moved(&shop, id, "came", came(id, GoodsCondition::AsNew)).await;
        let order = shop.store.order_now(id);
        let written = order.lines[0].returned == 1;
        assert_eq!(order.ledger.refunds.len(), usize::from(written), "{fault:?}: stock and money go together");
        assert_eq!(shop.mugs().0, before.0 + u32::from(written), "{fault:?}: {first:?}");
        moved(&shop, id, "came", came(id, GoodsCondition::AsNew)).await.unwrap();
        let order = shop.store.order_now(id);
        assert_eq!((order.lines[0].returned, order.ledger.refunds.len()), (1, 1), "{fault:?}");
        assert_eq!(shop.mugs().0, before.0 + 1);
    }
}

#[tokio::test]
async fn h9_an_order_keeps_the_terms_of_its_placement() {
    let shop = Shop::open();
    let fee = ReturnsTable { restocking_fee: "0.10".parse().unwrap(), days: 14, ..ReturnsTable::default() };
    set_up(&shop.store, Setting::Returns(fee.clone()), shop.clock.now()).await;
    shop.clock.advance(SignedDuration::from_mins(2));
    let id = delivered(&shop).await;
    assert_eq!(shop.store.order_now(id).return_terms.as_ref().map(|terms| (terms.version, terms.days)), Some((1, 14)));
    let harsh = ReturnsTable { restocking_fee: "1".parse().unwrap(), days: 0, ..ReturnsTable::default() };
    set_up(&shop.store, Setting::Returns(harsh), shop.clock.now()).await;
    shop.clock.advance(SignedDuration::from_mins(10));
    asked(&shop, customer("ada"), id).await.unwrap();
    moved(&shop, id, "yes", to(Wanted::Approved)).await.unwrap();
    let done = moved(&shop, id, "came", came(id, GoodsCondition::AsNew)).await.unwrap();
    let settled = done.own().unwrap().settled;
    assert_eq!(settled.fee, settled.value.times_rate(fee.restocking_fee));

    shop.clock.advance(SignedDuration::from_hours(15 * 24));
    let late = Ask::of(id, ()).from(customer("ada"));
    let refused = asking(&shop).run(id, &late.intent, one(id, Some("unwanted"))).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::ReturnWindowOver { line: 1, .. }))), "{refused:?}");
    let unknown = asking(&shop).run(id, &late.intent, one(id, Some("boredom"))).await;
    assert!(matches!(&unknown, Err(Error::Invalid(fields)) if fields[0].pointer == "/lines/0/reason"), "{unknown:?}");
}

#[tokio::test]
async fn h1_a_return_is_shown_to_those_who_have_a_part_in_it() {
    let shop = Shop::open();
    let id = delivered(&shop).await;
    asked(&shop, customer("ada"), id).await.unwrap();
    let view = ViewReturn::new(Arc::new(shop.store.clone()), Arc::new(shop.store.clone()));
    let known = ReturnId { order_id: id, number: 1 };
    let shown = view.run(&customer("ada"), known).await.unwrap();
    assert!(shown.estimate.is_some() && shown.own().unwrap().status == ReturnStatus::Requested);
    assert_eq!(view.run(&customer("bob"), known).await, Err(Error::NotFound));
    assert_eq!(view.run(&admin(), ReturnId { order_id: id, number: 2 }).await, Err(Error::NotFound));
    assert_eq!(asked(&shop, customer("bob"), id).await, Err(Error::NotFound));
}

#[tokio::test]
async fn h1_the_sweep_ends_what_never_came_and_takes_no_units_for_it() {
    let shop = Shop::open();
    let id = delivered(&shop).await;
    asked(&shop, customer("ada"), id).await.unwrap();
    moved(&shop, id, "yes", to(Wanted::Approved)).await.unwrap();
    shop.sweep.run("tick").await.unwrap();
    assert_eq!(shop.store.order_now(id).returns[0].status, ReturnStatus::Approved, "it is still waited for");
    shop.clock.advance(SignedDuration::from_hours(30 * 24));
    let before = shop.mugs();
    assert_eq!(shop.sweep.run("tick").await.unwrap().expired, 1);
    assert_eq!(shop.sweep.run("tick").await.unwrap().expired, 0);
    let order = shop.store.order_now(id);
    assert_eq!((order.returns[0].status, order.status), (ReturnStatus::Cancelled, Status::Delivered));
    assert_eq!(shop.mugs(), before);
}
