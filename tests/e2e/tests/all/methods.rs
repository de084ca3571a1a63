//! Means of payment that customers let us keep: with consent, as tokens, until they say otherwise (E6).

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{TestApp, User, start_app};
use crate::shop::{MUG, text};

const OWN: &str = "/api/customers/me/payment-methods";

/// Longer than the schedule that tells providers to forget.
const QUARTER: Duration = Duration::from_mins(15);

async fn pay(app: &TestApp, ada: &User, keep: bool) -> Value {
    let order = ada.place(&[(MUG, 1)]).await;
    let body = json!({"provider": "sandbox", "keep_method": keep});
    let opened = ada.paying(&order).json(&body).key(&app.new_key()).send().await.expect(201);
    app.settle_page(text(&opened, "payment_id"), "succeeded").await;
    app.settled().await;
    assert_eq!(ada.view(&order).await["status"], "confirmed");
    opened
}

async fn kept(user: &User, path: &str) -> Vec<Value> {
    user.get(path).await.expect(200)["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_means_of_payment_is_kept_with_consent_shown_removed_and_forgotten() {
    let app = start_app().await;
    let ada = app.customer("ada");
    pay(&app, &ada, false).await;
    assert_eq!(kept(&ada, OWN).await, Vec::<Value>::new(), "nobody agreed");
    let opened = pay(&app, &ada, true).await;
    let token = format!("sandbox-method-{}", text(&opened, "payment_id"));
    let listed = ada.get(OWN).await;
    assert!(!listed.text.contains(&token), "{}", listed.text);
    let method = kept(&ada, OWN).await.remove(0);
    assert_eq!(
        (text(&method, "provider"), text(&method, "label"), text(&method, "expires")),
        ("sandbox", "visa \u{2026}4242", "2031-12")
    );
    assert!(method["consented_at"].is_string());

    let one = format!("{OWN}/{}", text(&method, "id"));
    let of_ada = "/api/customers/ada/payment-methods";
    assert_eq!(kept(&app.admin(), of_ada).await.len(), 1);
    assert_eq!(kept(&ada, of_ada).await.len(), 1);
    let bob = app.customer("bob");
    bob.get(of_ada).await.problem(403, "forbidden");
    bob.call(Method::DELETE, &one).send().await.problem(404, "not_found");
    bob.call(Method::DELETE, &format!("{of_ada}/{}", text(&method, "id"))).send().await.problem(403, "forbidden");
    assert_eq!(kept(&bob, OWN).await, Vec::<Value>::new());

    let removed = ada.call(Method::DELETE, &one).send().await;
    assert_eq!((removed.status, removed.text.as_str()), (204, ""));
    assert_eq!(kept(&ada, OWN).await, Vec::<Value>::new(), "gone before the provider knows");
    ada.call(Method::DELETE, &one).send().await.problem(404, "not_found");
    // The provider is down when it is told, and told again.
    let books = app.oms.parts.sandbox.books().clone();
    app.oms.parts.sandbox.outage().fail_next(1);
    app.advance(QUARTER).await;
    assert!(!books.has_forgotten(&token).unwrap());
    app.advance(QUARTER).await;
    assert!(books.has_forgotten(&token).unwrap());
    app.finish().await;
}

#[tokio::test]
async fn only_the_customer_agrees() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 1)]).await;
    let body = json!({"provider": "sandbox", "keep_method": true});
    let refused = app.admin().paying(&order).json(&body).send().await;
    refused.problem(422, "validation_failed");
    assert_eq!(refused.pointers(), ["/keep_method"]);
    // The open page of another consent is not used again.
    let without = ada.paying(&order).send().await.expect(201);
    let with = ada.paying(&order).json(&body).send().await.expect(201);
    assert_ne!(without["payment_id"], with["payment_id"]);
    app.settle_page(text(&without, "payment_id"), "succeeded").await;
    app.settled().await;
    assert_eq!(kept(&ada, OWN).await, Vec::<Value>::new(), "the attempt that paid was without");
    app.finish().await;
}
