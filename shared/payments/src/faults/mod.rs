//! Faults that were found once, each under its row in docs/review.md.

#![allow(clippy::unwrap_used, reason = "a panic here is a failed test")]

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use oms_app::ports::{Clock, SecretError, Secrets};

use crate::setup::{Settings, providers, providers_at_hand};

/// Only Stripe's secret may be read.
struct Half;

#[async_trait]
impl Secrets for Half {
    async fn read(&self, reference: &str) -> Result<String, SecretError> {
        match reference {
            "stripe" => Ok(r#"{"secret_key":"sk_test_1","webhook_secrets":["whsec_1"]}"#.to_owned()),
            _ => Err(SecretError { reference: reference.to_owned(), reason: "AccessDeniedException".to_owned() }),
        }
    }
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

#[tokio::test]
async fn s13_a_secret_that_cannot_be_read_costs_the_sweep_one_provider_and_everybody_else_the_start() {
    let settings = Settings {
        stripe_secret_arn: "stripe".into(),
        paypal_secret_arn: "paypal".into(),
        shop_url: "https://shop.example".into(),
        delayed_payments: false,
    };
    let clock: Arc<dyn Clock> = Arc::new(Noon);
    assert!(providers(&settings, &Half, &clock).await.is_err());
    let left: Vec<String> =
        providers_at_hand(&settings, &Half, &clock).await.iter().map(|one| one.name().to_owned()).collect();
    assert_eq!(left, ["stripe"]);
}
