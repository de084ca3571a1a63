//! The real adapters against providers that speak the real ones' wire format.

use std::time::Duration;

use oms_local::payments::Provider;
use serde_json::{Value, json};

use crate::app::{TestApp, User, start_app_with};
use crate::shop::{MUG, id, text};

/// Longest real time for a webhook to arrive and be taken.
const PATIENCE: Duration = Duration::from_secs(20);

async fn a_shop() -> TestApp {
    start_app_with(vec![Provider::Sandbox, Provider::StripeFake, Provider::PaypalFake]).await
}

impl TestApp {
    /// Waits until the order's payment is said to be this.
    async fn until_paid(&self, user: &User, order: &Value, wanted: &str) -> Value {
        let waiting = async {
            loop {
                let view = user.view(order).await;
                if view["payment"]["status"] == wanted {
                    return view;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("the payment is not {wanted}"))
    }
}

async fn open(user: &User, order: &Value, provider: &str) -> Value {
    let path = format!("/api/orders/{}/payments", id(order));
    user.post(&path, &json!({ "provider": provider })).await.expect(201)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stripe_is_paid_and_gives_back() {
    let app = a_shop().await;
    let ada = app.customer("ada");
    let stripe = app.oms.parts.providers.stripe.clone().unwrap();
    let order = ada.place(&[(MUG, 2)]).await;
    let opened = open(&ada, &order, "stripe").await;
    let page = stripe.page_of(text(&opened, "payment_id")).unwrap();
    assert_eq!(text(&opened, "redirect_url"), page.url);
    // A page that was opened later and left alone does not say who was paid.
    open(&ada, &order, "paypal").await;
    stripe.pay(&page.id).unwrap();
    let paid = app.until_paid(&ada, &order, "confirmed").await;
    assert_eq!((text(&paid, "status"), text(&paid["payment"], "provider")), ("confirmed", "stripe"));
    ada.cancel(&order).await.expect(200);
    let back = app.until_paid(&ada, &order, "refunded").await;
    assert_eq!(text(&back, "status"), "cancelled");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn paypal_is_approved_captured_and_gives_back() {
    let app = a_shop().await;
    let ada = app.customer("ada");
    let paypal = app.oms.parts.providers.paypal.clone().unwrap();
    let order = ada.place(&[(MUG, 2)]).await;
    let opened = open(&ada, &order, "paypal").await;
    let token = text(&opened, "redirect_url").split("token=").nth(1).unwrap().to_owned();
    paypal.approve(&token);
    let paid = app.until_paid(&ada, &order, "confirmed").await;
    assert_eq!((text(&paid, "status"), text(&paid["payment"], "provider")), ("confirmed", "paypal"));
    ada.cancel(&order).await.expect(200);
    app.until_paid(&ada, &order, "refunded").await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_that_stripe_does_not_tell_of_is_found() {
    let app = a_shop().await;
    let ada = app.customer("ada");
    let stripe = app.oms.parts.providers.stripe.clone().unwrap();
    let order = ada.place(&[(MUG, 1)]).await;
    let opened = open(&ada, &order, "stripe").await;
    let page = stripe.page_of(text(&opened, "payment_id")).unwrap();
    // Its webhooks are signed with a secret that we do not know, and refused.
    stripe.roll_webhook_secret("whsec_that_we_do_not_know");
    stripe.forget_old_webhook_secret();
    stripe.pay(&page.id).unwrap();
    app.advance(Duration::from_mins(11)).await;
    app.until_paid(&ada, &order, "confirmed").await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_an_order_that_is_over_are_closed() {
    let app = a_shop().await;
    let ada = app.customer("ada");
    let stripe = app.oms.parts.providers.stripe.clone().unwrap();
    let order = ada.place(&[(MUG, 1)]).await;
    let opened = open(&ada, &order, "stripe").await;
    open(&ada, &order, "paypal").await;
    app.advance(Duration::from_mins(31)).await;
    assert_eq!(ada.view(&order).await["status"], "cancelled");
    let page = stripe.page_of(text(&opened, "payment_id")).unwrap();
    assert!(stripe.pay(&page.id).is_err(), "nothing can be paid any more");
    app.finish().await;
}
