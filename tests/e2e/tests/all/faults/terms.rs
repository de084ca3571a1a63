//! What a quote says, an order of the same moment costs, or it is told; drafts freeze nothing.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::app::{User, start_app};
use crate::shop::{MUG, POTTERY, cart, text, with};

/// When a changed table counts everywhere.
const UNTIL_EFFECTIVE: Duration = Duration::from_mins(2);

async fn put(admin: &User, table: &str, content: &Value) -> Value {
    admin.call(Method::PUT, &format!("/api/settings/{table}")).json(content).send().await.expect(200)
}

async fn submit(user: &User, draft: &Value, body: &Value) -> Answer {
    user.submitting(draft).json(body).send().await
}

fn half_price() -> Value {
    json!({"promotions": [{"code": "HALF", "kind": "percentage", "rate": "0.50"}]})
}

#[tokio::test]
async fn m1_a_draft_is_priced_by_what_is_true_when_it_is_submitted() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    put(&admin, "promotions", &half_price()).await;
    app.advance(UNTIL_EFFECTIVE).await;
    let coded = with(cart(&[(MUG, 2)]), "/promotion_codes", json!(["HALF"]));
    let draft = ada.create(&with(coded, "/draft", json!(true)), "draft").await.expect(201);
    assert_eq!((text(&draft, "discount"), text(&draft, "total")), ("19.90", "29.51"));
    put(&admin, "promotions", &json!({"promotions": []})).await;
    app.advance(UNTIL_EFFECTIVE).await;
    for body in [json!({}), json!({"expected_total": "29.51"}), json!({"expected_total": "53.18"})] {
        let told = submit(&ada, &draft, &body).await;
        told.problem(409, "total_changed");
        assert_eq!(told.body["totals"]["total"], "53.19");
        assert_eq!(told.pointers(), ["/expected_total", "/promotion_codes/0"]);
    }
    submit(&ada, &draft, &json!({"expected_total": "much"})).await.problem(422, "validation_failed");
    submit(&ada, &draft, &json!({"price": "1.00"})).await.problem(422, "validation_failed");
    assert_eq!((text(&ada.view(&draft).await, "status"), app.stock(MUG).await.available), ("draft", 100));
    let order = submit(&ada, &draft, &json!({"expected_total": "53.19"})).await.expect(200);
    assert_eq!((text(&order, "status"), text(&order, "total")), ("pending", "53.19"));
    assert_eq!((&order["promotions"], &order["draft_expires_at"]), (&json!([]), &Value::Null));
    app.finish().await;
}

#[tokio::test]
async fn m1_a_draft_tells_its_end_and_ends_then() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let draft = ada.create(&with(cart(&[(MUG, 1)]), "/draft", json!(true)), "draft").await.expect(201);
    let moment = |body: &Value, member: &str| text(body, member).parse::<jiff::Timestamp>().unwrap();
    let life = moment(&draft, "draft_expires_at").duration_since(moment(&draft, "created_at"));
    assert_eq!(life, jiff::SignedDuration::from_hours(7 * 24));
    app.advance(Duration::from_hours(7 * 24 - 1)).await;
    // No token lives as long.
    let ada = app.customer("ada");
    assert_eq!(text(&ada.view(&draft).await, "status"), "draft");
    app.advance(Duration::from_mins(62)).await;
    let ada = app.customer("ada");
    assert_eq!(text(&ada.view(&draft).await, "status"), "cancelled");
    ada.submit(&draft).await.problem(409, "invalid_transition");
    assert_eq!(app.messages(&draft).await, [""; 0]);
    app.finish().await;
}

/// The row itself: a warm process, and an automatic promotion that is added behind its back.
#[tokio::test]
async fn m3_a_quote_and_an_order_of_the_same_moment_cost_the_same() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    ada.place(&[(MUG, 1)]).await;
    let sale = json!({"promotions": [{"code": "SALE", "kind": "percentage", "rate": "0.20", "automatic": true}]});
    let changed = put(&admin, "promotions", &sale).await;
    assert!(changed["effective_from"].is_string(), "{changed}");
    let shown = admin.get("/api/settings/promotions").await.expect(200);
    assert_eq!(shown["history"][0]["effective_from"], changed["effective_from"]);
    for (step, discount) in ["0.00", "0.00", "0.00", "7.96", "7.96"].into_iter().enumerate() {
        let question = json!({"items": [{"product_id": MUG, "quantity": 2}], "country": "DE"});
        let quote = ada.post("/api/quotes", &question).await.expect(200);
        let wanted = with(cart(&[(MUG, 2)]), "/expected_total", quote["totals"]["total"].clone());
        let order = ada.create(&wanted, &format!("order {step}")).await.expect(201);
        assert_eq!((&order["total"], text(&order, "discount")), (&quote["totals"]["total"], discount), "step {step}");
        app.advance(Duration::from_secs(45)).await;
    }
    let told = ada.create(&with(cart(&[(MUG, 2)]), "/expected_total", json!("53.19")), "old total").await;
    told.problem(409, "total_changed");
    assert_eq!((told.pointers(), &told.body["totals"]["discount"]), (vec!["/expected_total"], &json!("7.96")));
    app.finish().await;
}

#[tokio::test]
async fn m8_the_currency_is_part_of_a_price() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let token = json!({"seller_id": POTTERY, "sku": "TOKEN", "name": "Token", "category": "tokens", "price": "20.00",
        "currency": "EUR", "units": 10});
    let token = admin.post("/api/products", &token).await.expect(201);
    let id = text(&token, "id").to_owned();
    let dollars = json!({"methods": [{"code": "air", "name": "Air", "prices": {"EUR": "4.90", "USD": "5.90"}}]});
    put(&admin, "shipping", &dollars).await;
    app.advance(UNTIL_EFFECTIVE).await;
    let change = admin.call(Method::PATCH, &format!("/api/products/{id}"));
    change.json(&json!({"price": "20.00", "currency": "USD"})).send().await.expect(200);
    let seen = with(cart(&[(&id, 1)]), "/items/0/price", json!("20.00"));
    for (key, body) in [("none", seen.clone()), ("euro", with(seen.clone(), "/currency", json!("EUR")))] {
        let told = ada.create(&body, key).await;
        told.problem(409, "price_changed");
        assert_eq!(told.pointers(), ["/items/0/price"]);
    }
    let order = ada.create(&with(seen, "/currency", json!("USD")), "dollars").await.expect(201);
    assert_eq!(text(&order, "currency"), "USD");
    app.finish().await;
}

#[tokio::test]
async fn m9_m13_equal_prices_are_the_same_and_the_cheapest_method_is_the_default() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let twice = with(cart(&[(MUG, 1), (MUG, 1)]), "/items/0/price", json!("19.9"));
    ada.create(&with(twice, "/items/1/price", json!("19.90")), "twice").await.expect(201);
    let method = |code: &str, price: &str| json!({"code": code, "name": code, "prices": {"EUR": price}});
    put(&admin, "shipping", &json!({"methods": [method("courier", "39.90"), method("parcel", "4.90")]})).await;
    app.advance(UNTIL_EFFECTIVE).await;
    let question = json!({"items": [{"product_id": MUG, "quantity": 1}], "country": "DE"});
    let quote = ada.post("/api/quotes", &question).await.expect(200);
    assert_eq!((text(&quote, "shipping_method"), text(&quote["totals"], "shipping")), ("parcel", "4.90"));
    let order = ada.create(&cart(&[(MUG, 1)]), "default").await.expect(201);
    assert_eq!((text(&order, "shipping_method"), text(&order, "shipping")), ("parcel", "4.90"));
    app.finish().await;
}
