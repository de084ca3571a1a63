//! Drafts reserve nothing until they are submitted.

use std::time::Duration;

use serde_json::{Value, json};

use crate::app::{User, start_app};
use crate::shop::{LAST_BOWL, MUG, cart, text, with};

pub(crate) async fn draft(who: &User, items: &[(&str, u32)], key: &str) -> Value {
    let draft = who.create(&with(cart(items), "/draft", true.into()), key).await.expect(201);
    assert_eq!((text(&draft, "status"), &draft["reservation_expires_at"]), ("draft", &Value::Null));
    draft
}

#[tokio::test]
async fn a_draft_reserves_nothing_until_it_is_submitted() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = draft(&ada, &[(MUG, 2)], "d").await;
    assert_eq!(order["allowed_actions"], json!(["submit", "change", "cancel"]));
    assert_eq!(app.stock(MUG).await.available, 100);
    assert_eq!(app.messages(&order).await, [""; 0]);
    ada.paying(&order).send().await.problem(409, "invalid_transition");
    app.advance(Duration::from_hours(2)).await;
    assert_eq!(ada.view(&order).await["status"], "draft");
    app.customer("bob").submit(&order).await.problem(404, "not_found");
    let submitted = ada.submit(&order).await;
    assert_eq!(submitted.header("etag"), Some("\"2\""));
    let submitted = submitted.expect(200);
    assert_eq!(text(&submitted, "status"), "pending");
    assert!(submitted["reservation_expires_at"].is_string());
    assert_eq!(app.stock(MUG).await.available, 98);
    ada.submit(&order).await.problem(409, "invalid_transition");
    ada.pay(&order).await;
    assert_eq!(ada.view(&order).await["status"], "confirmed");
    app.finish().await;
}

#[tokio::test]
async fn a_draft_whose_product_sold_out_stays_a_draft() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = draft(&ada, &[(MUG, 1), (LAST_BOWL, 1)], "d").await;
    let bought = app.customer("bob").place(&[(LAST_BOWL, 1)]).await;
    let refused = ada.submit(&order).await;
    refused.problem(409, "ORD-1001");
    assert_eq!(refused.pointers(), ["/items/1/quantity"]);
    assert_eq!(ada.view(&order).await["status"], "draft");
    assert_eq!(app.stock(MUG).await.available, 100);
    app.customer("bob").cancel(&bought).await.expect(200);
    ada.submit(&order).await.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn a_draft_may_be_cancelled() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = draft(&ada, &[(MUG, 1)], "d").await;
    ada.cancel(&order).await.expect(200);
    ada.submit(&order).await.problem(409, "invalid_transition");
    assert_eq!(app.stock(MUG).await.available, 100);
    app.finish().await;
}

#[tokio::test]
async fn a_price_that_the_customer_did_not_see_orders_nothing() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let seen = |price: &str| with(cart(&[(MUG, 1)]), "/items/0/price", price.into());
    let refused = ada.post("/api/orders", &seen("18.90")).await;
    let problem = refused.problem(409, "price_changed");
    assert_eq!(refused.pointers(), ["/items/0/price"]);
    assert!(text(&problem["errors"][0], "message").contains("19.90 EUR"), "{problem}");
    for same in ["19.90", "19.9", "19.900"] {
        ada.create(&seen(same), same).await.expect(201);
    }
    app.finish().await;
}
