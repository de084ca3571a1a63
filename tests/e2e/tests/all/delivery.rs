//! A parcel that could not be delivered, and moves that are not possible.

use serde_json::json;

use crate::app::start_app;
use crate::shop::{MUG, id, text};
use crate::stage::Stage;

#[tokio::test]
async fn a_parcel_that_comes_back_is_shipped_again() {
    let app = start_app().await;
    shipped_again(&app).await;
    app.finish().await;
}

pub(crate) async fn shipped_again(app: &impl Stage) {
    let (ada, admin, mug) = (app.sign_in("ada", "customer").await, app.shop().await, app.product(MUG));
    let before = app.units(&mug).await;
    let order = ada.place(&[(&mug, 2)]).await;
    app.paid(&ada, &order).await;
    admin.move_to(&order, &["processing", "shipped"]).await;
    assert_eq!(app.units(&mug).await, before.and(-2, 0, 2));
    admin.move_to(&order, &["processing"]).await;
    assert_eq!(app.units(&mug).await, before.and(-2, 2, 0));
    let order = admin.move_to(&order, &["shipped", "delivered"]).await;
    assert_eq!(order["tracking"].as_array().unwrap().len(), 2);
    assert_eq!(app.units(&mug).await, before.and(-2, 0, 2));
    let told = app.told(&order, "email").await;
    let about = |event: &str| told.iter().filter(|told| *told == event).count();
    assert_eq!((about("shipped"), about("delivery_failed"), about("delivered")), (2, 1, 1));
}

#[tokio::test]
async fn a_returned_parcel_may_be_cancelled_and_refunded() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let order = ada.place(&[(MUG, 2)]).await;
    ada.pay(&order).await;
    admin.move_to(&order, &["processing", "shipped", "processing", "cancelled"]).await;
    app.settled().await;
    assert_eq!(text(&ada.view(&order).await["payment"], "status"), "refunded");
    assert_eq!(app.stock(MUG).await.available, 100);
    app.finish().await;
}

#[tokio::test]
async fn an_order_cannot_jump() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let order = ada.place(&[(MUG, 1)]).await;
    let impossible = async |statuses: &[&str]| {
        for status in statuses {
            let refused = admin.moving(&order, status).send().await;
            let problem = refused.problem(409, "invalid_transition");
            let now = admin.view(&order).await;
            let (detail, now) = (text(problem, "detail"), text(&now, "status"));
            assert!(detail.contains(now), "{detail} does not name {now}");
        }
    };
    impossible(&["processing", "shipped", "delivered", "returned", "refunded", "return_requested"]).await;
    // What follows from something else is not set by hand.
    for status in ["confirmed", "payment_confirmed", "draft"] {
        admin.moving(&order, status).send().await.problem(422, "validation_failed");
    }
    ada.pay(&order).await;
    impossible(&["pending", "shipped", "delivered", "returned"]).await;
    admin.move_to(&order, &["processing"]).await;
    impossible(&["processing", "confirmed", "delivered"]).await;
    admin.move_to(&order, &["shipped", "delivered"]).await;
    impossible(&["processing", "shipped", "delivered", "cancelled"]).await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_move_an_order_at_once_one_does() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let order = ada.place(&[(MUG, 1)]).await;
    ada.pay(&order).await;
    let moves = futures::future::join_all((0..10).map(|_| admin.moving(&order, "processing").send())).await;
    assert_eq!(moves.iter().filter(|answer| answer.status == 200).count(), 1);
    for refused in moves.iter().filter(|answer| answer.status != 200) {
        refused.problem(409, "invalid_transition");
    }
    let seen = format!("\"{}\"", ada.view(&order).await["version"]);
    let ship = || admin.moving(&order, "shipped").header("if-match", seen.as_bytes()).send();
    let moves = futures::future::join_all((0..10).map(|_| ship())).await;
    assert_eq!(moves.iter().filter(|answer| answer.status == 200).count(), 1);
    for refused in moves.iter().filter(|answer| answer.status != 200) {
        refused.problem(412, "version_conflict");
    }
    assert_eq!(
        ada.get(&format!("/api/orders/{}", id(&order))).await.expect(200)["tracking"],
        json!([{
            "carrier": "DHL",
            "tracking_number": "00340434161094042557",
            "url": "https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557",
        }])
    );
    app.finish().await;
}
