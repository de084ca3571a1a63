//! Every sample under `events/stripe` is read, and says what its name says.

use std::collections::BTreeMap;

use axum::Router;
use axum::routing::get;
use jiff::Timestamp;
use oms_app::ports::{PaymentGateway as _, RefundState, Webhook};
use oms_domain::payments::PaymentOutcome;
use oms_fakes::stripe::signature_header;
use oms_payments::stripe::StripeGateway;
use serde_json::Value;

use crate::bench::{WEBHOOK_SECRET, config, failed, money};

const ORDER: &str = "0190a5b0-7c3e-7000-8000-0000000000ff";
const PAYMENT: &str = "0190a5b0-7c3e-7000-8000-0000000000aa";
const REFUND: &str = "0190a5b0-7c3e-7000-8000-0000000000bb";
const INTENT: &str = "pi_3SZSampleIntent0001";

fn folder() -> String {
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/stripe").to_owned()
}

fn samples() -> BTreeMap<String, String> {
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let text = |path: std::path::PathBuf| {
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(path).unwrap())
    };
    files.map(text).collect()
}

/// A Stripe that has two answers, from files.
async fn answers() -> String {
    let answer = |name: &str| std::fs::read_to_string(format!("{}/answers/{name}.json", folder())).unwrap();
    let (intent, refunds) = (answer("payment_intent"), answer("refunds"));
    let routes = Router::new()
        .route(&format!("/v1/payment_intents/{INTENT}"), get(async move || intent))
        .route("/v1/refunds", get(async move || refunds));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}")
}

/// What each sample says, in one line.
fn said(webhook: &Webhook) -> String {
    match webhook {
        Webhook::Payment(told) => {
            assert_eq!((told.order_id.to_string(), told.payment_id.to_string()), (ORDER.into(), PAYMENT.into()));
            match &told.outcome {
                PaymentOutcome::Succeeded { reference, money: paid, kept } => {
                    assert_eq!((reference.as_str(), *paid), (INTENT, money("44.70 EUR")));
                    let kept = kept.as_ref().map(|kept| format!(", kept {} until {:?}", kept.label, kept.expires));
                    format!("paid{}", kept.unwrap_or_default())
                }
                PaymentOutcome::Processing => "processing".to_owned(),
                told @ PaymentOutcome::Failed { reason } => {
                    assert_eq!(told, &failed(reason));
                    format!("not paid: {reason}")
                }
            }
        }
        Webhook::Refund(told) => {
            assert_eq!((told.order_id.to_string(), told.refund_id.unwrap().to_string()), (ORDER.into(), REFUND.into()));
            assert_eq!((told.payment_reference.as_str(), told.money), (INTENT, money("14.90 EUR")));
            match &told.receipt.state {
                RefundState::Done => "refunded".to_owned(),
                RefundState::Pending => "refund pending".to_owned(),
                RefundState::Failed(reason) => format!("refund failed: {reason}"),
            }
        }
        Webhook::Disputed { payment_reference, order_id, reason, event_id: _, news: _ } => {
            assert_eq!((payment_reference.as_str(), order_id.unwrap().to_string()), (INTENT, ORDER.to_owned()));
            format!("disputed: {reason}")
        }
        Webhook::Approved { .. } => "approved".to_owned(),
        Webhook::Ignored => "ignored".to_owned(),
    }
}

#[tokio::test]
async fn every_sample_says_what_its_name_says() {
    let gateway = StripeGateway::new(config(&answers().await));
    let mut heard = BTreeMap::new();
    for (name, body) in samples() {
        let event: Value = serde_json::from_str(&body).unwrap();
        assert!(name.starts_with(event["type"].as_str().unwrap()), "{name}");
        let now = Timestamp::from_second(event["created"].as_i64().unwrap()).unwrap();
        let signature = signature_header(&[WEBHOOK_SECRET], now, body.as_bytes());
        let headers = vec![("stripe-signature".to_owned(), signature)];
        let webhook = gateway.read_webhook(&headers, body.as_bytes(), now).await.unwrap();
        heard.insert(name, said(&webhook));
    }
    let expected = [
        ("charge.dispute.created", "disputed: fraudulent"),
        ("charge.refund.updated", "refund failed: lost_or_stolen_card"),
        ("charge.refunded", "refunded"),
        ("checkout.session.async_payment_failed", "not paid: async_payment_failed"),
        ("checkout.session.async_payment_succeeded", "paid"),
        ("checkout.session.completed", "paid"),
        ("checkout.session.completed.kept", "paid, kept visa …4242 until Some(\"2031-08\")"),
        ("checkout.session.completed.unpaid", "processing"),
        ("checkout.session.expired", "not paid: expired"),
        ("payment_intent.payment_failed", "not paid: insufficient_funds"),
        ("refund.created", "refund pending"),
        ("refund.failed", "refund failed: expired_or_canceled_card"),
        ("refund.updated", "refunded"),
    ];
    assert_eq!(heard, expected.map(|(name, said)| (name.to_owned(), said.to_owned())).into());
}
