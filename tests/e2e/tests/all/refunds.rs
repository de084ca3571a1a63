//! Parts of an order go back by hand, and an order that costs nothing needs no payment.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::app::{TestApp, User, start_app};
use crate::shop::{MUG, POTTERY, TEA, cart, id, text, with};

async fn refund(user: &User, order: &Value, body: &Value) -> Answer {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let key = format!("refund-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let path = format!("/api/orders/{}/refunds", id(order));
    user.call(reqwest::Method::POST, &path).json(body).key(&key).send().await
}

async fn a_paid_order(app: &TestApp) -> Value {
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 2), (TEA, 1)]).await;
    ada.pay(&order).await;
    ada.view(&order).await
}

#[tokio::test]
async fn units_shipping_and_goodwill_go_back_and_the_view_tells_what_for() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let order = a_paid_order(&app).await;
    let mugs = text(&order["items"][0], "line_id");
    let body = json!({
        "lines": [{"line_id": mugs, "quantity": 1}], "shipping": "4.90", "goodwill": "5.00", "reason": "one was dented",
    });
    let refunded = refund(&admin, &order, &body).await.expect(201);
    // 19.90 with 19 % tax, 4.90 of what shipping cost, and 5.00.
    assert_eq!((text(&refunded, "amount"), &refunded["completed"]), ("33.58", &json!(false)));
    app.settled().await;

    let seen = ada.view(&order).await;
    assert_eq!(text(&seen["payment"], "status"), "partially_refunded");
    assert_eq!(seen["items"][0]["refunded_quantity"], 1);
    let told = &seen["refunds"][0];
    assert_eq!(
        (text(told, "reason"), text(told, "note"), &told["completed"]),
        ("partial", "one was dented", &json!(true))
    );
    assert_eq!((&told["lines"][0]["line_id"], text(told, "goodwill")), (&json!(mugs), "5.00"));
    assert!(app.messages(&order).await.contains(&"email order.refund_completed".to_owned()));

    // What is left goes back when it is cancelled, and not a cent more.
    ada.cancel(&order).await.expect(200);
    app.settled().await;
    let seen = ada.view(&order).await;
    let payment = &seen["payment"];
    assert_eq!((text(payment, "status"), text(payment, "refunded")), ("refunded", text(payment, "paid")));
    assert_eq!(text(&seen, "refundable"), "0.00");
    app.finish().await;
}

#[tokio::test]
async fn a_key_gives_back_once_and_a_version_only_what_was_seen() {
    let app = start_app().await;
    let admin = app.admin();
    let order = a_paid_order(&app).await;
    let path = format!("/api/orders/{}/refunds", id(&order));
    let kindness = json!({"goodwill": "1.00", "reason": "late"});
    let send = || admin.call(reqwest::Method::POST, &path).json(&kindness);
    send().key("seen").header("if-match", b"\"1\"").send().await.problem(412, "version_conflict");
    let first = send().key("once").send().await.expect(201);
    app.settled().await;
    let again = send().key("once").send().await.expect(201);
    assert_eq!(first["refund_id"], again["refund_id"]);
    let other = admin.call(reqwest::Method::POST, &path).json(&json!({"goodwill": "2.00", "reason": "late"}));
    other.key("once").send().await.problem(422, "idempotency_mismatch");
    assert_eq!(admin.view(&order).await["refunds"].as_array().unwrap().len(), 1);
    app.finish().await;
}

#[tokio::test]
async fn what_cannot_go_back_is_refused_with_its_place() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let kindness = json!({"goodwill": "1.00", "reason": "x"});
    let unpaid = ada.place(&[(MUG, 1)]).await;
    refund(&admin, &unpaid, &kindness).await.problem(409, "invalid_transition");
    let order = a_paid_order(&app).await;
    let line = text(&order["items"][0], "line_id");
    for (body, pointer) in [
        (json!({"reason": "x"}), ""),
        (json!({"goodwill": "1000.00", "reason": "x"}), ""),
        (json!({"goodwill": "0.00", "reason": "x"}), "/goodwill"),
        (json!({"goodwill": "-1.00", "reason": "x"}), "/goodwill"),
        (json!({"goodwill": "1.001", "reason": "x"}), "/goodwill"),
        (json!({"shipping": "50.00", "reason": "x"}), "/shipping"),
        (json!({"goodwill": "1.00"}), "/reason"),
        (json!({"lines": [{"line_id": MUG, "quantity": 1}], "reason": "x"}), "/lines/0/line_id"),
        (
            json!({"lines": [{"line_id": line, "quantity": 1}, {"line_id": line, "quantity": 1}], "reason": "x"}),
            "/lines/1/line_id",
        ),
        (json!({"lines": [{"line_id": line, "quantity": 0}], "reason": "x"}), "/lines/0/quantity"),
        (json!({"lines": [{"line_id": line, "quantity": 3}], "reason": "x"}), "/lines"),
    ] {
        let refused = refund(&admin, &order, &body).await;
        refused.problem(422, "validation_failed");
        assert_eq!(refused.pointers(), [pointer], "{body}: {}", refused.text);
    }
    refund(&ada, &order, &kindness).await.problem(403, "forbidden");
    refund(&app.seller(POTTERY), &order, &kindness).await.problem(403, "forbidden");
    refund(&app.customer("bob"), &order, &kindness).await.problem(403, "forbidden");
    assert!(admin.view(&order).await["allowed_actions"].as_array().unwrap().contains(&json!("refund")));
    assert!(!ada.view(&order).await["allowed_actions"].as_array().unwrap().contains(&json!("refund")));
    app.finish().await;
}

#[tokio::test]
async fn an_order_that_costs_nothing_is_confirmed_at_once_and_shipped() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let sample = json!({
        "seller_id": POTTERY, "sku": "SAMPLE-1", "name": "Glaze sample", "category": "samples", "price": "0.00",
        "currency": "EUR", "units": 10,
    });
    let sample = admin.post("/api/products", &sample).await.expect(201);
    let mut rates = app.oms.parts.catalog.quote(&[]).await.unwrap().1.at(app.oms.cloud.context().clock.now());
    // The promotion of free shipping, from nothing on.
    for promotion in rates.promotions.promotions.iter_mut().filter(|promotion| promotion.automatic) {
        promotion.minimum = oms_domain::money::Amount::ZERO;
    }
    app.oms.parts.catalog.set_rates(&rates).await.unwrap();
    let draft = with(cart(&[(text(&sample, "id"), 1)]), "/draft", json!(true));
    let order = ada.create(&draft, "sample").await.expect(201);
    assert_eq!(text(&order, "total"), "0.00");
    let order = ada.submit(&order).await.expect(200);
    assert_eq!(
        (text(&order, "status"), &order["allowed_actions"]),
        ("confirmed", &json!(["change", "cancel", "cancel_lines"]))
    );
    ada.paying(&order).send().await.problem(409, "invalid_transition");
    admin.move_to(&order, &["processing", "shipped", "delivered"]).await;
    let told = app.messages(&order).await;
    assert_eq!(told[..2], ["email order.confirmed", "sms order.confirmed"]);
    app.finish().await;
}
