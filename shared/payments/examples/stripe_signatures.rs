//! Our half of `infra/checks/signatures.sh`, in which Stripe's own library has the other half.
//!
//! Reads what that library signed, judges it, signs in turn as our fake does, and makes every call that we make, so
//! that their parameters can be compared with the ones that the library knows. JSON in, JSON out.

#![allow(clippy::unwrap_used, reason = "a panic here is a failed check")]

use std::io::Read as _;
use std::sync::Arc;

use jiff::Timestamp;
use oms_app::ports::{PaymentGateway as _, RefundRequest, SessionRef, SessionRequest, SessionState, WebhookError};
use oms_domain::money::Money;
use oms_domain::payments::PaymentOutcome;
use oms_fakes::stripe::{Fault, Operation, Options, StripeFake, signature_header};
use oms_payments::Secret;
use oms_payments::stripe::{API_VERSION, StripeConfig, StripeGateway};
use serde::Deserialize;
use serde_json::{Value, json};

/// Where nobody answers: a signature is judged before anybody is asked.
const NOWHERE: &str = "http://127.0.0.1:1";

#[derive(Deserialize)]
struct Given {
    deliveries: Vec<Delivery>,
    to_sign: Vec<ToSign>,
}

/// A webhook, and with what it is to be verified when.
#[derive(Deserialize)]
struct Delivery {
    header: String,
    body: String,
    secrets: Vec<Secret>,
    now: i64,
}

#[derive(Deserialize)]
struct ToSign {
    body: String,
    secrets: Vec<String>,
    now: i64,
}

async fn verdict(delivery: Delivery) -> &'static str {
    let config = StripeConfig::new(Secret::new("sk_test_none"), delivery.secrets, "https://shop.example.test");
    let gateway = StripeGateway::new(StripeConfig { api_base: NOWHERE.to_owned(), retries: 0, ..config });
    let headers = [("stripe-signature".to_owned(), delivery.header)];
    let now = Timestamp::from_second(delivery.now).unwrap();
    match gateway.read_webhook(&headers, delivery.body.as_bytes(), now).await {
        Err(WebhookError::Forged) => "forged",
        Err(WebhookError::OutOfTime) => "out of time",
        Ok(_) | Err(WebhookError::Unreadable(_) | WebhookError::Unavailable(_)) => "genuine",
    }
}

/// One call of every kind, as the fake received them.
async fn calls() -> Vec<Value> {
    let now = Timestamp::from_second(1_764_583_200).unwrap();
    let options = Options::new(Arc::new(move || now));
    let config = StripeConfig::new(
        Secret::new(options.secret_key.as_str()),
        vec![Secret::new(options.webhook_secret.as_str())],
        "https://shop.example.test",
    );
    let stripe = StripeFake::start(options).await.unwrap();
    let gateway = StripeGateway::new(StripeConfig { api_base: stripe.base_url().to_owned(), ..config });
    let request = SessionRequest {
        order_id: "0190a5b0-7c3e-7000-8000-0000000000ff".parse().unwrap(),
        payment_id: "0190a5b0-7c3e-7000-8000-0000000000aa".parse().unwrap(),
        money: Money::parse("44.70", "EUR".parse().unwrap()).unwrap(),
        return_url: None,
        requested_at: now,
        expires_at: now,
        keep_for: Some("customer-1".parse().unwrap()),
    };
    let session = gateway.open(&request).await.unwrap().reference;
    let elsewhere = SessionRequest { return_url: Some("https://shop.example.test/else".to_owned()), ..request.clone() };
    gateway.open(&elsewhere).await.unwrap();
    let page = SessionRef { order_id: request.order_id, payment_id: request.payment_id, session };
    stripe.pay(&page.session).unwrap();
    gateway.close(&page).await.unwrap();
    let SessionState::Over(PaymentOutcome::Succeeded { reference, kept, .. }) = gateway.look_up(&page).await.unwrap()
    else {
        return Vec::new();
    };
    let refund = RefundRequest {
        refund_id: "0190a5b0-7c3e-7000-8000-0000000000bb".parse().unwrap(),
        order_id: request.order_id,
        payment_reference: reference,
        money: request.money,
    };
    gateway.refund(&refund).await.unwrap();
    gateway.find_refund(&refund).await.unwrap();
    for delivery in stripe.take_webhooks() {
        gateway.read_webhook(&delivery.headers, &delivery.body, now).await.unwrap();
    }
    let token = kept.unwrap().token;
    stripe.fail_next(Some(Operation::DetachMethod), Fault::Status(400));
    gateway.forget(&token).await.unwrap_err();
    gateway.forget(&token).await.unwrap();
    let names = |parameters: Vec<(String, String)>| parameters.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let told = stripe.log().into_iter();
    told.map(|call| json!({"method": call.method, "path": call.path, "parameters": names(call.parameters)})).collect()
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    let given: Given = serde_json::from_str(&text).unwrap();
    let mut verdicts = Vec::new();
    for delivery in given.deliveries {
        verdicts.push(verdict(delivery).await);
    }
    let sign = |to_sign: &ToSign| {
        let secrets: Vec<&str> = to_sign.secrets.iter().map(String::as_str).collect();
        signature_header(&secrets, Timestamp::from_second(to_sign.now).unwrap(), to_sign.body.as_bytes())
    };
    let headers: Vec<String> = given.to_sign.iter().map(sign).collect();
    let told = json!({
        "api_version": API_VERSION,
        "verdicts": verdicts,
        "headers": headers,
        "calls": calls().await,
    });
    println!("{told}");
}
