//! Nothing ships that no fraud check has seen, whatever became of the message about it (W8).

use std::sync::Arc;

use async_trait::async_trait;
use oms_app::Error;
use oms_app::execute::WritePath;
use oms_app::ordering::review_order::{Decision, ReviewOrder};
use oms_app::ordering::screen_order::{ScreenOrder, Screening};
use oms_app::ordering::update_status::UpdateStatus;
use oms_app::ports::{FraudCheck, FraudFacts, Outage};
use oms_domain::ids::OrderId;
use oms_domain::ordering::{Order, Refusal, ReviewReason, Status};
use oms_testkit::builders::{admin, order_id, seller_caller};

use crate::shop::{Ask, Asked as _, Shop, a_cart, a_screening, to_status};

/// Two mugs with shipping are worth more.
const LOW: &str = "20.00 EUR";

fn held() -> Error {
    Refusal::UnderReview.into()
}

fn preparing(shop: &Shop, screening: Screening) -> UpdateStatus {
    let path = WritePath::new(Arc::new(shop.store.clone()), Arc::new(shop.clock.clone()));
    UpdateStatus { path, screening }
}

/// Screens by these limits when an order is to be prepared, and no message has come.
fn limited(shop: &Shop, limits: &str) -> UpdateStatus {
    preparing(shop, a_screening(&shop.store, &shop.clock, limits))
}

async fn approve(shop: &Shop, id: OrderId) -> Order {
    let review = ReviewOrder(WritePath::new(Arc::new(shop.store.clone()), Arc::new(shop.clock.clone())));
    let intent = Ask::of(id, ()).from(admin()).intent;
    review.run(id, &intent, Decision::Approve, None).await.unwrap().order
}

fn reasons(shop: &Shop, id: OrderId) -> Vec<ReviewReason> {
    shop.store.order_now(id).review.map(|review| review.reasons).unwrap_or_default()
}

#[tokio::test]
async fn w8_an_order_whose_screening_message_was_lost_is_screened_before_it_is_prepared() {
    let shop = Shop::open();
    let update = limited(&shop, LOW);
    for caller in [admin(), seller_caller("shop")] {
        let order = shop.a_paid_order(2).await;
        for _ in 0..2 {
            let refused = update.ask(to_status(caller.clone(), order.id, Status::Processing)).await;
            assert_eq!(refused.map(|_| ()), Err(held()));
        }
        assert_eq!(reasons(&shop, order.id), [ReviewReason::Value]);
        assert_eq!(shop.store.order_now(order.id).version, order.version + 1, "it is held once");
        approve(&shop, order.id).await;
        let done = update.ask(to_status(caller, order.id, Status::Processing)).await.unwrap();
        assert_eq!(done.order.status, Status::Processing);
    }
}

#[tokio::test]
async fn w8_whoever_has_seen_the_order_is_told_of_the_hold_and_of_a_newer_version_otherwise() {
    let shop = Shop::open();
    let update = limited(&shop, LOW);
    let order = shop.a_paid_order(2).await;
    let wanted = || to_status(admin(), order.id, Status::Processing);
    let late = update.ask(wanted().at(order.version - 1)).await.map(|_| ());
    assert_eq!(late, Err(Error::VersionConflict { current: order.version }));
    assert_eq!(reasons(&shop, order.id), [], "whoever is late changes nothing");
    assert_eq!(update.ask(wanted().at(order.version).under("key", "body")).await.map(|_| ()), Err(held()));
    let approved = approve(&shop, order.id).await;
    update.ask(wanted().at(approved.version).under("key", "body")).await.unwrap();
}

#[tokio::test]
async fn w8_an_order_in_another_currency_than_the_limits_is_held() {
    let shop = Shop::open();
    let order = shop.a_paid_order(1).await;
    let update = limited(&shop, "1500.00 USD, 900000 JPY");
    let refused = update.ask(to_status(admin(), order.id, Status::Processing)).await;
    assert_eq!(refused.map(|_| ()), Err(held()));
    assert_eq!(reasons(&shop, order.id), [ReviewReason::Value]);
}

#[tokio::test]
async fn w8_a_shop_without_limits_prepares_any_value() {
    let shop = Shop::open();
    let order = shop.a_paid_order(40).await;
    shop.update.ask(to_status(admin(), order.id, Status::Processing)).await.unwrap();
}

#[tokio::test]
async fn w8_what_a_person_has_approved_is_not_held_again() {
    let shop = Shop::open();
    let screen = ScreenOrder(a_screening(&shop.store, &shop.clock, LOW));
    let order = shop.a_paid_order(2).await;
    let submitted = shop.event(order.id, "order.submitted").await;
    screen.run(&submitted).await.unwrap();
    let approved = approve(&shop, order.id).await;
    // Its record is forgotten by the time of the second message, and another event is not known at all.
    shop.clock.advance_minutes(30 * 24 * 60);
    let mut again = submitted.clone();
    again.id = format!("{}/999", order.id);
    for event in [&submitted, &again] {
        screen.run(event).await.unwrap();
    }
    assert_eq!(shop.store.order_now(order.id), approved);
    limited(&shop, LOW).ask(to_status(admin(), order.id, Status::Processing)).await.unwrap();
}

#[tokio::test]
async fn w8_a_late_look_finds_what_a_prompt_one_would_have_found() {
    let shop = Shop::open();
    let first = shop.a_paid_order(1).await;
    let mut last = first.id;
    for _ in 0..10 {
        shop.clock.advance_minutes(1);
        last = shop.a_paid_order(1).await.id;
    }
    shop.clock.advance_minutes(3 * 24 * 60);
    let update = limited(&shop, "");
    update.ask(to_status(admin(), first.id, Status::Processing)).await.unwrap();
    assert_eq!(update.ask(to_status(admin(), last, Status::Processing)).await.map(|_| ()), Err(held()));
    assert_eq!(reasons(&shop, last), [ReviewReason::Velocity]);
}

#[tokio::test]
async fn w8_drafts_that_are_submitted_together_count_together() {
    let shop = Shop::open();
    let mut drafts = Vec::new();
    for _ in 0..10 {
        drafts.push(shop.create(a_cart([(1, 1)]).draft()).await.unwrap().order.id);
        shop.clock.advance_minutes(90);
    }
    let submitted = shop.submit.ask(crate::shop::a_submission(drafts[0])).await.unwrap().order;
    let screen = ScreenOrder(a_screening(&shop.store, &shop.clock, ""));
    screen.run(&shop.event(submitted.id, "order.submitted").await).await.unwrap();
    assert_eq!(reasons(&shop, submitted.id), [ReviewReason::Velocity]);
}

/// A service that does not answer.
struct Away;

#[async_trait]
impl FraudCheck for Away {
    async fn assess(&self, _facts: &FraudFacts) -> Result<Vec<ReviewReason>, Outage> {
        Err(Outage("the fraud check does not answer".to_owned()))
    }
}

#[tokio::test]
async fn w8_a_fraud_check_that_is_away_lets_nothing_through() {
    let shop = Shop::open();
    let order = shop.a_paid_order(1).await;
    let away = Screening::new(Arc::new(shop.store.clone()), Arc::new(Away), Arc::new(shop.clock.clone()));
    let update = preparing(&shop, away);
    let refused = update.ask(to_status(admin(), order.id, Status::Processing)).await.map(|_| ());
    assert!(matches!(refused, Err(Error::ServiceUnavailable(_))), "{refused:?}");
    assert_eq!(shop.store.order_now(order.id), order);
    assert!(matches!(update.ask(to_status(admin(), order_id(99), Status::Processing)).await, Err(Error::NotFound)));
}
