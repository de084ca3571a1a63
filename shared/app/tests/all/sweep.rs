//! The minute's work: what was not paid in time is cancelled, and nothing else.

use oms_app::platform::sweep::Swept;
use oms_domain::ordering::Status;
use oms_testkit::builders::{a_product, customer};
use oms_testkit::{Fault, Faults as _};

use crate::shop::{REQUEST, Shop, a_cart};

async fn orders_of(shop: &Shop, customers: &[&str]) {
    for name in customers {
        shop.create(a_cart([(1, 1)]).from(customer(name))).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_not_paid_in_time_is_cancelled_and_its_stock_is_free() {
    // D3, F3
    let shop = Shop::open();
    let order = shop.a_pending_order(2).await;
    shop.clock.advance_minutes(29);
    assert_eq!(shop.sweep.run(REQUEST).await, Ok(Swept::default()), "not due");
    shop.clock.advance_minutes(1);
    assert_eq!(shop.sweep.run(REQUEST).await, Ok(Swept { expired: 1, ..Swept::default() }));
    assert_eq!((shop.store.order_now(order.id).status, shop.mugs()), (Status::Cancelled, (50, 0)));
    let event = shop.event(order.id, "order.cancelled").await;
    assert_eq!(event.data.actor.id, "deadline");
    assert_eq!(shop.sweep.run(REQUEST).await, Ok(Swept::default()), "once");
}

#[tokio::test]
async fn what_is_paid_or_a_draft_is_left_alone() {
    let shop = Shop::open();
    let paid = shop.a_paid_order(1).await;
    let draft = shop.create(a_cart([(1, 1)]).draft()).await.unwrap().order;
    shop.clock.advance_minutes(600);
    assert_eq!(shop.sweep.run(REQUEST).await, Ok(Swept::default()));
    assert_eq!(shop.store.order_now(paid.id).status, Status::Confirmed);
    assert_eq!(shop.store.order_now(draft.id).status, Status::Draft);
}

#[tokio::test]
async fn an_order_that_fails_does_not_keep_the_others() {
    let shop = Shop::open();
    orders_of(&shop, &["ada", "bob", "eve"]).await;
    shop.clock.advance_minutes(31);
    // The index answers; the commit of the first order does not.
    shop.store.fail_next(Fault::LostAcknowledgement);
    assert_eq!(shop.sweep.run(REQUEST).await, Ok(Swept { expired: 2, failed: 1, ..Swept::default() }));
    assert_eq!(shop.sweep.run(REQUEST).await, Ok(Swept::default()), "the lost answer had done it");
    assert_eq!(shop.mugs(), (50, 0));
}

#[tokio::test]
async fn an_index_that_does_not_answer_fails_the_run() {
    let shop = Shop::open();
    shop.store.fail_next(Fault::Unavailable);
    assert!(shop.sweep.run(REQUEST).await.unwrap_err().is_transient());
}

#[tokio::test]
async fn more_orders_than_one_pass_takes_are_swept_in_one_run() {
    let shop = Shop::selling([a_product(1).stocked(500).build()]);
    let names: Vec<String> = (0..230).map(|number| format!("customer-{number}")).collect();
    orders_of(&shop, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    shop.clock.advance_minutes(31);
    assert_eq!(shop.sweep.run(REQUEST).await, Ok(Swept { expired: 230, ..Swept::default() }));
    assert_eq!(shop.mugs(), (500, 0));
}

#[tokio::test]
async fn l7_stock_that_could_not_be_given_back_is_tried_again_every_minute() {
    let shop = Shop::open();
    shop.a_pending_order(2).await;
    shop.clock.advance_minutes(30);
    for _ in 0..5 {
        // More than the store bears by itself.
        shop.store.inject(Fault::Conflict, 8);
        assert_eq!(shop.sweep.run(REQUEST).await, Ok(Swept { failed: 1, ..Swept::default() }));
        assert_eq!(shop.mugs(), (48, 2));
        shop.clock.advance_minutes(1);
    }
    assert_eq!(shop.sweep.run(REQUEST).await, Ok(Swept { expired: 1, ..Swept::default() }));
    assert_eq!(shop.mugs(), (50, 0));
}
