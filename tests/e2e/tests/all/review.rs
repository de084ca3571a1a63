//! What a fraud check holds, and who may order at all.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{TestApp, User, start_app};
use crate::shop::{MUG, PRINT, cart, id, text};

/// Worth more than the shop ships unseen.
const VALUABLE: [(&str, u32); 1] = [(PRINT, 13)];

async fn decide(user: &User, order: &Value, decision: &str) -> crate::answer::Answer {
    user.post(&format!("/api/orders/{}/review", id(order)), &json!({"decision": decision, "note": "looked at it"}))
        .await
}

async fn a_held_order(app: &TestApp, ada: &User) -> Value {
    let order = ada.place(&VALUABLE).await;
    app.settled().await;
    order
}

#[tokio::test]
async fn a14_a_valuable_order_is_held_paid_approved_and_shipped() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let order = a_held_order(&app, &ada).await;
    let seen = admin.view(&order).await;
    assert_eq!(seen["review"]["reasons"], json!(["value"]));
    assert!(seen["allowed_actions"].as_array().unwrap().contains(&json!("review")));
    assert_eq!(ada.view(&order).await["review"], Value::Null, "the review is the shop's business");
    ada.pay(&order).await;
    admin.moving(&order, "processing").send().await.problem(409, "invalid_transition");
    decide(&ada, &order, "approve").await.problem(403, "forbidden");
    decide(&app.customer("bob"), &order, "approve").await.problem(403, "forbidden");
    let approved = decide(&admin, &order, "approve").await.expect(200);
    assert_eq!(approved["review"], Value::Null);
    decide(&admin, &order, "approve").await.problem(409, "invalid_transition");
    admin.move_to(&order, &["processing", "shipped", "delivered"]).await;
    app.finish().await;
}

#[tokio::test]
async fn a_rejected_order_is_cancelled_and_its_money_goes_back() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let order = a_held_order(&app, &ada).await;
    ada.pay(&order).await;
    let rejected = decide(&admin, &order, "reject").await.expect(200);
    assert_eq!(text(&rejected, "status"), "cancelled");
    app.settled().await;
    assert_eq!(text(&ada.view(&order).await["payment"], "status"), "refunded");
    assert_eq!(app.stock(PRINT).await.available, 50);
    app.finish().await;
}

#[tokio::test]
async fn a12_a_blocked_customer_orders_nothing_until_let_in_again() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let path = "/api/customers/ada/standing";
    let set = async |user: &User, blocked: bool| {
        user.call(Method::PUT, path).json(&json!({"blocked": blocked, "reason": "charge-backs"})).send().await
    };
    let before = ada.place(&[(MUG, 1)]).await;
    set(&ada, false).await.problem(403, "forbidden");
    set(&admin, true).await.expect(200);
    ada.create(&cart(&[(MUG, 2)]), "blocked").await.problem(403, "forbidden");
    ada.pay(&before).await;
    let history = admin.get(path).await.expect(200);
    assert_eq!((&history["blocked"], &history["history"][0]["actor"]["role"]), (&json!(true), &json!("admin")));
    set(&admin, false).await.expect(200);
    ada.create(&cart(&[(MUG, 2)]), "welcome").await.expect(201);
    app.customer("bob").get(path).await.problem(403, "forbidden");
    app.finish().await;
}
