//! What a customer meets at a limit, what a seller sees, and how lists read dates.

use std::time::Duration;

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::app::{start_app, start_limited_app};
use crate::shop::{MUG, POTTERY, TEA, cart, id, text};

/// What `Retry-After` says.
fn seconds(answer: &Answer) -> u32 {
    answer.header("retry-after").unwrap().parse().unwrap()
}

#[tokio::test]
async fn a1_the_fourth_unpaid_order_is_told_when_there_is_room() {
    let app = start_limited_app().await;
    let ada = app.customer("ada");
    let mut placed = Vec::new();
    for _ in 0..3 {
        placed.push(ada.place(&[(MUG, 1)]).await);
    }
    let answer = ada.create(&cart(&[(MUG, 1)]), "fourth").await;
    let refused = answer.problem(429, "rate_limited");
    assert!((1_700..=1_800).contains(&seconds(&answer)), "until the first of them ends");
    assert!(text(refused, "detail").contains("3 orders wait for payment"), "{refused}");
    ada.pay(&placed[0]).await;
    ada.create(&cart(&[(MUG, 1)]), "fourth").await.expect(201);
    ada.cancel(&placed[1]).await.expect(200);
    app.advance(Duration::from_mins(31)).await;
    for _ in 0..3 {
        ada.place(&[(MUG, 1)]).await;
    }
    ada.create(&cart(&[(MUG, 21)]), "many").await.problem(422, "validation_failed");
    app.finish().await;
}

#[tokio::test]
async fn a5_the_eleventh_attempt_of_a_minute_is_told_when() {
    let app = start_limited_app().await;
    let ada = app.customer("ada");
    let wrong = crate::shop::with(cart(&[(MUG, 1)]), "/items/0/price", json!("1.00"));
    for number in 0..10 {
        ada.create(&wrong, &format!("key-{number}")).await.problem(409, "price_changed");
    }
    let answer = ada.create(&cart(&[(MUG, 1)]), "good").await;
    assert!((1..=60).contains(&seconds(&answer)));
    answer.problem(429, "rate_limited");
    app.move_clock(Duration::from_mins(1)).await;
    let order = ada.create(&cart(&[(MUG, 1)]), "good").await.expect(201);
    ada.cancel(&order).await.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn w2_a_seller_sees_paid_orders_and_own_lines_of_them() {
    let app = start_app().await;
    let (ada, pottery) = (app.customer("ada"), app.seller(POTTERY));
    let order = ada.place(&[(MUG, 1), (TEA, 2)]).await;
    let path = format!("/api/orders/{}", id(&order));
    pottery.get(&path).await.problem(404, "not_found");
    ada.pay(&order).await;
    let seen = pottery.view(&order).await;
    assert_eq!(seen["items"].as_array().unwrap().len(), 1);
    assert_eq!((text(&seen, "subtotal"), &seen["contact"]), ("19.90", &Value::Null));
    assert!(seen["shipping_address"].is_object());
    ada.cancel(&order).await.expect(200);
    let over = pottery.view(&order).await;
    assert_eq!(over["shipping_address"], Value::Null);
    assert!(over["status_history"].as_array().unwrap().iter().all(|entry| entry["note"].is_null()), "{over}");
    app.finish().await;
}

#[tokio::test]
async fn i9_i18_a_date_alone_means_its_whole_day() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 1)]).await;
    let day = &text(&order, "created_at")[..10];
    let listed = async |query: &str| {
        let page = ada.get(&format!("/api/orders?{query}")).await.expect(200);
        page["data"].as_array().unwrap().len()
    };
    assert_eq!(listed(&format!("start_date={day}&end_date={day}")).await, 1);
    assert_eq!(listed("end_date=9999-12-31").await, 1);
    assert_eq!(listed("start_date=9999-12-31&end_date=9999-12-31").await, 0);
    assert_eq!(listed("start_date=0001-01-01").await, 1);
    ada.cancel(&order).await.expect(200);
    assert_eq!(ada.view(&order).await["payment"]["status"], "none");
    app.finish().await;
}
