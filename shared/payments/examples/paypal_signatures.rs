//! Our half of `infra/checks/signatures_paypal.py`, in which OpenSSL has the other half.
//!
//! Judges notifications that OpenSSL signed, fetching their certificates from the check, and signs one as our fake does.
//! JSON in, JSON out.

#![allow(clippy::unwrap_used, reason = "a panic here is a failed check")]

use std::io::Read as _;
use std::sync::Arc;

use jiff::Timestamp;
use oms_app::ports::{Clock, PaymentGateway as _, WebhookError};
use oms_fakes::paypal::{CERTIFICATE_NAME, Options, PayPalFake, WEBHOOK_ID};
use oms_payments::Secret;
use oms_payments::paypal::{PayPalConfig, PayPalGateway};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Given {
    /// Where the check serves certificates.
    origin: String,
    roots: String,
    certificate_name: String,
    webhook_id: String,
    deliveries: Vec<Delivery>,
    /// When our fake signs.
    now: Timestamp,
    body: String,
}

#[derive(Deserialize)]
struct Delivery {
    headers: Vec<(String, String)>,
    body: String,
    now: Timestamp,
}

struct Still(Timestamp);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        self.0
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    let given: Given = serde_json::from_str(&text).unwrap();
    let live = PayPalConfig::live(String::new(), Secret::new(""), given.webhook_id, String::new());
    let config = PayPalConfig {
        certificate_origins: vec![given.origin],
        certificate_names: vec![given.certificate_name],
        trusted_roots: given.roots,
        ..live
    };
    let gateway = PayPalGateway::new(config, Arc::new(Still(given.now))).unwrap();
    let mut verdicts = Vec::new();
    for delivery in given.deliveries {
        // The bodies are of a kind about which PayPal is not asked.
        verdicts.push(match gateway.read_webhook(&delivery.headers, delivery.body.as_bytes(), delivery.now).await {
            Ok(_) | Err(WebhookError::Unreadable(_)) => "genuine",
            Err(WebhookError::Forged) => "forged",
            Err(WebhookError::OutOfTime) => "out of time",
            Err(WebhookError::Unavailable(_)) => "unavailable",
        });
    }
    let now = given.now;
    let fake = PayPalFake::new(Options::new(Arc::new(move || now)), "http://127.0.0.1").unwrap();
    let signer = fake.signer();
    let told = json!({
        "verdicts": verdicts,
        "webhook_id": WEBHOOK_ID,
        "certificate_name": CERTIFICATE_NAME,
        "root": fake.root_pem(),
        "chain": signer.chain_pem(),
        "headers": fake.envelope().seal(&signer, given.body.as_bytes()),
    });
    println!("{told}");
}
