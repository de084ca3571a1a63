//! Cancelling: until it ships, by its customer or the shop; what was paid goes back.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::start_app;
use crate::shop::{MUG, POTTERY, TEA_HOUSE, id, text};
use crate::stage::Stage;

#[tokio::test]
async fn a_customer_cancels_before_paying() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 3)]).await;
    let cancelled = ada.cancel(&order).await.expect(200);
    let last = cancelled["status_history"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["status"], &last["note"]), (&json!("cancelled"), &json!("changed my mind")));
    assert_eq!(app.stock(MUG).await.available, 100);
    ada.cancel(&order).await.problem(409, "invalid_transition");
    ada.paying(&order).send().await.problem(409, "invalid_transition");
    ada.submit(&order).await.problem(409, "invalid_transition");
    app.admin().moving(&order, "processing").send().await.problem(409, "invalid_transition");
    let told = app.messages(&order).await;
    assert_eq!(told[1..], ["email order.cancelled"]);
    app.finish().await;
}

#[tokio::test]
async fn a_customer_cancels_after_paying_and_gets_the_money_back() {
    let app = start_app().await;
    let order = cancelled_after_paying(&app).await;
    assert_eq!(app.oms.parts.sandbox.books().balance(id(&order)).unwrap(), (5319, 5319));
    app.finish().await;
}

pub(crate) async fn cancelled_after_paying(app: &impl Stage) -> Value {
    let (ada, mug) = (app.sign_in("ada", "customer").await, app.product(MUG));
    let before = app.units(&mug).await;
    let order = ada.place(&[(&mug, 2)]).await;
    app.paid(&ada, &order).await;
    let cancelled = ada.cancel(&order).await.expect(200);
    assert_eq!(text(&cancelled, "status"), "cancelled");
    assert_eq!(text(&cancelled["payment"], "status"), "refund_pending");
    app.rest().await;
    let refunded = ada.view(&order).await;
    assert_eq!(
        refunded["payment"],
        json!({"status": "refunded", "provider": app.provider(), "paid": "53.19", "refunded": "53.19"})
    );
    for channel in ["email", "sms"] {
        let told = app.told(&order, channel).await;
        let last = told.len() - 3;
        assert_eq!(told[last..], ["cancelled", "refund_initiated", "refund_completed"], "{channel}");
    }
    assert_eq!(app.units(&mug).await, before);
    refunded
}

#[tokio::test]
async fn c9_a_customer_takes_some_mugs_out_and_gets_the_rest() {
    let app = start_app().await;
    some_taken_out(&app).await;
    app.finish().await;
}

/// Also plays against a deployed stack.
pub(crate) async fn some_taken_out(app: &impl Stage) {
    let (ada, admin, mug) = (app.sign_in("ada", "customer").await, app.shop().await, app.product(MUG));
    let before = app.units(&mug).await;
    let order = ada.place(&[(&mug, 3)]).await;
    let line = text(&order["items"][0], "line_id").to_owned();
    let take = |quantity: u32| {
        let body = json!({"reason": "too many", "lines": [{"line_id": line, "quantity": quantity}]});
        ada.call(Method::POST, &format!("/api/orders/{}/cancel", id(&order))).key(&app.new_key()).json(&body)
    };
    take(1).send().await.problem(409, "invalid_transition");
    app.paid(&ada, &order).await;
    assert!(ada.view(&order).await["allowed_actions"].as_array().unwrap().contains(&json!("cancel_lines")));
    take(4).send().await.problem(422, "validation_failed");
    let left = take(2).send().await.expect(200);
    assert_eq!((text(&left, "status"), text(&left["payment"], "status")), ("confirmed", "refund_pending"));
    assert_eq!(app.units(&mug).await, before.and(-1, 1, 0), "their stock is free at once");
    app.rest().await;
    let item = &ada.view(&order).await["items"][0];
    assert_eq!((&item["quantity"], &item["cancelled_quantity"]), (&json!(3), &json!(2)));
    // Two thirds of 59.70 with its tax of 11.34.
    assert_eq!(text(&ada.view(&order).await["payment"], "refunded"), "47.36");
    for channel in ["email", "sms"] {
        let told = app.told(&order, channel).await;
        let last = told.len() - 3;
        assert_eq!(told[last..], ["lines_cancelled", "refund_initiated", "refund_completed"], "{channel}");
    }
    admin.move_to(&order, &["processing", "shipped"]).await;
    app.rest().await;
    assert_eq!(app.units(&mug).await, before.and(-1, 0, 1));
    take(1).send().await.problem(409, "invalid_transition");

    // Whoever takes all of it out has no order any more.
    let order = ada.place(&[(&mug, 2)]).await;
    app.paid(&ada, &order).await;
    let line = text(&order["items"][0], "line_id");
    let all = json!({"reason": "none at all", "lines": [{"line_id": line, "quantity": 2}]});
    let gone =
        ada.call(Method::POST, &format!("/api/orders/{}/cancel", id(&order))).json(&all).send().await.expect(200);
    assert_eq!(text(&gone, "status"), "cancelled");
    app.rest().await;
    assert_eq!(text(&ada.view(&order).await["payment"], "refunded"), "53.19", "with shipping");
}

#[tokio::test]
async fn the_shop_cancels_by_either_route_until_the_order_ships() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let (first, second, third) =
        (ada.place(&[(MUG, 1)]).await, ada.place(&[(MUG, 2)]).await, ada.place(&[(MUG, 3)]).await);
    for order in [&first, &second, &third] {
        ada.pay(order).await;
    }
    admin.move_to(&first, &["processing", "cancelled"]).await;
    admin.cancel(&second).await.expect(200);
    admin.move_to(&third, &["processing", "shipped"]).await;
    ada.cancel(&third).await.problem(409, "invalid_transition");
    admin.cancel(&third).await.problem(409, "invalid_transition");
    admin.moving(&third, "cancelled").send().await.problem(409, "invalid_transition");
    let stock = app.stock(MUG).await;
    assert_eq!((stock.available, stock.reserved, stock.shipped), (97, 0, 3));
    app.finish().await;
}

#[tokio::test]
async fn somebody_elses_order_is_a_missing_one_and_a_sellers_is_forbidden() {
    let app = start_app().await;
    let order = app.customer("ada").place(&[(MUG, 1)]).await;
    app.customer("bob").cancel(&order).await.problem(404, "not_found");
    app.seller(POTTERY).cancel(&order).await.problem(403, "forbidden");
    // No seller ever cancels, so this says nothing of whether there is such an order.
    app.seller(TEA_HOUSE).cancel(&order).await.problem(403, "forbidden");
    assert_eq!(text(&app.customer("ada").view(&order).await, "status"), "pending");
    app.finish().await;
}

#[tokio::test]
async fn a_cancellation_that_names_a_version_meets_that_version_only() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 1)]).await;
    let cancel = |seen: &str| {
        let call = ada.call(reqwest::Method::POST, &format!("/api/orders/{}/cancel", id(&order)));
        call.header("if-match", seen.as_bytes()).json(&json!({"reason": "x"})).send()
    };
    cancel("\"1\"").await.problem(412, "version_conflict");
    cancel("\"3\"").await.problem(412, "version_conflict");
    cancel("two").await.problem(400, "malformed_request");
    assert_eq!(cancel("\"2\"").await.expect(200)["version"], 3);
    app.finish().await;
}
