//! The same request twice is one deed; another request under the same key is a mistake that is told.

use std::time::Duration;

use futures::future::join_all;
use oms_domain::ids::OrderId;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Call, TestApp, start_app};
use crate::invariants::everything;
use crate::shop::{LAST_BOWL, MUG, PRINT, TEA, cart, id, text, with};

const REPLAYED: &str = "idempotency-replayed";

#[tokio::test]
async fn the_same_key_and_body_get_the_same_order() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let body = cart(&[(MUG, 2)]);
    let first = ada.create(&body, "once").await;
    assert_eq!((first.status, first.header(REPLAYED)), (201, None));
    let again = ada.create(&body, "once").await;
    assert_eq!((again.status, again.header(REPLAYED)), (201, Some("true")));
    assert_eq!(first.body, again.body);
    assert_eq!((first.header("location"), first.header("etag")), (again.header("location"), again.header("etag")));

    // Another spelling of the same JSON value is the same request.
    let spelt = format!("  {}", serde_json::to_string_pretty(&body).unwrap());
    let spelt = ada.call(Method::POST, "/api/orders").key("once").raw(spelt).send().await.expect(201);
    assert_eq!(id(&spelt), id(&first.body));

    let other = ada.create(&cart(&[(MUG, 3)]), "once").await;
    other.problem(422, "idempotency_mismatch");
    let bob = app.customer("bob").create(&body, "once").await.expect(201);
    assert_ne!(id(&bob), id(&first.body), "keys belong to their callers");
    assert_eq!(app.stock(MUG).await.reserved, 4);
    app.finish().await;
}

#[tokio::test]
async fn a_repeat_gets_its_order_after_the_product_sold_out_and_after_the_order_moved_on() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let body = cart(&[(LAST_BOWL, 1)]);
    let order = ada.create(&body, "bowl").await.expect(201);
    app.customer("bob").create(&body, "bowl").await.problem(409, "ORD-1001");
    let again = ada.create(&body, "bowl").await;
    assert_eq!((again.header(REPLAYED), &again.body), (Some("true"), &order));
    ada.pay(&order).await;
    let later = ada.create(&body, "bowl").await.expect(201);
    assert_eq!((id(&later), text(&later, "status")), (id(&order), "confirmed"));
    app.finish().await;
}

#[tokio::test]
async fn a_refused_create_leaves_its_key_unused() {
    let app = start_app().await;
    let ada = app.customer("ada");
    ada.create(&with(cart(&[(MUG, 1)]), "/items/0/price", "1.00".into()), "k").await.problem(409, "price_changed");
    ada.create(&cart(&[(MUG, 1)]), "k").await.expect(201);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a19_a_hundred_concurrent_creates_with_one_key_make_one_order() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let body = cart(&[(PRINT, 1), (MUG, 2)]);
    let answers = join_all((0..100).map(|_| ada.create(&body, "once"))).await;
    let mut ids: Vec<&str> = answers
        .iter()
        .map(|answer| {
            assert_eq!(answer.status, 201, "{}", answer.text);
            id(&answer.body)
        })
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(answers.iter().filter(|answer| answer.header(REPLAYED).is_none()).count(), 1);
    assert_eq!(everything(&app.oms.parts).await, [ids[0].parse::<OrderId>().unwrap()]);
    assert_eq!(app.stock(PRINT).await.reserved, 1);
    app.finish().await;
}

#[tokio::test]
async fn a20_the_same_cart_without_a_key_is_refused_while_the_first_waits_for_payment() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let body = cart(&[(MUG, 2), (TEA, 1)]);
    let order = ada.post("/api/orders", &body).await.expect(201);

    let double = ada.post("/api/orders", &cart(&[(TEA, 1), (MUG, 1), (MUG, 1)])).await;
    assert_eq!(double.problem(409, "duplicate_order")["order_id"], order["id"]);
    let link = format!("</api/orders/{}>; rel=\"related\"", id(&order));
    assert_eq!(double.header("link"), Some(link.as_str()));

    // Another customer, another cart, or a key that says "I mean it" are no accident.
    app.customer("bob").post("/api/orders", &body).await.expect(201);
    ada.post("/api/orders", &cart(&[(MUG, 2)])).await.expect(201);
    let meant = ada.create(&body, "again").await.expect(201);
    assert_ne!(id(&meant), id(&order));
    app.finish().await;
}

#[tokio::test]
async fn the_same_cart_may_be_ordered_again_once_the_first_is_cancelled_paid_or_expired() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let body = cart(&[(MUG, 1)]);
    let cancelled = ada.post("/api/orders", &body).await.expect(201);
    ada.post("/api/orders", &body).await.problem(409, "duplicate_order");
    ada.cancel(&cancelled).await.expect(200);
    let paid = ada.post("/api/orders", &body).await.expect(201);
    ada.post("/api/orders", &body).await.problem(409, "duplicate_order");
    ada.pay(&paid).await;
    ada.post("/api/orders", &body).await.expect(201);
    app.advance(Duration::from_mins(31)).await;
    ada.post("/api/orders", &body).await.expect(201);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a21_an_impatient_customer_who_clicks_twenty_times_orders_once() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let body = cart(&[(MUG, 1)]);
    let answers = join_all((0..20).map(|_| ada.post("/api/orders", &body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.problem(409, "duplicate_order");
    }
    app.finish().await;
}

async fn page(app: &TestApp, order: &Value, key: Option<&str>, body: &Value) -> crate::answer::Answer {
    let call = app.customer("ada").call(Method::POST, &format!("/api/orders/{}/payments", id(order)));
    let call = key.into_iter().fold(call, Call::key);
    call.json(body).send().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_key_opens_one_page() {
    let app = start_app().await;
    let order = app.customer("ada").place(&[(MUG, 1)]).await;
    let body = json!({"provider": "sandbox"});
    let opened = join_all((0..20).map(|_| page(&app, &order, Some("pay"), &body))).await;
    for answer in &opened {
        assert_eq!((answer.status, &answer.body), (201, &opened[0].body), "{}", answer.text);
    }
    let keyless = page(&app, &order, None, &body).await.expect(201);
    assert_eq!(keyless, opened[0].body, "an open page is used again");
    let fresh = page(&app, &order, Some("pay-2"), &body).await.expect(201);
    assert_ne!(fresh["payment_id"], keyless["payment_id"]);
    let elsewhere = json!({"provider": "sandbox", "return_url": format!("{}/thanks", app.base)});
    page(&app, &order, Some("pay"), &elsewhere).await.problem(422, "idempotency_mismatch");

    // A key of another deed on the same order is taken as well.
    let cancel = app.customer("ada").call(Method::POST, &format!("/api/orders/{}/cancel", id(&order)));
    cancel.key("pay").json(&json!({"reason": "x"})).send().await.problem(422, "idempotency_mismatch");
    app.finish().await;
}

#[tokio::test]
async fn a_payment_key_is_answered_again_when_the_order_is_paid() {
    let app = start_app().await;
    let order = app.customer("ada").place(&[(MUG, 1)]).await;
    let body = json!({"provider": "sandbox"});
    let opened = page(&app, &order, Some("pay"), &body).await.expect(201);
    app.settle_page(text(&opened, "payment_id"), "succeeded").await;
    assert_eq!(page(&app, &order, Some("pay"), &body).await.expect(201)["payment_id"], opened["payment_id"]);
    page(&app, &order, Some("another"), &body).await.problem(409, "invalid_transition");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelling_and_submitting_twice_under_one_key_is_one_deed() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let draft = ada.create(&with(cart(&[(MUG, 1)]), "/draft", true.into()), "draft").await.expect(201);
    let path = |action: &str| format!("/api/orders/{}/{action}", id(&draft));
    let submit = |key: &str| ada.call(Method::POST, &path("submit")).key(key).send();
    for answer in join_all((0..10).map(|_| submit("submit"))).await {
        assert_eq!(answer.expect(200)["version"], 2);
    }
    submit("submit-2").await.problem(409, "invalid_transition");

    let cancel = |key: &str, reason: &str| {
        ada.call(Method::POST, &path("cancel")).key(key).json(&json!({"reason": reason})).send()
    };
    for answer in join_all((0..10).map(|_| cancel("cancel", "a"))).await {
        assert_eq!(answer.expect(200)["version"], 3);
    }
    cancel("cancel", "b").await.problem(422, "idempotency_mismatch");
    cancel("cancel-2", "a").await.problem(409, "invalid_transition");
    assert_eq!(app.stock(MUG).await.available, 100);
    app.finish().await;
}

#[tokio::test]
async fn a_status_change_repeated_late_under_its_key_does_not_turn_the_order_back() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let order = ada.place(&[(MUG, 1)]).await;
    ada.pay(&order).await;
    let version = ada.view(&order).await["version"].clone();
    let seen = format!("\"{version}\"");
    let process = || admin.moving(&order, "processing").key("process").header("if-match", seen.as_bytes()).send();
    let first = process().await.expect(200);
    assert_eq!(process().await.expect(200), first);
    admin.move_to(&order, &["shipped"]).await;
    // Without the key this would mean that the delivery failed.
    let late = process().await.expect(200);
    assert_eq!(late["status"], "shipped");
    let other = admin.moving(&order, "delivered").key("process").send().await;
    other.problem(422, "idempotency_mismatch");
    app.finish().await;
}
