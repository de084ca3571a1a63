//! Submitting and cancelling: who may, at which version, and what a repeat is told.

use oms_app::Error;
use oms_domain::catalog::{NotSellable, Product};
use oms_domain::messaging::MessageKind;
use oms_domain::money::Amount;
use oms_domain::ordering::{Action, Refusal, Status};
use oms_domain::payments::PaymentStatus;
use oms_testkit::Fault;
use oms_testkit::builders::{a_product, admin, customer, order_id, product_id, seller_caller};

use crate::shop::{Asked as _, Shop, a_cancellation, a_cart, a_submission};

#[tokio::test]
async fn a_draft_whose_prices_have_changed_is_not_submitted_unseen() {
    // A23
    let shop = Shop::selling([a_product(1).build(), a_product(2).build()]);
    let draft = shop.create(a_cart([(1, 1), (2, 1)]).draft()).await.unwrap().order;
    shop.store.put_product(a_product(2).priced(2490).build());
    let error = shop.submit.ask(a_submission(draft.id)).await.unwrap_err();
    let Error::TotalChanged(change) = error else { panic!("{error:?}") };
    assert_eq!((change.prices.len(), change.prices[0].pointer.as_str()), (1, "/items/1/price"));
    assert_eq!(change.prices[0].current.amount, Amount::from_minor(2490));
    assert_eq!((shop.store.order_now(draft.id).status, shop.mugs()), (Status::Draft, (50, 0)));
}

#[tokio::test]
async fn a_draft_whose_goods_are_gone_is_not_submitted() {
    // A10, ORD-1001
    let shop = Shop::selling([a_product(1).build(), a_product(2).build()]);
    let draft = shop.create(a_cart([(1, 2), (2, 1)]).draft()).await.unwrap().order;
    shop.store.put_product(a_product(1).stocked(1).build());
    let gone: Product = a_product(2).discontinued().build();
    shop.store.put_product(gone);
    let error = shop.submit.ask(a_submission(draft.id)).await.unwrap_err();
    let Error::ProductsUnavailable { refused, .. } = error else { panic!("{error:?}") };
    let told: Vec<_> = refused.iter().map(|r| (r.product_id, r.reason, r.available)).collect();
    let expected =
        [(product_id(2), NotSellable::Discontinued, None), (product_id(1), NotSellable::OutOfStock, Some(1))];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn an_order_is_submitted_once() {
    // B2
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let refusal = Refusal::InvalidTransition { from: Status::Pending, action: Action::Submit };
    assert_eq!(shop.submit.ask(a_submission(order.id)).await, Err(Error::Refused(refusal)));
}

#[tokio::test]
async fn a_submission_under_a_key_is_answered_again_and_other_requests_are_not() {
    // A19
    let shop = Shop::open();
    let draft = shop.create(a_cart([(1, 2)]).draft()).await.unwrap().order;
    let keyed = |request: &str| a_submission(draft.id).under("k", request);
    let first = shop.submit.ask(keyed("body")).await.unwrap();
    assert_eq!(shop.submit.ask(keyed("body")).await, Ok(first));
    assert_eq!(shop.submit.ask(keyed("other body")).await, Err(Error::IdempotencyMismatch));
    assert_eq!(shop.mugs(), (48, 2));
}

#[tokio::test]
async fn a_stale_version_changes_nothing() {
    // J5
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let at = |version| a_cancellation(order.id).at(version);
    let stale = shop.cancel.ask(at(order.version - 1)).await;
    assert_eq!(stale, Err(Error::VersionConflict { current: order.version }));
    assert_eq!(shop.cancel.ask(at(order.version)).await.unwrap().order.status, Status::Cancelled);
}

#[tokio::test]
async fn somebody_elses_order_looks_like_a_missing_one() {
    // O12
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    assert_eq!(shop.cancelled(customer("eve"), order.id).await, Err(Error::NotFound));
    assert_eq!(shop.cancelled(customer("eve"), order_id(404)).await, Err(Error::NotFound));
    let submission = a_submission(order.id).from(customer("eve"));
    assert_eq!(shop.submit.ask(submission).await, Err(Error::NotFound));
}

#[tokio::test]
async fn a_seller_sees_the_order_and_may_neither_submit_nor_cancel_it() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let seller = seller_caller("sam");
    assert!(matches!(shop.cancelled(seller.clone(), order.id).await, Err(Error::Forbidden(_))));
    let submission = a_submission(order.id).from(seller);
    assert!(matches!(shop.submit.ask(submission).await, Err(Error::Forbidden(_))));
}

#[tokio::test]
async fn cancelling_releases_the_stock_and_tells_who_did_it() {
    // D1, D2
    for (caller, reason) in [(customer("ada"), "customer_request"), (admin(), "admin_decision")] {
        let shop = Shop::open();
        let order = shop.a_pending_order(2).await;
        let cancelled = shop.cancelled(caller.clone(), order.id).await.unwrap().order;
        assert_eq!((cancelled.status, shop.mugs()), (Status::Cancelled, (50, 0)));
        let event = shop.event(order.id, "order.cancelled").await;
        assert_eq!(event.data.actor, caller.actor());
        assert_eq!(serde_json::to_value(&event.data.fact).unwrap()["reason"], reason);
    }
}

#[tokio::test]
async fn cancelling_a_paid_order_starts_its_refund_in_the_same_change() {
    // D6
    let shop = Shop::open();
    let order = shop.a_paid_order(2).await;
    let cancelled = shop.cancelled(customer("ada"), order.id).await.unwrap().order;
    assert_eq!(cancelled.ledger.status(), PaymentStatus::RefundPending);
    assert_eq!((cancelled.ledger.refunds[0].amount, shop.mugs()), (order.totals.total, (50, 0)));
}

#[tokio::test]
async fn c9_units_that_are_taken_out_are_free_and_paid_back_in_the_same_change() {
    let shop = Shop::open();
    let order = shop.a_paid_order(3).await;
    let before = shop.store.order_now(order.id).version;
    let left = shop.taken_out(order.id, 2).await.unwrap().order;
    assert_eq!((left.status, left.lines[0].outstanding(), shop.mugs()), (Status::Confirmed, 1, (49, 1)));
    assert_eq!(left.ledger.status(), PaymentStatus::RefundPending);
    assert_eq!(left.version, before + 2, "two events of one change");
    let event = shop.event(order.id, "order.lines_cancelled").await;
    assert_eq!(
        serde_json::to_value(&event.data.fact).unwrap()["lines"],
        serde_json::json!([{"line": 1, "quantity": 2}])
    );
    shop.notify.run(&event).await.unwrap();
    let kinds: Vec<MessageKind> = shop.messenger.sent().iter().map(|message| message.kind).collect();
    assert_eq!(kinds, [MessageKind::LinesCancelled; 2], "by both channels");

    let unknown = oms_app::ordering::units::Units { line_id: "x".into(), quantity: 1 };
    let intent = a_cancellation(order.id).intent;
    let refused = shop.cancel.run(order.id, &intent, Some(vec![unknown]), None).await;
    let Err(Error::Invalid(faults)) = refused else { panic!("{refused:?}") };
    assert_eq!(faults[0].pointer, "/lines/0/line_id");
    let too_many = shop.taken_out(order.id, 2).await;
    assert_eq!(too_many, Err(Error::Refused(Refusal::TooManyUnits { line: 1, left: 1 })));
    let rest = shop.taken_out(order.id, 1).await.unwrap().order;
    assert_eq!((rest.status, shop.mugs()), (Status::Cancelled, (50, 0)), "of nothing that is left nothing waits");
    let other = shop.a_paid_order(2).await;
    let stranger = a_cancellation(other.id).from(customer("bob")).intent;
    let units = || Some(vec![oms_app::ordering::units::Units { line_id: other.id.line(1).to_string(), quantity: 1 }]);
    assert_eq!(shop.cancel.run(other.id, &stranger, units(), None).await, Err(Error::NotFound));
}

#[tokio::test]
async fn what_is_on_its_way_is_not_cancelled() {
    // D1; docs/requirements.md, decision 4
    let shop = Shop::open();
    for status in [Status::Shipped, Status::Delivered, Status::Cancelled] {
        let order = shop.an_order_that_is(status).await;
        let refusal = Refusal::InvalidTransition { from: status, action: Action::Cancel };
        assert_eq!(shop.cancelled(admin(), order.id).await, Err(Error::Refused(refusal)));
    }
}

#[tokio::test]
async fn a_lost_answer_to_a_keyed_cancellation_is_answered_again() {
    // A19, O10
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let keyed = || a_cancellation(order.id).under("k", "body");
    shop.store.fail_next(Fault::LostAcknowledgement);
    assert!(shop.cancel.ask(keyed()).await.unwrap_err().is_transient());
    assert_eq!(shop.cancel.ask(keyed()).await.unwrap().order.status, Status::Cancelled);
    assert_eq!(shop.mugs(), (50, 0));
}
