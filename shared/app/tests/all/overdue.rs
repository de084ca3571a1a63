//! A hold ends by the clock: what was not paid in time is there for others, whether or not a sweep has run.

use oms_app::Error;
use oms_app::ordering::overdue::MAX_EXPIRED_ORDERS;
use oms_app::payments::payment_callback::Handled;
use oms_app::ports::{Clock as _, Orders as _};
use oms_domain::catalog::NotSellable;
use oms_domain::ordering::{CancelReason, CheckoutEvent, Event, Record, Status};
use oms_testkit::builders::{a_product, customer, product_id};

use crate::shop::{Asked as _, Shop, a_cart, a_submission};

/// What is left of the product that the order was refused for.
#[track_caller]
fn left(error: Error) -> u32 {
    let Error::ProductsUnavailable { refused, .. } = error else { panic!("not about products: {error:?}") };
    assert_eq!((refused.len(), refused[0].reason), (1, NotSellable::OutOfStock));
    refused[0].available.unwrap()
}

#[tokio::test]
async fn f3_units_of_an_unpaid_order_go_to_the_next_buyer_when_its_time_is_over() {
    let shop = Shop::open();
    let unpaid = shop.a_pending_order(50).await;
    shop.clock.advance_minutes(29);
    let early = shop.create(a_cart([(1, 50)]).from(customer("bob")).keyed("k")).await.unwrap_err();
    assert_eq!((left(early), shop.store.order_now(unpaid.id).status), (0, Status::Pending));

    shop.clock.advance_minutes(1);
    let bought = shop.create(a_cart([(1, 50)]).from(customer("bob")).keyed("k")).await.unwrap();
    assert_eq!((bought.order.status, shop.mugs()), (Status::Pending, (0, 50)));
    assert_eq!(shop.store.order_now(unpaid.id).status, Status::Cancelled);
    let last = shop.store.events(unpaid.id).await.unwrap().pop().unwrap();
    let last: Record = serde_json::from_str(&last.body).unwrap();
    assert_eq!(last.actor.id, "deadline");
    assert!(
        matches!(
            last.event,
            Event::Checkout(CheckoutEvent::OrderCancelled { reason: CancelReason::PaymentTimeout, .. })
        ),
        "{last:?}"
    );
}

#[tokio::test]
async fn a_draft_is_submitted_on_units_of_an_overdue_order() {
    let shop = Shop::open();
    let unpaid = shop.a_pending_order(50).await;
    let draft = shop.create(a_cart([(1, 3)]).draft()).await.unwrap().order;
    left(shop.submit.ask(a_submission(draft.id)).await.unwrap_err());
    shop.clock.advance_minutes(30);
    let submitted = shop.submit.ask(a_submission(draft.id)).await.unwrap().order;
    assert_eq!((submitted.status, shop.mugs()), (Status::Pending, (47, 3)));
    assert_eq!(shop.store.order_now(unpaid.id).status, Status::Cancelled);
}

#[tokio::test]
async fn money_for_an_order_whose_units_went_to_another_goes_back() {
    let shop = Shop::open();
    let unpaid = shop.a_pending_order(50).await;
    let page = shop.pay(unpaid.id).await.unwrap();
    shop.clock.advance_minutes(300);
    shop.create(a_cart([(1, 50)]).from(customer("bob"))).await.unwrap();
    let late = shop.stripe.pay(page.payment_id, shop.clock.now());
    assert_eq!(shop.called_back(late).await, Ok(Handled::Applied));
    let refunds = shop.store.order_now(unpaid.id).ledger.refunds;
    assert_eq!((refunds.len(), refunds[0].amount), (1, unpaid.totals.total));
    assert_eq!(shop.mugs(), (0, 50));
}

#[tokio::test]
async fn only_orders_that_hold_what_is_wanted_are_ended_and_only_as_many_as_it_takes() {
    let shop = Shop::selling([a_product(1).stocked(6).build(), a_product(2).build()]);
    let mut unpaid = Vec::new();
    for (name, product) in [("ada", 2), ("bob", 1), ("eve", 1), ("kim", 1)] {
        unpaid.push(shop.create(a_cart([(product, 2)]).from(customer(name))).await.unwrap().order);
        shop.clock.advance_minutes(1);
    }
    shop.clock.advance_minutes(60);
    shop.create(a_cart([(1, 3)]).from(customer("zoe"))).await.unwrap();
    let statuses: Vec<Status> = unpaid.iter().map(|order| shop.store.order_now(order.id).status).collect();
    assert_eq!(statuses, [Status::Pending, Status::Cancelled, Status::Cancelled, Status::Pending]);
}

#[tokio::test]
async fn what_is_paid_keeps_its_units_however_old_it_is() {
    let shop = Shop::open();
    let paid = shop.a_paid_order(50).await;
    shop.clock.advance_minutes(600);
    assert_eq!(left(shop.create(a_cart([(1, 1)]).from(customer("bob"))).await.unwrap_err()), 0);
    assert_eq!(shop.store.order_now(paid.id).status, Status::Confirmed);
}

#[tokio::test]
async fn one_request_ends_a_bounded_number_of_orders_and_the_next_goes_on() {
    let shop = Shop::open();
    for number in 0..50 {
        shop.create(a_cart([(1, 1)]).from(customer(&format!("customer-{number}")))).await.unwrap();
    }
    shop.clock.advance_minutes(31);
    let mut free = 0;
    while free + MAX_EXPIRED_ORDERS < 50 {
        free += MAX_EXPIRED_ORDERS;
        let refused = shop.create(a_cart([(1, 50)]).from(customer("zoe"))).await.unwrap_err();
        assert_eq!(left(refused), u32::try_from(free).unwrap());
    }
    shop.create(a_cart([(1, 50)]).from(customer("zoe"))).await.unwrap();
    assert_eq!(shop.mugs(), (0, 50));
}

#[tokio::test]
async fn an_order_refused_for_another_reason_ends_nobody_s_hold() {
    let shop = Shop::selling([a_product(1).build(), a_product(2).build()]);
    let unpaid = shop.a_pending_order(50).await;
    let draft = shop.create(a_cart([(1, 1), (2, 1)]).draft()).await.unwrap().order;
    shop.store.put_product(a_product(2).discontinued().build());
    shop.clock.advance_minutes(31);
    shop.submit.ask(a_submission(draft.id)).await.unwrap_err();
    shop.create(a_cart([(1, 1), (2, 1)]).from(customer("bob"))).await.unwrap_err();
    assert_eq!(shop.store.order_now(unpaid.id).status, Status::Pending);
    assert_eq!(shop.store.product_now(product_id(1)).stock.available, 0);
}
