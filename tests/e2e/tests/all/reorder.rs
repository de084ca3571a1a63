//! Customers order the same again.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::start_app;
use crate::shop::{LAST_BOWL, MUG, id, text};

fn path(order: &Value) -> String {
    format!("/api/orders/{}/reorder", id(order))
}

#[tokio::test]
async fn j9_a_customer_quotes_and_orders_the_same_again() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let first = ada.place(&[(MUG, 2), (LAST_BOWL, 1)]).await;
    ada.pay(&first).await;
    let seen = ada.view(&first).await;
    let quote = ada.call(Method::POST, &path(&first)).send().await.expect(200);
    assert_eq!(quote["quote"]["items"].as_array().unwrap().len(), 1);
    let missing = json!([{"product_id": LAST_BOWL, "quantity": 1, "reason": "out_of_stock"}]);
    let told = |answer: &Value| {
        let mut missing = answer["missing"].clone();
        for one in missing.as_array_mut().unwrap() {
            one.as_object_mut().unwrap().remove("alternatives");
        }
        missing
    };
    assert_eq!((told(&quote), &quote["order"]), (missing.clone(), &Value::Null));

    let again = || ada.call(Method::POST, &path(&first)).key("again").json(&json!({"draft": true}));
    let made = again().send().await;
    let location = made.header("location").unwrap().to_owned();
    let made = made.expect(201);
    let draft = made["order"].clone();
    assert_eq!((location, told(&made)), (format!("/api/orders/{}", id(&draft)), missing));
    assert_eq!((text(&draft, "status"), &draft["shipping_address"]), ("draft", &seen["shipping_address"]));
    assert_eq!(draft["total"], quote["quote"]["totals"]["total"]);
    let repeated = again().send().await;
    assert_eq!(repeated.header("idempotency-replayed"), Some("true"));
    assert_eq!(repeated.expect(201)["order"]["id"], draft["id"]);

    ada.submit(&draft).await.expect(200);
    ada.pay(&draft).await;
    assert_eq!(text(&ada.view(&draft).await, "status"), "confirmed");
    app.customer("bob").call(Method::POST, &path(&first)).send().await.problem(404, "not_found");
    let strange = ada.call(Method::POST, &path(&first)).json(&json!({"draft": "yes"})).send().await;
    strange.problem(400, "malformed_request");
    app.finish().await;
}

#[tokio::test]
async fn j9_where_nothing_is_left_it_says_so() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let first = ada.place(&[(LAST_BOWL, 1)]).await;
    for body in [json!({}), json!({"draft": true})] {
        let refused = ada.call(Method::POST, &path(&first)).json(&body).send().await;
        refused.problem(409, "ORD-1001");
    }
    app.finish().await;
}
