//! Webhooks that lie change nothing; those that tell the truth change the order once, in whatever order they come.

use std::time::Duration;

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use oms_local::sandbox::signature::Signer;
use reqwest::Method;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::app::{TestApp, start_app};
use crate::shop::{MUG, id, text, with};

const SANDBOX: &str = "/api/payments/callback/sandbox";

impl TestApp {
    /// Delivers a webhook as the provider signs it at `at`.
    async fn deliver_at(&self, hook: &Value, at: Timestamp) -> Answer {
        let body = hook.to_string();
        self.deliver_signed(SANDBOX, self.oms.parts.sandbox.signer(), text(hook, "id"), at, body).await
    }

    async fn deliver(&self, hook: &Value) -> Answer {
        self.deliver_at(hook, self.now()).await
    }

    async fn deliver_signed(&self, path: &str, signer: &Signer, name: &str, at: Timestamp, body: String) -> Answer {
        let mut call = self.nobody().call(Method::POST, path);
        for (header, value) in signer.headers(name, at, body.as_bytes()) {
            call = call.header(header, value.as_bytes());
        }
        call.raw(body).send().await
    }
}

/// What the sandbox sends when a page was paid.
fn paid(order: &Value, payment_id: &str) -> Value {
    json!({
        "type": "payment.succeeded",
        "id": format!("evt-paid-{payment_id}"),
        "data": {
            "order_id": order["id"], "payment_id": payment_id, "amount": order["total"],
            "currency": order["currency"], "reference": format!("sandbox-capture-{payment_id}"),
        },
    })
}

fn failed(order: &Value, payment_id: &str, event_id: &str) -> Value {
    let hook = with(paid(order, payment_id), "/type", "payment.failed".into());
    with(with(hook, "/id", event_id.into()), "/data/reason", "card_declined".into())
}

#[tokio::test]
async fn a_webhook_that_lies_changes_nothing() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let (order, other) = (ada.place(&[(MUG, 2)]).await, app.customer("bob").place(&[(MUG, 1)]).await);
    let (payment, others) = (ada.open_page(&order).await, app.customer("bob").open_page(&other).await);
    let before = (ada.view(&order).await, app.customer("bob").view(&other).await);
    let good = paid(&order, &payment);
    let body = good.to_string();
    let (now, signer) = (app.now(), app.oms.parts.sandbox.signer().clone());
    let id = "00000000-0000-4000-8000-000000000000";
    let tampered = body.replace("\"payment.succeeded\"", "\"payment.failed\"");
    let too_early = now - SignedDuration::from_secs(310);
    let too_late = now + SignedDuration::from_secs(310);

    // Not believed: whoever it is, it is not the provider, not now, or not with this body.
    let unsigned = app.nobody().call(Method::POST, SANDBOX).raw(body.clone()).send().await;
    unsigned.problem(401, "unauthenticated");
    let mut half_signed = app.nobody().call(Method::POST, SANDBOX);
    for (name, value) in signer.headers("evt", now, body.as_bytes()).into_iter().take(2) {
        half_signed = half_signed.header(name, value.as_bytes());
    }
    half_signed.raw(body.clone()).send().await.problem(401, "unauthenticated");
    let mut swapped = app.nobody().call(Method::POST, SANDBOX);
    for (name, value) in signer.headers("evt", now, body.as_bytes()) {
        swapped = swapped.header(name, value.as_bytes());
    }
    swapped.raw(tampered).send().await.problem(401, "unauthenticated");
    let forger = Signer::new(b"another secret");
    app.deliver_signed(SANDBOX, &forger, "evt", now, body.clone()).await.problem(401, "unauthenticated");
    app.deliver_at(&good, too_early).await.problem(401, "unauthenticated");
    app.deliver_at(&good, too_late).await.problem(401, "unauthenticated");
    app.deliver_at(&good, Timestamp::UNIX_EPOCH).await.problem(401, "unauthenticated");

    // Believed, and not what we asked for.
    for (pointer, value, status, code) in [
        ("/data/amount", json!("53.18"), 422, "validation_failed"),
        ("/data/amount", json!("0.00"), 422, "validation_failed"),
        ("/data/amount", json!("-53.19"), 422, "validation_failed"),
        ("/data/amount", json!("53.191"), 400, "malformed_request"),
        ("/data/amount", json!(53.19), 400, "malformed_request"),
        ("/data/currency", json!("USD"), 422, "validation_failed"),
        ("/data/currency", json!("euro"), 400, "malformed_request"),
        ("/data/order_id", json!("1"), 400, "malformed_request"),
        ("/data/payment_id", Value::Null, 400, "malformed_request"),
        ("/data/reference", Value::Null, 400, "malformed_request"),
        ("/data", json!([]), 400, "malformed_request"),
        ("/type", json!(7), 400, "malformed_request"),
    ] {
        let answer = app.deliver(&with(good.clone(), pointer, value)).await;
        answer.problem(status, code);
    }
    // Believed, and about nothing that we know: it waits, and changes nothing.
    for (pointer, value) in [
        ("/data/order_id", other["id"].clone()),
        ("/data/order_id", json!(id)),
        ("/data/payment_id", json!(others)),
        ("/data/payment_id", json!(id)),
    ] {
        let parked = app.deliver(&with(good.clone(), pointer, value)).await.expect(200);
        assert_eq!(parked["result"], "parked");
    }
    let refund = json!({"type": "refund.succeeded", "id": "evt-r", "data": {"order_id": order["id"], "refund_id": id, "reference": "r", "amount": "1.00", "currency": "EUR"}});
    assert_eq!(app.deliver(&refund).await.expect(200)["result"], "parked");
    for (path, text, status, code) in [
        ("/api/payments/callback/stripe", body.clone(), 404, "not_found"),
        ("/api/payments/callback/SANDBOX", body.clone(), 404, "not_found"),
        ("/api/payments/callback/%2e%2e", body.clone(), 404, "not_found"),
        (SANDBOX, "not JSON".to_owned(), 400, "malformed_request"),
        (SANDBOX, String::new(), 400, "malformed_request"),
        (SANDBOX, "[".repeat(10_000), 400, "malformed_request"),
        (SANDBOX, format!("{}{body}", " ".repeat(70_000)), 413, "payload_too_large"),
    ] {
        app.deliver_signed(path, &signer, "evt", app.now(), text).await.problem(status, code);
    }

    // Of no interest.
    let unknown = app.deliver(&with(good.clone(), "/type", "payment.disputed".into())).await.expect(200);
    assert_eq!(unknown["result"], "ignored");

    assert_eq!((ada.view(&order).await, app.customer("bob").view(&other).await), before);
    assert_eq!(app.messages(&order).await, ["email order.submitted"]);

    // The truth still works.
    app.settle_page(&payment, "succeeded").await;
    assert_eq!(ada.view(&order).await["status"], "confirmed");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_webhook_ten_times_in_parallel_is_one_transition() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 2)]).await;
    let payment = ada.open_page(&order).await;
    let version = ada.view(&order).await["version"].as_u64().unwrap();
    let hook = paid(&order, &payment);
    let mut results: Vec<String> = join_all((0..10).map(|_| app.deliver(&hook)))
        .await
        .into_iter()
        .map(|answer| text(&answer.expect(200), "result").to_owned())
        .collect();
    results.sort();
    assert_eq!((results[0].as_str(), &results[9][..]), ("already_applied", "applied"), "{results:?}");
    assert_eq!(results.iter().filter(|result| *result == "applied").count(), 1);
    // The provider's own delivery comes on top.
    app.settle_page(&payment, "succeeded").await;
    let after = ada.view(&order).await;
    assert_eq!((after["version"].as_u64(), text(&after, "status")), (Some(version + 1), "confirmed"));
    let confirmations =
        app.messages(&order).await.iter().filter(|told| *told == "email order.payment_confirmed").count();
    assert_eq!(confirmations, 1);
    app.finish().await;
}

#[tokio::test]
async fn a16_a_declined_payment_may_be_tried_again_on_the_same_page() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 1)]).await;
    let payment = ada.open_page(&order).await;
    app.settle_page(&payment, "failed").await;
    let declined = ada.view(&order).await;
    assert_eq!((&declined["status"], &declined["payment"]["status"]), (&json!("pending"), &json!("failed")));
    app.settle_page(&payment, "succeeded").await;
    let paid = ada.view(&order).await;
    assert_eq!((&paid["status"], &paid["payment"]["status"]), (&json!("confirmed"), &json!("confirmed")));
    let messages = app.messages(&order).await;
    assert!(messages.contains(&"email order.payment_failed".to_owned()), "{messages:?}");
    app.finish().await;
}

#[tokio::test]
async fn news_of_a_failure_after_the_success_changes_nothing() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 1)]).await;
    let payment = ada.open_page(&order).await;
    app.settle_page(&payment, "succeeded").await;
    let before = ada.view(&order).await;
    let late = app.deliver(&failed(&order, &payment, "evt-late-failure")).await.expect(200);
    assert_eq!(late["result"], "already_applied");
    assert_eq!(ada.view(&order).await, before);
    app.finish().await;
}

#[tokio::test]
async fn paid_twice_is_charged_once() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 2)]).await;
    let (first, second) = (ada.open_page(&order).await, ada.open_page(&order).await);
    assert_ne!(first, second);
    app.settle_page(&second, "succeeded").await;
    app.settle_page(&first, "succeeded").await;
    app.settled().await;
    let view = ada.view(&order).await;
    assert_eq!(text(&view, "status"), "confirmed");
    assert_eq!(
        view["payment"],
        json!({"status": "confirmed", "provider": "sandbox", "paid": "106.38", "refunded": "53.19"})
    );
    let messages = app.messages(&order).await;
    assert!(messages.contains(&"email order.refund_completed".to_owned()), "{messages:?}");
    app.admin().move_to(&order, &["processing"]).await;
    app.finish().await;
}

#[tokio::test]
async fn a_webhook_that_was_lost_comes_again() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 1)]).await;
    let payment = ada.open_page(&order).await;
    app.oms.parts.sandbox.outage().lose_next(2);
    app.settle_page(&payment, "succeeded").await;
    assert_eq!(ada.view(&order).await["status"], "pending");
    app.advance(Duration::from_secs(5)).await;
    assert_eq!(ada.view(&order).await["status"], "pending");
    app.advance(Duration::from_secs(30)).await;
    assert_eq!(ada.view(&order).await["status"], "confirmed");
    app.finish().await;
}

#[tokio::test]
async fn one_of_several_signatures_is_enough_while_the_secret_is_changed() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 1)]).await;
    let payment = ada.open_page(&order).await;
    let hook = paid(&order, &payment);
    let body = hook.to_string();
    let old = Signer::new(b"the secret before").headers(text(&hook, "id"), app.now(), body.as_bytes());
    let [name, time, new] = app.oms.parts.sandbox.signer().headers(text(&hook, "id"), app.now(), body.as_bytes());
    let both = format!("{} {}", old[2].1, new.1);
    let mut call = app.nobody().call(Method::POST, SANDBOX);
    for (name, value) in [name, time, (new.0, both)] {
        call = call.header(name, value.as_bytes());
    }
    assert_eq!(call.raw(body).send().await.expect(200)["result"], "applied");
    app.settle_page(&payment, "succeeded").await;
    assert_eq!(id(&ada.view(&order).await), id(&order));
    app.finish().await;
}

#[tokio::test]
async fn twenty_attempts_to_pay_are_enough_and_any_of_them_may_still_succeed() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 1)]).await;
    let mut pages = Vec::new();
    for _ in 0..20 {
        pages.push(ada.open_page(&order).await);
    }
    ada.paying(&order).key("one more").send().await.problem(409, "invalid_transition");
    assert_eq!(ada.view(&order).await["allowed_actions"], json!(["change", "cancel"]));
    app.settle_page(&pages[7], "succeeded").await;
    assert_eq!(ada.view(&order).await["status"], "confirmed");
    app.finish().await;
}
